"""Forms of raw data, one file each; :mod:`hmu.interface` says what a file must hold."""
