"""What a configuration may say of BAMM: what it may of MoMask, whose other parts it has."""

from hmu.backbones.momask import sections as momask


class Section(momask.Section):
    """A text-to-motion model: sizes and training of its three parts, or official weights."""
