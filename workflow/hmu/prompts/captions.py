"""The captions of the dataset's test split: each is a prompt, and stands for its own motion."""

from collections.abc import Iterator

from hmu.interface.prompts import Prompt, PromptContext

PARAMS: dict[str, object] = {}
FILES: tuple[str, ...] = ()


def prompts(context: PromptContext) -> Iterator[Prompt]:
    """One prompt a sample, of the sample's name."""
    rows = context.samples[["sample", "caption", "tokens"]]
    for sample, caption, tokens in rows.itertuples(index=False):
        yield Prompt(sample, caption, tokens, sample)
