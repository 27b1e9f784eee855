"""Unlearning methods, one file each; :mod:`hmu.unlearning` says what a file must hold."""
