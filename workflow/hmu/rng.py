"""Randomness that belongs to the sample, never to the order of the work."""

import hashlib
from collections.abc import Iterable

import numpy as np

_WEYL = np.uint64(0x9E3779B97F4A7C15)


def generator(seed: int, *address: str | int) -> np.random.Generator:
    """A generator of its own for ``(seed, *address)``, the same on every machine.

    The address names what the numbers are for, for example
    ``generator(seed, "generate", sample, repeat, draw)``; any batch size, shard or order of
    execution then draws the same numbers.
    """
    text = "\x1f".join([str(int(seed)), *map(str, address)])
    key = hashlib.blake2b(text.encode("utf-8"), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))


def keys(names: Iterable[str | int]) -> np.ndarray:
    """A random-looking uint64 for each name, for :func:`uniforms`."""
    digests = (hashlib.blake2b(str(name).encode("utf-8"), digest_size=8).digest() for name in names)
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def numbered(base: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Keys of numbered things that belong to the things of keys ``base``, uint64 (n,)."""
    return _mixed(base + _WEYL * numbers.astype(np.uint64))


def uniforms(address: tuple[str | int, ...], of: np.ndarray, draws: int) -> np.ndarray:
    """Uniform float64 numbers in [0, 1), (n, draws), for things of keys ``of``, uint64 (n,).

    They belong to ``address`` and the key alone, as those of :func:`generator`, but many keys are
    served at once: SplitMix64 (Steele, Lea and Flood, 2014), a stream for each key.
    """
    text = "\x1f".join(map(str, address))
    digest = hashlib.blake2b(text.encode("utf-8"), digest_size=16).digest()
    turn, start = np.frombuffer(digest, dtype="<u8").astype(np.uint64)
    state = _mixed(_mixed(of ^ turn) + start)
    steps = _WEYL * np.arange(1, draws + 1, dtype=np.uint64)
    return (_mixed(state[:, None] + steps) >> np.uint64(11)) * 2.0**-53


def _mixed(x: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64, which changes half of the bits for each bit that changes."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
