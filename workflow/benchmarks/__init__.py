"""Speed beside the official code: `make bench REFERENCE=path`.

Each module of :mod:`benchmarks.cases` is one benchmark. It sets both sides up with the same weights
and the same inputs, and yields what is to be timed. That both give the same, the tests check.
"""
