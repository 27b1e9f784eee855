"""Tables of what methods forgot and broke, whole: from motions to page, picture and report."""

import csv
import itertools
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from hmu.io import npz
from hmu.io.store import ClipStore
from hmu.motion.plausibility import dynamic
from hmu.motion.recover import to_joints
from hmu.tables import detection
from support.project import Project, take_tables
from support.report_data import report_data

TABLES: dict[str, dict[str, Any]] = {
    "own": {"layout": "evidence"},
    "near": {"layout": "neighbours"},
    "two": {"layout": "tmr"},
    "faithful": {
        "layout": "faithfulness",
        "names": {"seed-1": "momask", "seed-2": "second", "original": "before"},
    },
}
ROWS = ["real", "retrained", "lcr", "frozen"]
OF_EDITS = ("forget-boundary_area", "retain-replaced", "retain-drift")
PLANS = "describe demo/momask/variants/violence/{}/plans/concepts/violence/{}/plan"
PRESENCE = "concepts/violence/presence"
METRICS = "results/metrics/demo/{}/violence/concepts/violence/forget"
PICTURE = "results/figures/small_multiples/own.svg"
FAITHFUL = "results/faithfulness/faithful"
TINY = {"latent": 8, "heads": 2, "layers": 1, "feedforward": 8, "training": {"epochs": 1}}

Lines = dict[str, dict[str, str]]
"""A table's values by row and column."""


def show_evidence(config: dict[str, Any]) -> None:
    """The layouts as they are, with few rows: beside what the shared run has, a control, TMR, and
    a second training of what generates, with the concept and without it. The original, under
    another name, is where faithfulness asks for it."""
    common = {"dataset": "demo", "concept": "violence", "pictures": False}
    take_tables(config, {name: {**each, **common} for name, each in TABLES.items()})
    config["variants"] = {
        "before": {"method": "original"},
        **{name: config["variants"][name] for name in ("retrained", "lcr")},
        "frozen": {"method": "frozen", "label": "Held"},
    }
    masked = config["backbones"]["momask"]["masked"]
    config["backbones"]["second"] = {"seed": 2, "shares": "momask", "masked": masked}
    config["prompts"] = {"neighbours": {"kind": "neighbours", "near": ["kick", "punch"]}}
    config["tmr"] = TINY


def test_the_evidence_is_made_whole(project: Project) -> None:
    """Each row is described once for all of its measures and tables, and no motion is generated
    that is there."""
    project.configure(show_evidence)
    made = project.made("results/tables", "results/report", PICTURE, f"{FAITHFUL}.md")
    described = [job for job in made if job.startswith("describe")]
    assert len(described) == len({*described})
    wanted = {
        PLANS.format(row, name) + f"/{each}"
        for row in ("retrained", "lcr", "frozen")
        for name in ("forget", "retain")
        for each in (PRESENCE, "movement", "tmr", "embedding")
        if each != "embedding" or row == "frozen"  # the shared run has those of the others
    }
    wanted |= {
        f"{PLANS.format('lcr', 'forget')}/boundary",
        f"{PLANS.format('lcr', 'retain')}/drift",
    }
    own = PLANS.partition("{}")[0]
    assert {job for job in described if job.startswith(own) and "neighbours" not in job} == wanted
    # The detector is there, of the injection.
    assert [job for job in made if job.startswith(("part", "tmr", "detector", "unlearn"))] == [
        "part demo/second/all/masked",
        "part demo/second/without/violence/masked",
        "tmr demo",
        "unlearn demo/momask/violence/frozen",
        "unlearn demo/second/violence/retrained",
    ]
    check_evidence(project)
    check_neighbours(project)
    check_two_evaluators(project)
    check_faithfulness(project)
    check_first_motion(project)
    check_player(project)


