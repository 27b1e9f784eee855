"""What UCE and RECE are told to preserve, and what is wrong with it before anything runs.

Nothing here imports torch: planning asks.
"""

from collections.abc import Iterator, Sequence

from hmu.interface.methods import Planned
from hmu.taggers.rules import lemma


def left_out(texts: Sequence[str], keywords: Sequence[str]) -> list[str]:
    """Those of ``texts`` that are the concept itself: they hold a keyword, or are the dictionary
    form of one."""
    forms = {lemma(keyword.lower(), pos) for keyword in keywords for pos in ("VERB", "NOUN")}
    held = [keyword.lower() for keyword in keywords]
    return [
        text
        for text in texts
        if text.lower() in forms or any(keyword in text.lower() for keyword in held)
    ]


def nothing_left(texts: Sequence[str], concept: str) -> str:
    """What is wrong where all ``texts`` are left out."""
    return (
        f"all of {', '.join(texts)} hold keywords of {concept!r}, so nothing is left to preserve; "
        "add other words."
    )


def faults(planned: Planned) -> Iterator[tuple[str, str]]:
    """Nothing to preserve, and equations that have no solution whatever the numbers in them, as
    CHECKS of a method has it."""
    params, keywords = planned.params, planned.keywords
    preserved = params["captions"]  # at most
    if params["preserve"] == "words":
        words = params["words"]
        without = left_out(words, keywords)
        preserved = len(words) - len(without)
        if not preserved:
            yield "words", nothing_left(without, planned.address["concept"])
    if planned.text_dim is not None:
        yield from _singular(planned, preserved, planned.text_dim)


def _singular(planned: Planned, preserved: int, text_dim: int) -> Iterator[tuple[str, str]]:
    """Sums of outer products of fewer vectors than a text has values, with nothing added to them:
    of the texts (``lambda``), and of the layers' rows, in RECE (``rho``)."""
    params = planned.params
    texts = len(planned.keywords) * (params["erase_scale"] > 0)
    texts += preserved * (params["preserve_scale"] > 0)
    if params["lambda"] == 0 and texts < text_dim:
        yield "lambda", _too_few(f"{texts} texts", text_dim)
    latents = [sizes.get("latent") for part, sizes in planned.sizes.items() if part != "tokenizer"]
    known = [latent for latent in latents if latent is not None]
    if params.get("rho") == 0 and len(known) == len(latents) and sum(known) < text_dim:
        yield "rho", _too_few(f"layers with {sum(known)} outputs", text_dim)


def _too_few(given: str, text_dim: int) -> str:
    return f"is 0, and {given} leave the equations of {text_dim} values open; write more than 0."
