"""The tokens of all sequences of a batch in one list, without padding.

The blocks of a transformer spend nearly all their time on single tokens; only attention sees them
as (batch, sequence). On the processor sequences of equal length lie side by side in the list, and
attention takes each length by itself: nothing is padded or copied.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Packing:
    """Where the tokens of a list lie among (batch, length).

    ``rows``: place of each among batch x length; None: as they come. ``groups``: how many
    sequences of which length follow each other in the list; None: attention takes (batch, length)
    as a whole, and sees what ``visible`` (bool, broadcast to (batch, heads, length, keys)) says.
    With a memory, ``start`` is where the first of ``length`` lies in it, and ``keys`` counts its
    positions that attention takes; such a packing has no groups.
    """

    batch: int
    length: int
    rows: Tensor | None = None
    groups: tuple[tuple[int, int], ...] | None = None
    visible: Tensor | None = None
    start: int = 0
    keys: int | None = None

    @classmethod
    def of(
        cls, batch: int, length: int, padding: Tensor | None, visible: Tensor | None = None
    ) -> "Packing":
        """The packing of sequences whose ``padding`` (batch, length) is True.

        ``visible``: bool, broadcast to (batch, length, length), what each token sees. Without it,
        each sees all of its sequence, and the padding lies behind the ends.
        """
        seen = None if visible is None else visible[:, None]
        if padding is None or not bool(padding.any()):
            return cls(batch, length, visible=seen)
        present = ~padding
        if seen is not None or padding.device.type != "cpu":
            rows = present.flatten().nonzero().squeeze(1)
            return cls(batch, length, rows, None, present[:, None, None] if seen is None else seen)
        lengths, order = present.sum(1).sort(stable=True)
        places = order.unsqueeze(1) * length + torch.arange(length)
        sizes, counts = lengths.unique_consecutive(return_counts=True)
        groups = tuple(zip(counts.tolist(), sizes.tolist(), strict=True))
        return cls(batch, length, places[present[order]], groups)

    def pack(self, x: Tensor) -> Tensor:
        """(batch, length, D) to the list (tokens, D)."""
        flat = x.reshape(self.batch * self.length, x.shape[-1])
        return flat if self.rows is None else flat.index_select(0, self.rows)

    def spread(self, packed: Tensor) -> Tensor:
        """The list (tokens, D) to (batch, length, D), zero where there is no token."""
        if self.rows is not None:
            empty = packed.new_zeros(self.batch * self.length, packed.shape[-1])
            packed = empty.index_copy(0, self.rows, packed)
        return packed.view(self.batch, self.length, -1)

    def sequences(self, packed: Tensor) -> list[Tensor]:
        """The list (tokens, D) as attention takes it: one or more (sequences, their length, D)."""
        if self.groups is None:
            return [self.spread(packed)]
        parts = packed.split([count * size for count, size in self.groups])
        shapes = zip(parts, self.groups, strict=True)
        return [part.view(count, size, -1) for part, (count, size) in shapes]

    def places(self, wanted: Tensor) -> Tensor:
        """Where in the list the tokens lie that ``wanted`` (batch, length) says, row by row."""
        flat = wanted.flatten().nonzero().squeeze(1)
        if self.rows is None:
            return flat
        place = torch.empty(self.batch * self.length, dtype=torch.long, device=flat.device)
        place[self.rows] = torch.arange(len(self.rows), device=flat.device)
        return place[flat]

    def joined(self, parts: list[Tensor]) -> Tensor:
        """The list (tokens, D) of what :meth:`sequences` gave."""
        if self.groups is None:
            return self.pack(parts[0])
        return torch.cat([part.reshape(-1, part.shape[-1]) for part in parts])


def padding_of(lengths: Tensor, longest: int) -> Tensor:
    """Bool (B, longest), True behind the end of each sequence of ``lengths`` (B,)."""
    return torch.arange(longest, device=lengths.device) >= lengths.unsqueeze(1)
