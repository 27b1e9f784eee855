"""From the repeats of a metric to the tables of the paper.

``addresses`` says what a number measures and where it stands. ``layouts`` reads which rows and
columns a table has, ``binding`` fills them with what is configured and gives the address of each
cell, ``cells`` computes the number of one. ``table`` puts cells together and finds the best,
``notes`` says what they are, ``writers`` write each form. The layouts themselves are in
``workflow/tables``.
"""
