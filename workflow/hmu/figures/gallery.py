"""All figures of a run, each with its caption, and the page that shows them."""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import jinja2

from hmu import paths
from hmu.generation import brought
from hmu.io import files
from hmu.io.inert import html
from hmu.run.job import Job
from hmu.tables.writers.webpage import document

_TITLE = "Human motion unlearning: figures"


@dataclass(frozen=True)
class Figure:
    """A picture of a run; ``name`` is its path in the folder of the results, ``wildcards`` what its
    address names."""

    category: str
    title: str
    name: str
    wildcards: Mapping[str, str]
    path: Path
    caption: str


def figures(job: Job) -> list[Figure]:
    """The figures that a job is given, in their order.

    ``pictures`` are those of the setting of that name (each with category, title, name, wildcards
    and the number of its caption among ``captions``), ``brought`` what detectors say of those that
    the setting ``injections`` names.
    """
    captions = job.input_list("captions")
    found = zip(job.settings["injections"], job.input_list("brought"), strict=True)
    said = {name: brought.sentence(files.read_json(path)) for name, path in found}
    return [
        Figure(
            told["category"],
            told["title"],
            told["name"],
            told["wildcards"],
            path,
            " ".join(
                [
                    caption(captions[told["caption"]], told["wildcards"]),
                    *([said[told["name"]]] if told["name"] in said else []),
                ]
            ),
        )
        for told, path in zip(job.settings["pictures"], job.input_list("pictures"), strict=True)
    ]


def caption(path: Path, wildcards: Mapping[str, str]) -> str:
    """The caption that Snakemake's own report has for a figure, as plain text.

    It is a template that knows the figure's ``snakemake.wildcards``.
    """
    text = path.read_text(encoding="utf-8").replace("``", "")  # reStructuredText's marks of names
    template = jinja2.Template(text, undefined=jinja2.StrictUndefined)
    told = SimpleNamespace(wildcards=SimpleNamespace(**wildcards))
    return " ".join(template.render(snakemake=told).split())


def by_category(shown: Iterable[Figure]) -> dict[str, list[Figure]]:
    """Figures under their category, both in their order."""
    found: dict[str, list[Figure]] = {}
    for figure in shown:
        found.setdefault(figure.category, []).append(figure)
    return found


def page(shown: Iterable[Figure]) -> str:
    """The page, which lies beside the index of the tables and shows the figures where they are."""
    sections = "".join(
        f"<h2>{html(category)}</h2>\n{''.join(map(_figure, group))}"
        for category, group in by_category(shown).items()
    )
    about = '<p class="about">Each is made alone by its path.</p>\n'
    back = '<nav><a href="index.html">All tables</a></nav>\n'
    return document(_TITLE, f"<h1>{_TITLE}</h1>\n{about}{sections}{back}")


def _figure(figure: Figure) -> str:
    path = f"{paths.RESULTS}/{figure.name}"
    link = quote(posixpath.relpath(path, paths.tables()), safe="/@")
    title = f"{figure.category}: {figure.title}"
    return (
        f'<figure><a href="{link}"><img src="{link}" loading="lazy" alt="{html(title)}"></a>\n'
        f"<figcaption><b>{html(figure.title)}</b> {html(figure.caption)} "
        f"<code>snakemake {html(path)}</code></figcaption></figure>\n"
    )
