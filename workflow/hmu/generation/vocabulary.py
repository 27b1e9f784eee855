"""Words that a model was never trained on, as far as the records of its training tell."""

from collections.abc import Iterable
from pathlib import Path

from hmu.errors import InputError
from hmu.io import parquet
from hmu.provenance.lineage import Lineage
from hmu.text import words


def unseen(parts: Iterable[Path], texts: Iterable[str]) -> list[str]:
    """Words of ``texts`` in no caption that a model was trained on; ``parts`` are its files.

    None where that cannot be known: of a model that was imported or copied, or whose captions have
    gone.
    """
    samples = next(filter(None, map(_samples, parts)), None)
    if samples is None:
        return []
    table = parquet.read(samples, columns=["caption", "split"]).to_pydict()
    captions = (c for c, split in zip(*table.values(), strict=True) if split == "train")
    return words.unseen(captions, texts)


def _samples(part: Path) -> Path | None:
    """The samples that the training of a part read, by its record."""
    try:
        lineage = Lineage.around(part, tolerant=True)
    except InputError:
        return None
    record = lineage.record(lineage.name(part))
    named = [name for name in (record.inputs if record else ()) if name.endswith("samples.parquet")]
    paths = [path for path in map(lineage.path, named) if path.is_file()]
    return paths[0] if paths else None
