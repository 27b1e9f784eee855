"""The paper's sixteen tables, made from the reduced configuration's models."""

import csv
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hmu.io.codes import CodeTable
from hmu.run.job import Job
from support import tex
from support.project import CONFIG, Project, jobs, shown, told

SIXTEEN = "tests/sixteen.yaml"
OTHER = "demo-x"
"""Motion-X's raw form, with backbones of strides 1 and 3."""
FRAMES = {"momask-stride-1": 1, "momask-stride-3": 9}
"""Those of a token."""
WORDS = ("results/tables", "--configfile", CONFIG, SIXTEEN, "--cores", "2")


@pytest.mark.long(6)
def test_every_layout_of_the_paper_makes_its_table(project: Project) -> None:
    """From what the shared run has made, and few models more: no part is trained again, and those
    of other data for the first time."""
    done = project.run("snakemake", "results/report", *WORDS)
    assert done.returncode == 0, shown(done)[-10_000:]
    made = [job.partition(" ") for job in jobs(shown(done))]
    assert {"unlearn", "unlearn_by_training", "pairs", "cost"} <= {rule for rule, _, _ in made}
    from_raw = [name for rule, _, name in made if rule in ("part", "evaluator", "ingest")]
    assert len(from_raw) == 14
    assert {name.split("/")[0] for name in from_raw} == {OTHER}
    pages = project.root / "results/tables/pages"
    index = (pages.parent / "index.html").read_text(encoding="utf-8")
    for number in range(1, 17):
        for form in ("csv", "md", "tex", "html"):
            assert (pages / f"paper-{number}.{form}").stat().st_size > 500
        assert f'href="pages/paper-{number}.html"' in index
        with (pages / f"paper-{number}.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        measured = [
            name for name in rows[0] if re.match(r"(forget|retain|explicit|implicit)-", name)
        ]
        values = [row[name] for row in rows for name in measured if not name.endswith("±")]
        assert all(math.isfinite(float(value)) for value in values if value)
        page = (pages / f"paper-{number}.html").read_text(encoding="utf-8")
        assert "n/a" not in page
    if tex.is_at_hand():
        assert tex.pages(tex.tables(sorted(pages.glob("*.tex"))), project.root / "tex") >= 16
    assert (project.root / "results/report/index.html").stat().st_size > 10_000
    labels = (pages / "paper-7.md").read_text(encoding="utf-8")
    assert "LCR composed, kick 4 and violence 2" in labels
    assert (pages / "paper-1.md").read_text(encoding="utf-8").count("| w/ UCE |") == 2
    assert 'id="lcr-row-is-composed"' in (pages.parent / "audit.html").read_text(encoding="utf-8")
    check_other_data(project.root / "results")


