"""Motions that were made elsewhere: no model, but the motions that one made, in a directory."""

PARTS: dict[str, dict[str, str]] = {}
MOTIONS = "hmu.backbones.generations.folder"
