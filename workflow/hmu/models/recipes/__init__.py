"""How parts of a backbone are trained: from what, and in which batches.

Each module is a recipe as the literal PARTS of a backbone names it (:mod:`hmu.interface`).
"""
