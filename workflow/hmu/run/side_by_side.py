"""Independent batches beside each other, on as many cores as torch may use.

torch shares one operator among its threads, and gains less with each; batches that have a thread
of their own do not wait for one another, and compute the same whatever their number.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    work: Callable[[Item], Result], items: Sequence[Item], device: torch.device
) -> Iterator[Result]:
    """``work(item)`` of each item, in order; on the processor, several at once.

    As many as torch has threads, with one thread each: what an operator computes may depend on how
    many share it. ``work`` runs in threads of its own and therefore sets gradient and precision
    modes itself. A GPU takes one item at a time. What ``work`` raises is raised here, and no
    further item is begun.
    """
    threads = torch.get_num_threads()
    if threads == 1 or device.type != "cpu":
        yield from map(work, items)
        return
    try:
        with ThreadPoolExecutor(threads, "batch", torch.set_num_threads, (1,)) as pool:
            yield from pool.map(work, items)
    finally:
        torch.set_num_threads(threads)  # what a worker sets, threads begun later would have too


def batch_size(count: int, most: int, device: torch.device) -> int:
    """How many of ``count`` items make a batch: ``most``, or fewer if cores were idle otherwise."""
    if device.type != "cpu":
        return most
    return max(1, min(most, math.ceil(count / torch.get_num_threads())))


def longest_first(order: np.ndarray, size: int) -> list[np.ndarray]:
    """Batches of ``size`` rows of ``order``, in which the shortest come first, from its end on.

    Short work at the end leaves no core waiting long for the others.
    """
    return [order[begin : begin + size] for begin in range(0, len(order), size)][::-1]