def read(project: Project, table: str) -> tuple[Lines, str]:
    """A table by its CSV, and its page."""
    pages = project.root / "results/tables/pages"
    with (pages / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        lines = {line["row"]: line for line in csv.DictReader(stream)}
    return lines, (pages / f"{table}.md").read_text(encoding="utf-8")


def empty(lines: Lines) -> set[tuple[str, str]]:
    """Where a table has no number; it has one, which is finite, in all other places."""
    columns = [name for name in lines["lcr"] if re.fullmatch(r"\w+-[\w@]+", name)]
    found = {(row, name) for row in lines for name in columns if lines[row][name] in ("–", "n/a")}
    assert all(
        np.isfinite(float(lines[row][name]))
        for row in lines
        for name in columns
        if (row, name) not in found
    )
    return found


def check_evidence(project: Project) -> None:
    """What is empty is so for a reason that the page gives; a body that stands still has forgotten
    nothing well, and no PFC."""
    lines, page = read(project, "own")
    assert [*lines] == ROWS
    whole = {f"forget-presence@{count}" for count in (4, 16)}
    without = {(row, name) for row in ROWS for name in OF_EDITS if row != "lcr"}
    without |= {("frozen", "forget-pfc"), ("frozen", "retain-pfc"), ("real", "retain-fid")}
    assert empty(lines) == without | {(row, name) for row in ROWS for name in whole}
    assert "n/a" not in page
    for count in (4, 16):
        why = f"Presence@{count} has no value in any row, because it needs {count} repeats"
        assert page.count(why) == page.count(f"needs {count} repeats") == 1
    still = re.findall(r"undefined where the root never accelerates: (.+)\.", page)
    assert len(still) == 2
    assert all(each.endswith("“Held” none") for each in still)
    held = {name: value for name, value in lines["frozen"].items() if name.startswith("forget-")}
    assert float(held["forget-dynamic"]) == float(held["forget-forgotten_well"]) == 0
    assert float(held["forget-auj"]) > float(lines["real"]["forget-auj"])
    own = project.json(f"{METRICS.format('real')}/jerk/values.json")
    mean = np.mean([each["value"] for each in own if each["name"] == "mean_jerk"])
    assert f"(FlowMDM: 0.033 for HumanML3D): {mean:.3f} on the forget set" in page
    assert " Forgotten well ↑ |" in page, "a † would say that a control wins it"
    assert "Controls, which must not win: “Held”." in page
    (said,) = re.findall(r"Where metrics disagree on the forget set .+", page)
    assert "(dataset demo, backbone momask)" in said
    assert re.search(r"of 2 models|all 2 models", said)
    drawn = (project.root / PICTURE).read_text(encoding="utf-8")
    of_models = [name for row, name in empty(lines) if row != "real" and name not in whole]
    assert drawn.count("<!-- – -->") == len(of_models)
    said = " ".join(re.findall(r"<!-- (.*?) -->", drawn))
    assert worth(project) in said
    record = project.json("results/lineage/figures/small_multiples/own.svg.json")
    assert (record["rule"], record["step"]) == ("small_multiples", "small_multiples")


def worth(project: Project) -> str:
    """What stands beside numbers by the detector."""
    known = project.json("results/models/demo/detectors/violence/calibration.json")
    return detection.worth("violence", known[0])


def check_neighbours(project: Project) -> None:
    """Every model is asked for benign motions, which no real motion stands for."""
    lines, page = read(project, "near")
    assert [*lines] == [row for row in ROWS if row != "real"]
    assert not empty(lines)
    assert "2 repeats with 32 samples of the neighbours set each" in page
    assert float(lines["frozen"]["neighbours-mm_dist"]) > 0


def check_two_evaluators(project: Project) -> None:
    lines, page = read(project, "two")
    assert [*lines] == ROWS
    fids = {f"{name}-{each}" for name in ("forget", "retain") for each in ("fid", "tmr_fid")}
    assert empty(lines) == {("real", name) for name in fids}
    assert "TMR of the dataset demo was trained here, on the mean word vector" in page
    both = [lines["lcr"][f"retain-{each}"] for each in ("fid", "tmr_fid")]
    assert both[0] != both[1]


def check_faithfulness(project: Project) -> None:
    """AUC is Mann and Whitney's, p by a look at all six splits; a control wins what it is better
    in than every model that never saw the concept."""
    found = {each["name"]: each for each in project.json(f"{FAITHFUL}.json")}
    page = (project.root / f"{FAITHFUL}.md").read_text(encoding="utf-8")
    models = {
        "had": ["have-the-concept-original", "had-2"],
        "never": ["never-saw-it-retrained", "never-2"],
    }
    assert len(found) == 8
    for name, each in found.items():
        had, never = (
            [project.json(f"results/cells/faithful/{row}/{name}.json")["value"] for row in rows]
            for rows in models.values()
        )
        assert (each["had"], each["never"]) == (had, never)
        sign = 1 if each["title"].endswith("↑") else -1
        better, worse = sign * np.array(never), sign * np.array(had)
        auc = stats.mannwhitneyu(better, worse).statistic / 4
        assert each["auc"] == pytest.approx(auc)
        values = np.concatenate([better, worse])
        reached = [
            stats.mannwhitneyu(values[[*chosen]], np.delete(values, chosen)).statistic / 4 >= auc
            for chosen in itertools.combinations(range(4), 2)
        ]
        assert (each["p"], each["splits"]) == (pytest.approx(np.mean(reached)), 6)
        frozen = project.json(f"results/cells/faithful/controls-frozen/{name}.json")["value"]
        assert (each["control"] is not None) == (sign * frozen > better.max())
        assert f"| {each['title']} | {each['auc']:.3f} | " in page


def check_first_motion(project: Project) -> None:
    """By the joints themselves, of the first real motion of the plan."""
    plan = pd.read_parquet(
        project.root / "results/plans/demo/concepts/violence/forget/plan.parquet"
    )
    requests = pd.read_parquet(project.root / "results/prompts/demo/captions/requests.parquet")
    first = requests.iloc[plan["request"][0]]
    features = project.root / "results/data/demo/features"
    store = ClipStore(features / "data.npy", features / "index.parquet")
    crop = np.asarray(store[first["clip"]][first["start"] : first["start"] + first["frames"]])
    (motions,) = npz.read(project.root / METRICS.format("real") / "dynamic/motions.npz", "dynamic")
    assert np.isclose(motions[0, 0], dynamic.speed(to_joints(crop)), rtol=1e-4)


def check_player(project: Project) -> None:
    """The report's player says of each motion what the detector does, rows of the plan by caption,
    and what that is worth."""
    plan = pd.read_parquet(
        project.root / "results/plans/demo/concepts/violence/forget/plan.parquet"
    )
    requests = pd.read_parquet(project.root / "results/prompts/demo/captions/requests.parquet")
    scene = report_data(project.root / "results/report", "motions/0")
    assert scene["detector"] == worth(project)
    captions = pd.read_parquet(project.root / "results/prompts/demo/captions/prompts.parquet")
    asked = requests.iloc[plan["request"]]
    said_of = captions["caption"].iloc[asked["row"]].to_numpy()
    for who, name in (("real", "real"), ("backbones/momask/variants/frozen", "frozen")):
        folder = project.root / METRICS.format(who)
        (found,) = npz.read(folder / "presence/motions.npz", "presence")
        for shown in scene["shown"]:
            rows = (said_of == shown["caption"]) & (asked["clip"] == shown["clip"]).to_numpy()
            rows &= (asked["repeat"] == shown["repeat"]).to_numpy()
            if name in shown["motions"]:
                assert shown["motions"][name]["presence"] in found.ravel()[rows]
