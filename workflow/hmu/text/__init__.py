"""Text: captions, evaluation samples, concepts, word vectors and CLIP's text encoder."""
