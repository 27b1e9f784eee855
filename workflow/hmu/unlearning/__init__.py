"""From what a method declares to a checkpoint, and which codes belong to a concept."""
