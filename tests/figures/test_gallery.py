"""The page of all figures: what a reader finds on it, and that names on it are only text."""

import json
from pathlib import Path

import pytest

from hmu.figures import gallery
from hmu.generation import brought
from hmu.run.job import Job

HOSTILE = '<b onmouseover="x">&'


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Three figures of two categories, one of which a detector speaks of."""
    captions = [tmp_path / "curve.rst", tmp_path / "inject.rst"]
    captions[0].write_text("What ``k`` does in {{ snakemake.wildcards.curve }}.")
    captions[1].write_text("Codes in other\nmotions.")
    found = {
        "name": "before",
        "presence": {"above": 1, "low": 0.0, "high": 0.5},
    }
    told = tmp_path / "presence.json"
    test = {"auc": 0.9, "forget": {"share": 0.8}, "retain": {"share": 0.05}}
    record = {"concept": "violence", "prompts": 3, "shares": [found]}
    told.write_text(json.dumps({**record, "detectors": {"presence": {"test": test}}}))

    def picture(category: str, name: str, number: int, **wildcards: str) -> dict[str, object]:
        title = " · ".join(wildcards.values())
        return {
            "category": category,
            "title": title,
            "name": name,
            "wildcards": wildcards,
            "caption": number,
        }

    return Job(
        step="tables",
        inputs={
            "pictures": [tmp_path / name for name in ("k.svg", "picture.png", "alpha.svg")],
            "captions": captions,
            "brought": [told],
        },
        outputs={},
        settings={
            "pictures": [
                picture("Curves", "figures/curves/k.svg", 0, curve="k"),
                picture("Codes", "figures/injections/a b/picture.png", 1, injection=HOSTILE),
                picture("Curves", "figures/curves/alpha.svg", 0, curve="alpha"),
            ],
            "injections": ["figures/injections/a b/picture.png"],
        },
    )


def test_captions_name_what_the_address_names_and_what_the_detector_says(job: Job) -> None:
    first, second, third = gallery.figures(job)
    assert first.caption == "What k does in k."
    assert third.caption == "What k does in alpha."
    assert second.caption.startswith("Codes in other motions. The detector of violence finds it in")
    assert brought.BEFORE in second.caption


def test_page_shows_each_figure_under_its_category(job: Job) -> None:
    text = gallery.page(gallery.figures(job))
    places = [
        text.index(each)
        for each in (
            "<h2>Curves</h2>",
            'src="../figures/curves/k.svg"',
            'src="../figures/curves/alpha.svg"',
            "<h2>Codes</h2>",
            'src="../figures/injections/a%20b/picture.png"',
        )
    ]
    assert places == sorted(places)
    assert "snakemake results/figures/curves/k.svg" in text
    assert HOSTILE not in text
    assert "&lt;b onmouseover=&quot;x&quot;&gt;&amp;" in text
