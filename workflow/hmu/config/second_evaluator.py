"""Where the second evaluator of a table is from: the pages of tables say it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hmu.config.configuration import Configuration
from hmu.tables.addresses import CellAddress, by_model

MODEL = "tmr"


def of_tables(
    config: Mapping[str, Any], cells: Mapping[str, Sequence[CellAddress]]
) -> dict[str, list[str]]:
    """For each table of a validated configuration, by its ``cells``, where the TMR behind it is
    from, a sentence for each dataset; none where no number is by TMR."""
    given = Configuration.model_validate(config, strict=False)
    return {table: list(_of_table(given, own)) for table, own in cells.items()}


def _of_table(given: Configuration, cells: Sequence[CellAddress]) -> Iterator[str]:
    for name in dict.fromkeys(cell.dataset for cell in cells if by_model(cell.metric, MODEL)):
        dataset = given.datasets[name]
        if dataset.tmr is not None:
            yield f"TMR of the dataset {name} is the checkpoint in {dataset.tmr}."
            continue
        if dataset.token_embeddings is not None:
            text = f"the token embeddings in {dataset.token_embeddings}"
        elif given.text_encoder.weights is not None:
            text = "CLIP's embedding of each caption, in the place of DistilBERT's tokens"
        else:
            text = "the mean word vector of each caption, in the place of DistilBERT's tokens"
        yield (
            f"TMR of the dataset {name} was trained here, on {text}: its numbers stand beside each "
            "other, and beside no published ones."
        )
