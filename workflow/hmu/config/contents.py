"""What the user's files hold otherwise than a configuration says, as far as a look at them tells:
another form of raw data, no mean to take, official models of other sizes."""

from collections.abc import Iterator
from pathlib import Path

from hmu.config.configuration import Configuration
from hmu.errors import InputError
from hmu.io import arrays
from hmu.official import layout, releases, sizes, tmr
from hmu.official.sources import DOWNLOAD
from hmu.raw_data.styles import STYLES, marked
from hmu.sections.dataset import DatasetSection


def of_files(
    config: Configuration, datasets: list[str], backbones: list[str], root: Path
) -> Iterator[str]:
    """The faults, of datasets and backbones whose paths are there, relative to ``root``."""
    for name in datasets:
        dataset = config.datasets[name]
        if dataset.raw is not None:
            yield from _of_raw(f"datasets.{name}", dataset, root / dataset.raw)
        if dataset.tmr and dataset.token_embeddings:
            folders = (root / dataset.tmr, root / dataset.token_embeddings)
            yield from _of_tmr(f"datasets.{name}", *folders)
    for name, backbone in config.trained().items():
        if name in backbones and backbone.weights not in (None, DOWNLOAD):
            yield from _of_weights(config, name, root)


def _of_raw(key: str, dataset: DatasetSection, raw: Path) -> Iterator[str]:
    if not marked(raw, dataset.source):
        others = [name for name in STYLES if marked(raw, name)]
        hint = f"it has what the source {others[0]!r} has: write that" if others else "correct it"
        yield f"{key}.raw: {raw} has nothing that the source {dataset.source!r} reads; {hint}."
    elif dataset.statistics == "published":
        for file in ("Mean.npy", "Std.npy"):
            if not (raw / file).is_file():
                yield (
                    f"{key}.statistics: is 'published', and {raw} has no {file}; put it there, or "
                    "write computed."
                )


def _of_tmr(key: str, checkpoint: Path, embeddings: Path) -> Iterator[str]:
    """Token embeddings of another width than the text encoder reads."""
    vectors = tmr.token_embeddings(embeddings)["token_vectors"]
    try:
        wanted = tmr.sizes(tmr.checkpoint(checkpoint)["options"]).text_dim
        width = arrays.read_array(vectors).shape[-1:]
    except (InputError, arrays.BadArray) as error:
        named = f"{vectors} " if isinstance(error, arrays.BadArray) else ""
        yield f"{key}.tmr: {named}{error}"
        return
    if width != (wanted,):
        yield (
            f"{key}.token_embeddings: {vectors} has tokens of {', '.join(map(str, width))} values, "
            f"and the TMR in {checkpoint} reads {wanted}; give the embeddings that it was trained "
            "on."
        )


def _of_weights(config: Configuration, name: str, root: Path) -> Iterator[str]:
    """Sizes of a backbone's own parts that are not those of its official files."""
    trained = config.trained()
    backbone = trained[name]
    tokenizer = trained[backbone.shares or name].weights or backbone.weights
    released = releases.parts(backbone.kind)
    for part, section in backbone.parts().items():
        if backbone.shares is None or part not in backbone.shared:
            place = f"backbones.{name}.{part}"
            folders = (root / str(backbone.weights), backbone.file, root / str(tokenizer))
            try:
                found = layout.inputs(released, part, *folders)
                yield from sizes.misfits(released[part], found, section.model_dump(), place)
            except InputError as error:
                yield f"{place}: {error}"
