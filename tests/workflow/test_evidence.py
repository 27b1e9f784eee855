"""Tables of what methods forgot and broke, whole: from motions to page, picture and report."""

import csv
import itertools
import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from hmu.io import npz
from hmu.io.codes import CodeTable
from hmu.io.store import ClipStore
from hmu.motion.plausibility import dynamic
from hmu.motion.recover import to_joints
from hmu.tables import detection
from support.project import Project
from support.report_data import report_data

EVIDENCE = "tests/evidence.yaml"
ROWS = ["real", "retrained", "lcr", "frozen"]
OF_EDITS = ("forget-boundary_area", "retain-replaced", "retain-drift")
PLANS = "describe demo/momask/variants/violence/{}/plans/concepts/violence/{}/plan"
PRESENCE = "concepts/violence/presence"
METRICS = "results/metrics/demo/{}/violence/concepts/violence/forget"
PLAN = "results/plans/demo/concepts/violence/{}/plan.parquet"
GENERATED = "results/generations/demo/momask/original/prompts/captions.parquet"
OF_PRESENCE = ("presence_again", "presence@1", "presence@64")
PICTURE = "results/figures/small_multiples/own.svg"
FAITHFUL = "results/faithfulness/faithful"

Lines = dict[str, dict[str, str]]
"""A table's values by row and column."""


@pytest.mark.long(4)
def test_the_evidence_is_made_whole(project: Project) -> None:
    """Each row is described once for all of its measures and tables, and no motion is generated
    that is there."""
    project.take(EVIDENCE)
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
        f"{PLANS.format('lcr', name)}/{each}"
        for name, each in (("forget", "boundary"), ("forget", "drift"), ("retain", "drift"))
    }
    own = PLANS.partition("{}")[0]
    of_plans = {job for job in described if job.startswith(own) and "/plan/" in job}
    assert {job for job in of_plans if "neighbours" not in job} == wanted
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
    check_brief_and_presence(project)
    check_edits(project)
    check_every_metric(project)
    check_times(project)
    check_faithfulness(project)
    check_first_motion(project)
    check_player(project)


