"""Unlearning methods, one file each; :mod:`hmu.unlearning` says what such a file holds."""
