"""How far, how fast and how long still: one line at a time, fit for logs and for jobs side by side.

A bar that redraws itself is unreadable in a log file, and when several jobs share a terminal.
"""

import sys
from collections.abc import Collection, Iterator
from typing import Any, TypeVar

from tqdm import tqdm

_SECONDS = 10.0
_FORMAT = (
    "{desc}: {n_fmt}/{total_fmt}{unit} ({percentage:.0f}%) at {rate_fmt}, {remaining} left{postfix}"
)


Item = TypeVar("Item")


class Progress(tqdm):
    """A tqdm that prints a line at most every ten seconds, and one at the end."""

    def __init__(self, total: int, description: str, unit: str, initial: int = 0) -> None:
        """``total`` things, named ``unit`` in the plural; ``initial`` of them are done already."""
        self.printed: float = initial
        super().__init__(
            total=total,
            desc=description,
            unit=f" {unit}",
            initial=initial,
            mininterval=_SECONDS,
            miniters=1,
            bar_format=_FORMAT,
            file=sys.stderr,
            dynamic_ncols=False,
        )

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        """Print the state as a line, if anything was done since the last one."""
        if self.n > self.printed:
            print(msg if msg is not None else str(self), file=sys.stderr, flush=True)
        self.printed = self.n

    def close(self) -> None:
        """Print the last line. tqdm's own would add an empty one."""
        if not self.disable:
            self.display()
            self.disable = True

    def note(self, **values: Any) -> None:
        """What the next line says at its end."""
        self.set_postfix(values, refresh=False)


def each(items: Collection[Item], description: str, unit: str) -> Iterator[Item]:
    """The items one by one, with progress."""
    with Progress(len(items), description, unit) as progress:
        for item in items:
            yield item
            progress.update()
