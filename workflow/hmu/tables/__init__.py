"""From the repeats of a metric to the tables of the paper.

``addresses`` says what a number measures and where it stands. ``layouts`` are tables as data,
which ``layout_files`` reads from ``workflow/tables``; ``binding`` fills one with what is
configured, with the rows that ``rows`` chooses, and gives the address of each cell. ``cells``
computes the number of one. ``table`` puts cells together and finds the best, ``notes`` says what
they are, ``writers`` write each form. ``audit`` reads what is found of the paper's own values,
``evidence`` shows it.
"""