def check_other_data(results: Path) -> None:
    """Another raw form, frame rate and other strides: numbers in every cell, and every motion as
    long in data, codes, prompts and generations as its raw file says, whole tokens or not."""
    page = results / "tables/pages/motion-x"
    with page.with_suffix(".csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["row"]: row for row in csv.DictReader(stream)}
    assert [*rows] == ["stride-1-retrained", "stride-1-lcr", "stride-3-retrained", "stride-3-lcr"]
    columns = ("forget-fid", "forget-mm_safe", "retain-fid", "retain-mm_dist")
    assert all(float(row[name]) > 0 for row in rows.values() for name in columns)
    text = page.with_suffix(".md").read_text(encoding="utf-8")
    assert "no backbone momask-stride-2: the rows stride-2-retrained, stride-2-lcr." in text

    raw = results / f"data/{OTHER}/raw/motion_data/smplx_322"
    seconds = {
        path.relative_to(raw).with_suffix("").as_posix().replace("/", "__"): len(np.load(path)) / 30
        for path in raw.rglob("*.npy")
    }
    clips = pd.read_parquet(results / f"data/{OTHER}/joints/index.parquet")
    assert {*clips["clip"]} == {*seconds}
    assert (clips["length"] - clips["clip"].map(seconds) * 20).abs().max() < 0.5
    features = pd.read_parquet(results / f"data/{OTHER}/features/index.parquet")
    lasts = features.set_index("clip")["length"]
    assert (lasts == clips.set_index("clip")["length"] - 1).all(), "velocities are between frames"

    asked = pd.read_parquet(results / f"prompts/{OTHER}/captions/requests.parquet")
    assert (asked["start"] + asked["frames"] <= asked["clip"].map(lasts)).all()
    assert (asked["frames"] % 4 == 0).all(), "crops are the same at every stride"
    frames = asked.set_index(["repeat", "prompt"])["frames"]
    for backbone, a_token in FRAMES.items():
        codes = CodeTable.read(results / f"codes/{OTHER}/{backbone}/all/codes.parquet")
        whole = codes.keys[codes.keys["offset"] == 0]
        assert (whole["frames"] == whole["motion"].map(lasts)).all()
        check_tokens(codes, a_token)
        made = sorted((results / f"generations/{OTHER}/{backbone}").rglob("*.parquet"))
        assert len(made) == 3, "the original, and what was retrained for either set"
        for path in made:
            codes = CodeTable.read(path)
            wanted = frames.loc[pd.MultiIndex.from_frame(codes.keys[["repeat", "prompt"]])]
            assert (codes.keys["frames"].to_numpy() == wanted.to_numpy()).all()
            check_tokens(codes, a_token)


def check_tokens(codes: CodeTable, a_token: int) -> None:
    """As many as hold all frames; the last is not always full."""
    frames = codes.keys["frames"]
    assert [len(each) for each in codes.codes] == [math.ceil(n / a_token) for n in frames]
    assert a_token == 1 or (frames % a_token).nunique() > 1


def test_one_key_plans_the_arithmetic_of_the_papers_code(project: Project) -> None:
    project.configure(lambda config: config["datasets"]["demo"].update(benchmark="HumanML3D"))
    asked = ("--dry-run", "--printshellcmds", *WORDS, "--config", "arithmetic=reference")
    done = project.run("snakemake", *asked)
    assert done.returncode == 0, shown(done)[-10_000:]
    text = shown(done)
    assert "The arithmetic of the paper's code (arithmetic: reference): evaluation.mm_safe" in text
    planned = jobs(text)
    assert "unlearn demo/momask/violence/uce" in planned
    assert "reference_codes" in {job.split()[0] for job in planned}
    assert [job for job in planned if job.startswith("plan ")]
    # Other clips are forgotten; what was trained on all of them stays.
    assert {job.split("/")[2] for job in planned if job.startswith("part demo/")} <= {"without"}
    assert switched(told(text)) == {
        "bias of uce": {"reference"},
        "bias of rece": {"reference"},
        "adversarial form": {"reference"},
        "counts": {("reference", "reference_statistics")},
        "selection": {"reference"},
        "replacement": {"reference"},
        "MM-Safe": {"reference"},
        "decoded": {"reference"},
        "min_lines on demo": {2},
        f"min_lines on {OTHER}": {1},  # the paper's code has a script for HumanML3D alone
        "last pool": {"kept"},
    }


def switched(planned: list[Job]) -> dict[str, set[Any]]:
    """What each job is told where the paper's code computes otherwise than its text."""
    found: dict[str, set[Any]] = {}

    def tell(name: str, value: Any) -> None:
        found.setdefault(name, set()).add(value)

    for job in planned:
        settings, params = job.settings, job.settings.get("params", {})
        match job.step, settings.get("method"):
            case "unlearn", "uce" | "rece" as method:
                tell(f"bias of {method}", params["bias"])
                if method == "rece":
                    tell("adversarial form", params["adversarial"])
            case "unlearn", "lcr":
                (counted,) = {name.split("/")[0] for name in job.inputs if "statistics" in name}
                tell("counts", (params["counts"], counted))
                tell("selection", params["selection"])
                tell("replacement", params["replacement"])
            case "metric", _ if settings["metric"] == "mm_safe":
                tell("MM-Safe", settings["mm_safe"])
            case "describe", _ if settings["descriptor"] == "embedding":
                tell("decoded", settings["decoded"])
            case "concept", _:
                tell(f"min_lines on {settings['dataset']}", settings["min_lines"])
            case "plan", _:
                tell("last pool", settings["last_pool"])
    return found
