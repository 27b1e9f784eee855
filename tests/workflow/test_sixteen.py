"""The paper's sixteen tables, made from the reduced configuration's models."""

import csv
import math
import re
from typing import Any

from hmu.run.job import Job
from support import tex
from support.project import CONFIG, Project, jobs, shown, told

SIXTEEN = "tests/sixteen.yaml"
WORDS = ("results/tables", "--configfile", CONFIG, SIXTEEN, "--cores", "2")


def test_every_layout_of_the_paper_makes_its_table(project: Project) -> None:
    """From what the shared run has made, and few models more: no part is trained again."""
    done = project.run("snakemake", "results/report", *WORDS)
    assert done.returncode == 0, shown(done)[-10_000:]
    made = {job.split()[0] for job in jobs(shown(done))}
    assert {"unlearn", "unlearn_by_training", "pairs", "cost"} <= made
    assert made.isdisjoint({"part", "evaluator", "ingest"})
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
    assert {job.split("/")[2] for job in planned if job.startswith("part ")} <= {"without"}
    assert switched(told(text)) == {
        "bias of uce": {"reference"},
        "bias of rece": {"reference"},
        "adversarial form": {"reference"},
        "counts": {("reference", "reference_statistics")},
        "selection": {"reference"},
        "replacement": {"reference"},
        "MM-Safe": {"reference"},
        "decoded": {"reference"},
        "min_lines": {2},
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
                tell("min_lines", settings["min_lines"])
            case "plan", _:
                tell("last pool", settings["last_pool"])
    return found
