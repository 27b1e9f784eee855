"""What is said about a motion or a text, one a file; :mod:`hmu.interface` has the contract."""
