"""Text as data: captions, units of evaluation, concepts, word vectors, CLIP's text tower."""
