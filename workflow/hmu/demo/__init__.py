"""The built-in dataset: motions made by procedure and captions by grammar, written as raw data.

``motions`` says what can be done, ``script`` what one clip does, ``puppet`` turns controls into
joint rotations, ``grammar`` into sentences, ``body`` makes the body models, and ``raw`` writes the
trees that HumanML3D's and Motion-X's users would download. Nothing here comes from a dataset.
"""
