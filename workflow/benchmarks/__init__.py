"""Speed beside the official code: `make bench REFERENCE=path`.

Each module of :mod:`benchmarks.cases` is one benchmark. It sets both sides up with the same weights
and the same inputs, checks that they do the same work, and yields what is to be timed.
"""
