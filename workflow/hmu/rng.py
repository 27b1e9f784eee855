"""Randomness that belongs to the sample, never to the order of the work."""

import hashlib

import numpy as np


def generator(seed: int, *address: str | int) -> np.random.Generator:
    """A generator of its own for ``(seed, *address)``, the same on every machine.

    The address names what the numbers are for, for example
    ``generator(seed, "generate", sample, repeat, draw)``; any batch size, shard or order of
    execution then draws the same numbers.
    """
    text = "\x1f".join([str(int(seed)), *map(str, address)])
    key = hashlib.blake2b(text.encode("utf-8"), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))
