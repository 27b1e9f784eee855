"""Metrics, one a file: pure functions of descriptions; :mod:`hmu.interface` has the contract."""
