"""Training batches, drawn from the memory-mapped features and the tables beside them.

One kind of batch a file. What a sample shows in an epoch (crop, caption, place in the order) is
drawn from numbers of its own, :data:`hmu.models.batches.drawing.Draw`, so it does not depend on
which other samples there are.
"""
