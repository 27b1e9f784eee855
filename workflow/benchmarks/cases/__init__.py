"""One benchmark a module: ``cases(bench)`` yields a :class:`benchmarks.timing.Case` for each row.

What a case needs is set up before its ``yield`` and taken down after it. A module that finds
something missing raises :class:`benchmarks.timing.Skip` with the reason.
"""
