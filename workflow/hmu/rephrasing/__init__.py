"""The phrase book: captions in which motions are described instead of named, without a network."""