def read(project: Project, table: str) -> tuple[Lines, str]:
    """A table by its CSV, and its page."""
    pages = project.root / "results/tables/pages"
    with (pages / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        lines = {line["row"]: line for line in csv.DictReader(stream)}
    return lines, (pages / f"{table}.md").read_text(encoding="utf-8")


def values_of(lines: Lines) -> list[str]:
    """The columns of a table that hold values."""
    return [name for name in lines["lcr"] if re.fullmatch(r"\w+-[\w@]+", name)]


def empty(lines: Lines) -> set[tuple[str, str]]:
    """Where a table has no number; it has one, which is finite, in all other places."""
    columns = values_of(lines)
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


def check_brief_and_presence(project: Project) -> None:
    """Pages of fewer columns have the numbers of the long one; a column is empty for who asks for
    more motions than a prompt has."""
    whole, _ = read(project, "own")
    brief, _ = read(project, "brief")
    assert [*brief] == [row for row in ROWS if row != "frozen"]  # its entry names no control
    shown, page = read(project, "shown")
    assert [*shown] == ROWS
    for lines, more in ((brief, set()), (shown, {f"forget-{each}" for each in OF_PRESENCE})):
        assert {*values_of(lines)} - {*values_of(whole)} == more
        for row, name in itertools.product(lines, {*values_of(lines)} - more):
            assert lines[row][name] == whole[row][name], (row, name)
    often = [f"forget-presence@{count}" for count in (4, 16, 64)]
    without = {*itertools.product(ROWS, often), ("real", "forget-presence@1")}
    assert empty(shown) == without
    assert page.count("repeats, and this run has 2") == 3


def check_edits(project: Project) -> None:
    """How many tokens were replaced and where they meet others, by the codes themselves. An
    original has none of it, as the page says."""
    lines, page = read(project, "edited")
    assert [*lines] == ["original", "lcr"]
    assert "only edits of the codebook have it" in page
    assert "closer to the row “Original” (which has no value here" in page
    original = {("original", name) for name in values_of(lines)}
    assert empty(lines) == original | {("lcr", name) for name in check_drift(project)}
    origin = project.json("results/checkpoints/demo/momask/violence/lcr/origin.json")
    (layer,) = origin["notes"]["layers"]
    made = CodeTable.read(project.root / GENERATED)
    for name in ("forget", "retain"):
        plan = pd.read_parquet(project.root / PLAN.format(name))
        hit = [
            np.isin(made.codes[row][:, layer["layer"]], layer["codes"]) for row in plan["request"]
        ]
        shares = np.mean([each.mean() for each in hit])
        assert of_lcr(project, f"{name}-replaced")["value"] == pytest.approx(shares)
        met = np.mean([np.count_nonzero(each[1:] != each[:-1]) for each in hit])
        if name == "forget":
            assert of_lcr(project, "forget-boundaries")["value"] == pytest.approx(met)
    areas = [of_lcr(project, f"forget-{each}_area")["value"] for each in ("clip", "boundary")]
    assert areas[0] > areas[1] > 0


def check_drift(project: Project) -> set[str]:
    """Means, slopes and tenths, which are of a repeat, by SciPy from what was said of each motion;
    the columns of tenths that no motion is in."""
    folder = project.root / METRICS.format("backbones/momask/variants/lcr")
    found = npz.read(folder.with_name("retain") / "drift/motions.npz", "replaced", "drift")
    slopes, tenths = [], []
    for share, moved in zip(*found, strict=True):
        assert moved[share == 0] == pytest.approx(0, abs=1e-5)
        assert (moved[share > 0] > 1e-5).all()
        slopes.append(stats.linregress(share, moved).slope)
        which = np.floor(10 * (stats.rankdata(share) - 0.5) / len(share)) + 1
        tenths.append(pd.Series(moved).groupby(which).mean())
    assert of_lcr(project, "retain-drift")["value"] == pytest.approx(found[1].mean())
    assert of_lcr(project, "retain-drift_slope")["values"] == pytest.approx(slopes)
    columns = {f"retain-drift@{tenth}" for tenth in range(1, 11)}
    for tenth, values in pd.concat(tenths, axis=1).dropna().iterrows():
        name = f"retain-drift@{tenth:.0f}"
        assert of_lcr(project, name)["values"] == pytest.approx([*values])
        columns.remove(name)
    assert len(columns) < 9
    return columns


def of_lcr(project: Project, column: str) -> Any:
    """The cell of LCR in the table of edits."""
    return project.json(f"results/cells/edited/lcr/{column}.json")


def check_every_metric(project: Project) -> None:
    """The numbers of the main table, which the shared run made, and more that fit each other."""
    lines, _ = read(project, "every")
    assert [*lines] == ROWS
    sets, needs_generated = ("forget", "retain"), ("fid", "multimodality")
    assert empty(lines) == {
        ("real", f"{name}-{each}") for name, each in itertools.product(sets, needs_generated)
    }
    for row in ("real", "retrained", "lcr"):
        cells = project.root / "results/cells"
        for cell in (cells / "demo-violence" / row).iterdir():
            own = cells / "every" / row / cell.name
            assert json.loads(own.read_bytes())["value"] == json.loads(cell.read_bytes())["value"]
        for name in sets:
            ranks = [float(lines[row][f"{name}-r@{rank}"]) for rank in (1, 2, 3)]
            assert ranks == sorted(ranks)
    made = [row for row in ROWS if row != "real"]
    several = {row: float(lines[row]["forget-multimodality"]) for row in made}
    assert several["lcr"] > several["frozen"] > 0


def check_times(project: Project) -> None:
    """What each took, by the records of the jobs that the cell lists."""
    lines, _ = read(project, "took")
    assert [*lines] == ["retrained", "lcr", "frozen"]
    for row in lines:
        cell = project.json(f"results/cells/took/{row}/time.json")
        listed = [project.json(job["record"]) for job in cell["cost"]["jobs"]]
        assert cell["value"] == sum(record["seconds"] for record in listed) > 0
    steps = [
        {job["rule"] for job in project.json(f"results/cells/took/{row}/time.json")["cost"]["jobs"]}
        for row in lines
    ]
    assert "part" in steps[0]
    assert "part" not in steps[1] | steps[2]


def check_faithfulness(project: Project) -> None:
    """AUC is Mann and Whitney's, p by a look at all six splits; a control wins what it is better
    in than every model that never saw the concept."""
    found = {each["name"]: each for each in project.json(f"{FAITHFUL}.json")}
    page = (project.root / f"{FAITHFUL}.md").read_text(encoding="utf-8")
    models = {
        "had": ["have-the-concept-original", "had-2"],
        "never": ["never-saw-it-retrained", "never-2"],
    }
    assert {"forget-diversity", "forget-tmr_r@1", "forget-tmr_fid"} <= found.keys()
    assert "needs 4 repeats, and this run has 2" in found.pop("forget-presence@4")["why"]
    assert len(found) == 11
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
        assert each["beside"]["control"] == ["Frozen", frozen]
        assert each["beside"]["won"] == (sign * frozen > better.max())
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
