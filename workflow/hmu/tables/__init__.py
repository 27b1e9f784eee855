"""From the repeats of a metric to the tables of the paper.

``layouts`` reads which rows and columns a table has and so which cells, ``cells`` computes the
number of one cell, ``table`` puts cells together and writes CSV, Markdown and LaTeX, ``webpage``
writes HTML. ``listing`` is `hmu cells`. The layouts themselves are in ``workflow/tables``.
"""
