"""Unlearning methods, one file each; :mod:`hmu.unlearning.context` says what a file must hold."""
