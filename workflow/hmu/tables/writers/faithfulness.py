"""What `hmu.tables.faithfulness` finds, as Markdown."""

from collections.abc import Sequence

from hmu.tables.faithfulness import Faithful
from hmu.tables.writers import number, pipes

_HEADS = (
    *("Metric", "Faithfulness (AUC)", "p", "With the concept", "Without it", "Won by a control"),
    "Robustness",
)
_NOTES = (
    (
        "Faithfulness: of all pairs of a model with the concept and one that was trained without "
        "it, the share in which the second is better by the column's arrow. 1 tells them apart "
        "without an error, 0.5 says nothing; below, the arrow points the wrong way."
    ),
    "p: the share of all ways to split these models in two in which it would be as high.",
    "With the concept, without it: the value of each model, in the order of the table's rows.",
    (
        "Won by a control: a row whose motions are broken on purpose is better than every model "
        "without the concept; as good: it equals the best of them; no: some of them is better than "
        "the best such row."
    ),
    "Robustness, under attacks, is not measured yet.",
)


def text(title: str, found: Sequence[Faithful]) -> str:
    """A line for each metric, and what the columns mean."""
    lines = [pipes(_HEADS), pipes([":--", *["--:"] * 4, ":--", "--:"])]
    for each in found:
        if each.auc is None or each.p is None:
            lines.append(pipes([each.title, *["–"] * (len(_HEADS) - 1)]))
            continue
        reached = f"{each.p:.3g} ({round(each.p * each.splits)} of {each.splits})"
        models = [", ".join(map(number, values)) for values in (each.had, each.never)]
        lines.append(pipes([each.title, number(each.auc), reached, *models, _won(each), "–"]))
    empty = (
        f"{each.title}: no model has a value, because {each.why}." for each in found if each.why
    )
    notes = [f"- {note}" for note in (*_NOTES, *empty)]
    return "\n".join([f"# {title}", "", *lines, "", *notes, ""])


def _won(each: Faithful) -> str:
    """Whether a control wins a column, and which control is the best, with what value."""
    if each.beside is None:
        return "–"
    how = "" if each.beside.won else "as good: " if each.beside.tied else "no: "
    label, value = each.beside.control
    return f"{how}{label}, {number(value)}"
