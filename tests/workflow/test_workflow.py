"""The workflow as a whole: what runs, what runs again and what does not, and what leaves records.

Every test runs Snakemake itself on the reduced configuration (tests/tiny.yaml). Lists of jobs are
exact: one job more is as wrong as one less.
"""

import contextlib
import csv
import hashlib
import math
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from hmu.evaluation.rows import Meetings
from hmu.io import files, npz
from hmu.io.store import ClipStore
from hmu.motion.recover import to_joints
from support import tex
from support.project import Project, duplicate, jobs, shown

PLACE = "demo/momask/violence"
CELL = "results/cells/demo-violence-k/lcr-4/forget-fid.json"
METRIC = (
    "results/metrics/demo/backbones/momask/variants/lcr-4/violence/concepts/violence/forget/fid/"
    "values.json"
)
PAIRS = "plans/concepts/violence/forget/pairs"
SETS = ("forget", "retain")
STORE = ("data.npy", "index.parquet")
ROWS = {
    "demo-violence": ["retrained", "original", "finetuned", "lcr"],
    "demo-violence-k": ["retrained", "original", "lcr", "lcr-4"],
}
VARIANTS = ("original", "retrained", "finetuned", "lcr", "lcr-4")
COLUMNS = {
    "forget": ["fid", "mm_safe", "diversity", "r@1"],
    "retain": ["fid", "mm_dist", "diversity", "r@1"],
}
PLUGINS = {"r@1": "r_precision"}


def unlearned(variant: str) -> set[str]:
    rule = "unlearn_by_training" if variant == "finetuned" else "unlearn"
    return {f"{rule} {PLACE}/{variant}"}


def asked(variant: str) -> list[str]:
    """The motions of a variant that are made together: the original's for all sets at once."""
    if variant == "original":
        return ["demo/momask/original/prompts/captions"]
    folder = f"demo/momask/variants/violence/{variant}/plans/concepts/violence"
    return [f"{folder}/{each}/plan" for each in SETS]


def generated(generator: str) -> set[str]:
    return {f"generate {each}" for each in asked(generator)}


def described(variant: str) -> set[str]:
    return {f"describe {each}/embedding" for each in asked(variant)}


def pictured(variant: str) -> set[str]:
    own = f"{PLACE}/{variant}/concepts/violence/forget"
    tables = [table for table, rows in ROWS.items() if variant in rows]
    return {f"film_strips {own}", *(side_by_side(table) for table in tables)}


def side_by_side(table: str) -> str:
    """The job that draws the methods of a table in rows."""
    return f"method_strips {table}/{PLACE}/concepts/violence/forget"


SWEPT = ("lcr", "lcr-4")


def charted(*variants: str) -> set[str]:
    """What is drawn of the numbers of variants: the curve goes through both pictures of LCR."""
    found = {
        f"forget_retain {table}" for table, rows in ROWS.items() if {*variants} & {*rows, *SWEPT}
    }
    return found | ({"curve k"} if {*variants} & {*ROWS["demo-violence-k"]} else set())


def metric(variant: str, place: str, name: str) -> str:
    """The job of a metric in a set."""
    who = "real" if variant == "real" else f"backbones/momask/variants/{variant}"
    return f"metric demo/{who}/violence/concepts/violence/{place}/{name}"


def measured(variant: str, wanted: Callable[[str], bool] = lambda metric: True) -> set[str]:
    """The metrics and the cells of a variant, and what compares it with others."""
    columns = [(each, name) for each in SETS for name in COLUMNS[each] if wanted(name)]
    metrics = {metric(variant, s, PLUGINS.get(name, name)) for s, name in columns}
    tables = [table for table, rows in ROWS.items() if variant in rows]
    cells = {f"cell {table}/{variant}/{s}-{name}" for table in tables for s, name in columns}
    return metrics | cells | {f"differences {table}" for table in tables}


PAGES = {"tables", "report"}
"""What shows all cells."""

LEAVES = ("index.html", "figures.html", "audit.html", "cells.parquet")
"""What stands beside the tables' pages."""


def exactly(found: list[str], *expected: Iterable[str]) -> None:
    """Assert that the jobs found are those expected, each once, in a way that shows both."""
    wanted = sorted(set().union(*expected))
    assert found == wanted


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below ``folder``."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".snakemake_timestamp"
    }


# The whole run


def test_every_table_is_there_in_every_form(finished: Project) -> None:
    folder = finished.root / "results/tables"
    forms = {f"pages/{table}.{form}" for table in ROWS for form in ("csv", "md", "tex", "html")}
    assert set(digests(folder)) == forms | {*LEAVES}
    for table, rows in ROWS.items():
        with (folder / f"pages/{table}.csv").open(encoding="utf-8", newline="") as stream:
            lines = {line["row"]: line for line in csv.DictReader(stream)}
        assert set(rows) < set(lines)
        for row in rows:
            for each in SETS:
                for name in COLUMNS[each]:
                    value = float(lines[row][f"{each}-{name}"])
                    interval = float(lines[row][f"{each}-{name} ±"])
                    assert math.isfinite(value)
                    assert math.isfinite(interval)
                    assert value >= 0
                    assert interval >= 0
                    cell = finished.json(f"results/cells/{table}/{row}/{each}-{name}.json")
                    assert (cell["value"], cell["interval"]) == (value, interval)
    assert finished.half_written() == []


@tex.needed
def test_latex_prints_every_table(finished: Project, tmp_path: Path) -> None:
    written = sorted((finished.root / "results/tables/pages").glob("*.tex"))
    assert tex.pages(tex.tables(written), tmp_path) >= len(ROWS)


def test_every_job_has_a_log_a_benchmark_and_a_record(finished: Project) -> None:
    results = finished.root / "results"
    logs = {path.with_suffix("") for path in (results / "logs").rglob("*.log")}
    benchmarks = {path.with_suffix("") for path in (results / "benchmarks").rglob("*.tsv")}
    assert {path.relative_to(results / "logs") for path in logs} == {
        path.relative_to(results / "benchmarks") for path in benchmarks
    }
    apart = ("logs", "benchmarks", "lineage", ".")
    for output in digests(results):
        if not output.startswith(apart):
            parents = [Path(output), *Path(output).parents]
            records = [results / "lineage" / f"{parent.as_posix()}.json" for parent in parents]
            assert any(record.is_file() for record in records), output


def test_a_second_run_has_nothing_to_do_and_says_so(finished: Project) -> None:
    done = finished.snakemake()
    assert done.returncode == 0, shown(done)
    assert "Nothing to be done" in shown(done)
    assert jobs(shown(done)) == []


# One cell


def test_a_cell_whose_inputs_exist_runs_alone(project: Project) -> None:
    before = (project.root / CELL).read_bytes()
    (project.root / CELL).unlink()
    exactly(project.made(CELL), {"cell demo-violence-k/lcr-4/forget-fid"})
    assert (project.root / CELL).read_bytes() == before


def test_a_cell_whose_metric_is_gone_runs_that_metric_too(project: Project) -> None:
    (project.root / CELL).unlink()
    (project.root / METRIC).unlink()
    planned = project.planned(CELL)
    one = {metric("lcr-4", "forget", "fid")}
    exactly(planned, {"cell demo-violence-k/lcr-4/forget-fid"}, one)


def test_multimodality_alone_makes_the_motions_that_it_compares(project: Project) -> None:
    full = {"layout": "full", "dataset": "demo", "concept": "violence"}
    project.configure(lambda config: config["tables"].update(full=full))
    project.configure(
        lambda config: config["evaluation"].update(
            multimodality={"pools": 1, "draws": 9, "pairs": 2}
        )
    )
    exactly(project.planned("results/cells/full/lcr/forget-r@3.json"), {"cell full/lcr/forget-r@3"})
    cell = "results/cells/full/lcr/forget-multimodality.json"
    exactly(
        project.made(cell),
        {"pairs demo/concepts/violence/forget"},
        {f"generate demo/momask/original/{PAIRS}"},
        {f"describe demo/momask/variants/violence/lcr/{PAIRS}/embedding"},
        {metric("lcr", "forget", "multimodality"), "cell full/lcr/forget-multimodality"},
    )
    assert project.json(cell)["value"] > 0
    assert project.json(cell)["n"] == 32
    plans = project.root / "results/plans/demo/concepts/violence/forget"
    asked = pd.read_parquet(plans / "pair_requests.parquet")
    pairs = Meetings.read(plans / "pairs.npz")
    made = pd.read_parquet(
        project.root / f"results/generations/demo/momask/original/{PAIRS}.parquet"
    )
    keys = ["repeat", "prompt", "draw"]
    assert list(made[keys].itertuples(index=False)) == list(asked[keys].itertuples(index=False))
    assert not made.duplicated(keys).any()
    assert set(pairs.ends.flatten()) == set(range(len(asked)))


def test_an_address_that_no_table_has_is_answered(finished: Project) -> None:
    done = finished.snakemake("-n", "results/cells/demo-violence/lcr/forget-fidd.json")
    assert done.returncode != 0
    assert "forget-fidd.json is not a cell of the configured tables; the row has" in shown(done)
    assert "forget-fid, forget-mm_safe" in shown(done)
    assert "Did you mean results/cells/demo-violence/lcr/forget-fid.json?" in shown(done)
    assert "Traceback" not in shown(done)


# What a change of the configuration or of the code makes run again


def test_another_k_runs_that_variant_and_no_other(project: Project) -> None:
    project.configure(lambda config: config["variants"]["lcr-4"].update(k=3))
    # The tables show the variants' settings.
    parts = (unlearned, described, measured, pictured)
    exactly(project.planned(), *(part("lcr-4") for part in parts), charted("lcr-4"), PAGES)


def motions(project: Project, asked: str) -> dict[tuple[int, int, str], tuple[int, list[int]]]:
    """The generated motions: frames and codes by repeat, draw and prompt."""
    rows = pq.read_table(project.root / f"results/generations/{asked}.parquet").to_pylist()
    found = {(r["repeat"], r["draw"], r["prompt"]): (r["frames"], r["codes"]) for r in rows}
    assert len(found) == len(rows)
    return found


def test_sets_that_are_made_together_have_the_values_of_sets_apart(project: Project) -> None:
    """Their motions are the same, to the last code; what the evaluator says of one depends, in its
    last bits, on the motions that it is read with, and on the processor."""
    model, row = "demo/momask/variants/violence/finetuned", "demo-violence/finetuned"
    columns = {"forget-r@1": "forget/r_precision", "retain-fid": "retain/fid"}
    cells = [f"results/cells/{row}/{column}.json" for column in columns]
    apart = [project.json(cell) for cell in cells]
    alone = [
        motions(project, f"{model}/plans/concepts/violence/{place}/plan")
        for place in ("forget", "retain")
    ]
    project.configure(lambda config: config.update(generation={"sets": "together"}))
    everything = f"{model}/prompts/captions"
    exactly(
        project.made(*cells),
        {f"generate {everything}", f"describe {everything}/embedding"},
        {metric("finetuned", *name.split("/")) for name in columns.values()},
        {f"cell {row}/{column}" for column in columns},
    )
    whole = motions(project, everything)
    for each in alone:
        assert each
        assert {key: whole[key] for key in each} == each
    for cell, before in zip(cells, apart, strict=True):
        together = project.json(cell)
        assert together.keys() == before.keys()
        for key, value in before.items():
            number = isinstance(value, float | list)
            assert together[key] == (pytest.approx(value, rel=1e-5) if number else value), key


def test_one_repeat_more_generates_the_motions_of_that_repeat_alone(project: Project) -> None:
    everyone = "demo/momask/original/prompts/captions"
    made = f"results/generations/{everyone}.parquet"
    before = pq.read_table(project.root / made)
    project.configure(lambda config: config["evaluation"].update(repeats=3))
    assert f"generate {everyone}" in project.made(made)
    after = pq.read_table(project.root / made)
    assert after.slice(0, len(before)).equals(before)
    new = len(after) - len(before)
    assert new == len(before) // 2
    said = (project.root / f"results/logs/generate/{everyone}.log").read_text(encoding="utf-8")
    assert f"{new}/{new} motions (100%)" in said
    # So are what is said of them, and of real motions; what stands in a text has not changed.
    told = [f"results/descriptions/{everyone.replace('demo', 'demo/backbones', 1)}/embedding.npy"]
    told += ["results/descriptions/demo/real/captions/embedding.npy"]
    exactly(
        project.made(*told),
        {f"describe {everyone}/embedding", "describe_real demo/captions/embedding"},
    )
    said = (project.root / f"results/logs/describe/{everyone}/embedding.log").read_text("utf-8")
    assert f"{new}/{new} motions (100%)" in said
    # Made as a whole they are the same, to the last bit.
    grown = [(project.root / each).read_bytes() for each in (made, *told)]
    for each in (made, *told):
        (project.root / each).unlink()
    shutil.rmtree(project.root / "results/.cache/kept")
    project.made(made, *told)
    assert [(project.root / each).read_bytes() for each in (made, *told)] == grown


def test_a_set_or_a_variant_more_describes_nothing_that_was_described(project: Project) -> None:
    """Of a set, what variants say of it; what the original and real motions do there is known."""
    project.configure(
        lambda config: config["variants"].update({"lcr-2": {"method": "lcr", "k": 2}})
    )
    layout = project.root / "workflow/tables/main.yaml"
    text = layout.read_text(encoding="utf-8")
    column = text.partition("columns:\n")[2].partition("\n")[0]
    own = column.replace("set: forget", "set: all")
    layout.write_text(text.replace(column, f"{own}\n{column}", 1), encoding="utf-8")
    whole = "demo/momask/variants/violence/{}/plans/whole/all/plan"
    exactly(
        [each for each in project.planned() if each.startswith(("generate", "describe"))],
        {f"generate {whole.format(variant)}" for variant in ("retrained", "finetuned")},
        {f"describe {whole.format(who)}/embedding" for who in ("retrained", "finetuned", "lcr")},
        described("lcr-2"),
    )


def test_a_cell_that_was_deleted_is_made_again_with_the_tables(project: Project) -> None:
    (project.root / CELL).unlink()
    planned = sorted([f"cell {CELL[14:-5]}", "tables", *charted("lcr-4")])
    assert project.planned("results/tables") == planned
    assert project.planned() == sorted([*planned, "report"])
    alone = "results/cells/demo-violence-k/lcr/forget-fid.json"
    assert project.planned(alone) == []
    assert project.made("results/tables") == planned
    assert project.planned() == []


def test_snakemake_looks_for_jobs_to_begin_when_others_have_ended(project: Project) -> None:
    """Not also a second after each look, which with many jobs keeps a core busy."""
    cells = list((project.root / "results/cells/demo-violence").rglob("*.json"))
    for cell in cells:
        cell.unlink()
    done = project.snakemake("--verbose", "results/tables")
    assert done.returncode == 0, shown(done)
    looks = shown(done).count("Ready jobs: ")
    assert len(cells) > 20
    assert len(cells) / 2 <= looks <= len(cells) + 5


def test_a_label_is_the_concern_of_tables_and_report_alone(project: Project) -> None:
    project.configure(lambda config: config["variants"]["lcr-4"].update(label="Four codes"))
    exactly(project.planned(), PAGES)


def test_a_changed_method_runs_its_variants(project: Project) -> None:
    project.alter("workflow/hmu/methods/lcr.py")
    parts = (unlearned, described, measured, pictured)
    both = ("lcr", "lcr-4")
    jobs_of_both = (part(each) for each in both for part in parts)
    exactly(project.planned(), *jobs_of_both, charted(*both), PAGES)


def test_a_changed_method_that_trains_generates_again(project: Project) -> None:
    project.alter("workflow/hmu/methods/finetune.py")
    parts = (unlearned, generated, described, measured, pictured)
    tuned = (part("finetuned") for part in parts)
    exactly(project.planned(), *tuned, charted("finetuned"), PAGES)


def test_a_method_that_trains_leaves_its_log_and_curves(finished: Project) -> None:
    folder = finished.root / "results/checkpoints" / PLACE / "finetuned"
    log = pd.read_parquet(folder / "training/log.parquet")
    assert list(log["stage"]) == ["masked", "residual"]
    assert np.isfinite(log[["train loss", "validation loss"]]).all(axis=None)
    assert (folder / "training/curve.svg").read_text(encoding="utf-8").count(
        "<!-- validation loss -->"
    ) == 2
    schedules = finished.json(f"{folder.relative_to(finished.root)}/origin.json")["notes"]
    assert {part: each["epochs"] for part, each in schedules["schedules"].items()} == {
        "masked": 1,
        "residual": 1,
    }
    assert list((folder.parent / "lcr" / "training").glob("[!.]*")) == []


def test_every_model_says_where_it_is_from(finished: Project) -> None:
    models, seed = "results/models/demo", 3407
    made = [path.parent for path in (finished.root / "results").rglob("*.safetensors")]
    hows = {files.read_json(folder / "origin.json")["how"] for folder in made}
    assert hows == {"trained", "imported", "unlearned"}
    trained = f"{models}/backbones/momask/all/masked"
    for folder in (trained, f"{models}/length", f"{models}/evaluator"):
        origin = finished.json(f"{folder}/origin.json")
        assert (origin["how"], origin["seed"]) == ("trained", seed)
        log = pd.read_parquet(finished.root / folder / "training/log.parquet")
        assert origin["epochs"] == log["stage"].value_counts().to_dict()
    finetuned = finished.json(f"results/checkpoints/{PLACE}/finetuned/origin.json")
    assert (finetuned["how"], finetuned["method"], finetuned["seed"]) == (
        "unlearned",
        "finetune",
        seed,
    )
    codes = "results/codes/demo/momask/all/codes.parquet"
    for source in (
        finished.json(f"{trained}/origin.json")["from"]["codes"],
        finetuned["from"]["codes"],
    ):
        assert source == {"path": codes, "sha256": files.sha256(finished.root / codes)}
    model = f"{trained}/model.safetensors"
    assert finetuned["from"]["masked"] == {
        "path": model,
        "sha256": files.sha256(finished.root / model),
    }


def test_a_folder_without_files_is_not_missed(project: Project) -> None:
    """Of what a method that trains nothing leaves; DVC and archives keep no such folder."""
    edited, trained = (f"results/checkpoints/{PLACE}/{name}" for name in ("lcr-4", "finetuned"))
    shutil.rmtree(project.root / edited / "training")
    done = project.hmu("verify", edited)
    assert done.returncode == 0, shown(done)
    assert project.planned() == []
    shutil.rmtree(project.root / trained / "training")
    done = project.hmu("verify", trained)
    assert done.returncode == 1
    assert f"missing: {trained}/training" in done.stdout


@pytest.mark.parametrize(
    ("variant", "made"),
    [("lcr", {"method": "finetune", "epochs": 1}), ("finetuned", {"method": "lcr", "k": 4})],
)
def test_another_method_makes_the_variant_again(
    project: Project, variant: str, made: dict[str, object]
) -> None:
    """Also where only one of the two trains."""

    def change(config: dict[str, Any]) -> None:
        config["variants"].update({variant: made})
        del config["tables"]["demo-violence-k"]  # of variants of LCR alone
        config["curves"].clear()

    project.configure(change)
    rule = "unlearn_by_training" if variant == "lcr" else "unlearn"
    again = {job for job in measured(variant) if "demo-violence-k" not in job}
    assert {f"{rule} {PLACE}/{variant}", *described(variant), *again} <= set(project.planned())


def test_a_changed_metric_is_measured_again(project: Project) -> None:
    project.alter("workflow/hmu/metrics/fid.py")
    again = [measured(variant, lambda metric: metric == "fid") for variant in VARIANTS]
    exactly(project.planned(), *again, charted(*VARIANTS), PAGES)


def test_a_changed_model_is_trained_again_with_all_that_follows(project: Project) -> None:
    project.alter("workflow/hmu/backbones/momask/masked.py")
    parts = (described, measured)
    exactly(
        project.planned(),
        {f"part demo/momask/{trained}/masked" for trained in ("all", "without/violence")},
        unlearned("finetuned"),
        unlearned("retrained"),
        *(generated(each) for each in ("original", "finetuned", "retrained")),
        *(part(variant) for variant in VARIANTS for part in parts),
        *(pictured(variant) for variant in VARIANTS if variant != "original"),
        charted(*VARIANTS),
        {f"inject {PLACE}/strongest"},
        PAGES,
    )


def test_a_comment_in_the_configuration_or_the_code_changes_nothing(project: Project) -> None:
    project.append("tests/tiny.yaml")
    project.append("workflow/hmu/errors.py")
    project.append("workflow/hmu/methods/lcr.py")
    assert project.planned() == []
    done = project.hmu("verify", "--code", CELL)
    assert done.returncode == 0, shown(done)
    assert "note: prose: hmu/methods/lcr.py has other comments or wording" in done.stdout


NOT_AGAIN = ("part ", "codes ", "code_statistics ", "unlearn", "plan ", "generate ", "describe ")


@pytest.mark.long(1)
def test_a_keyword_that_changes_no_clip_makes_no_model_and_no_motion_again(
    project: Project,
) -> None:
    """Only what reads the words themselves: whose clips they are is the same."""
    clips = project.root / "results/data/demo/concepts/violence/clips.parquet"
    before = clips.read_bytes()
    project.configure(lambda config: config["concepts"]["violence"]["keywords"].append("xylophone"))
    done = project.snakemake()
    assert done.returncode != 0
    said = "concepts.violence: is to be made again, and its clips are the same. Run `snakemake con"
    assert shown(done).count(said) == 1
    assert "Traceback" not in shown(done)
    assert "rule " not in shown(done)
    assert project.made("concepts") == ["concept demo/violence", "concepts"]
    assert clips.read_bytes() == before
    planned = project.planned()
    assert "describe_masked demo/violence/captions/hidden_words" in planned
    assert not [job for job in planned if job.startswith(NOT_AGAIN)]
    assert project.made() == planned
    assert project.planned() == []


# Additions: one file and one entry


MUTE = '''
"""Make the first codebook quieter."""

from hmu.interface.methods import Context, Edit

INPUTS = ("tokenizer",)
CHANGES = ("tokenizer",)
PARAMS = {
    "share": {
        "type": "number",
        "minimum": 0,
        "default": 0.5,
        "description": "What is left of each code.",
    },
}


def unlearn(context: Context) -> Edit:
    name = "quantizer.layers.0.codebook"
    codebook = context.state("tokenizer")[name]
    return Edit({"tokenizer": {name: codebook * context.params["share"]}})
'''


def test_a_new_method_is_one_file_and_one_entry(project: Project) -> None:
    path = project.root / "workflow/hmu/methods/mute.py"
    path.write_text(MUTE, encoding="utf-8")
    project.configure(lambda config: config["variants"].update(mute={"method": "mute"}))
    metrics = {job for job in measured("mute") if job.startswith("metric")}
    columns = [f"{each}-{name}" for each in SETS for name in COLUMNS[each]]
    cells = {f"cell demo-violence/mute/{column}" for column in columns}
    parts = (unlearned, described, pictured)
    drawn = {"forget_retain demo-violence", side_by_side("demo-violence")}
    of_table = {"differences demo-violence", *PAGES, *drawn}
    exactly(project.planned(), *(part("mute") for part in parts), metrics, cells, of_table)

    made = project.made("results/cells/demo-violence/mute/forget-fid.json")
    exactly(
        made,
        unlearned("mute"),
        {each for each in described("mute") if "/forget/" in each},
        {metric("mute", "forget", "fid")},
        {"cell demo-violence/mute/forget-fid"},
    )
    assert project.json(f"results/checkpoints/{PLACE}/mute/origin.json")["params"] == {"share": 0.5}

    project.configure(lambda config: config["variants"]["mute"].update(share="little"))
    done = project.snakemake("-n")
    assert done.returncode != 0
    assert 'variants.mute.share: is "little", not a number' in shown(done)


NORM = '''
"""Mean length of the embeddings."""

import numpy as np

from hmu.interface.metrics import Measured

NAMES = ("norm",)
READS = {"generated": "generated/embedding"}
SETTINGS = ()
REAL = True


def compute(inputs, settings):
    return Measured({"norm": float(np.linalg.norm(inputs["generated"], axis=1).mean())})
'''


def test_a_new_metric_is_one_file_and_one_column(project: Project) -> None:
    path = project.root / "workflow/hmu/metrics/norm.py"
    path.write_text(NORM, encoding="utf-8")
    layout = project.root / "workflow/tables/main.yaml"
    text = layout.read_text(encoding="utf-8")
    column = '  - {set: retain, metric: norm, header: Norm, arrow: "→"}\n'
    layout.write_text(text.replace("\nrows:\n", f"{column}\nrows:\n", 1), encoding="utf-8")
    rows = ["real", *ROWS["demo-violence"]]
    exactly(
        project.planned(),
        {metric(row, "retain", "norm") for row in rows},
        {f"cell demo-violence/{row}/retain-norm" for row in rows},
        {"differences demo-violence", *PAGES},
    )


SPEED = '''
"""Mean speed of the joints, in metres a second."""

import numpy as np

SEES = ("joints",)
MODELS = ()
SETTINGS = ()


def load(context):
    return Speed()


class Speed:
    def motions(self, batch):
        steps = (np.diff(each.joints, axis=0) for each in batch)
        speeds = [20 * np.linalg.norm(each, axis=-1).mean() for each in steps]
        return np.array(speeds, dtype=np.float32).reshape(-1, 1)
'''
PACE = '''
"""Mean speed of the joints over all motions, and that of each."""

from hmu.interface.metrics import Measured

NAMES = ("speed",)
READS = {"speed": "generated/speed"}
SETTINGS = ()
REAL = True


def compute(inputs, settings):
    each = inputs["speed"][:, 0]
    return Measured({"speed": float(each.mean())}, {"speed": each})
'''


def test_a_new_descriptor_is_one_file_and_its_metric_another(project: Project) -> None:
    """It sees joints, of real motions and of models; nothing that is there is made again."""
    package = project.root / "workflow/hmu"
    (package / "descriptors/speed.py").write_text(SPEED, encoding="utf-8")
    (package / "metrics/speed.py").write_text(PACE, encoding="utf-8")
    layout = project.root / "workflow/tables/main.yaml"
    text = layout.read_text(encoding="utf-8")
    column = text.partition("columns:\n")[2].partition("\n")[0]
    own = column.replace("forget-fid", "forget-speed").replace("FID", "Speed")
    own = own.replace("metric: fid", "metric: speed")
    layout.write_text(text.replace(column, f"{own}\n{column}", 1), encoding="utf-8")
    cells = "results/cells/demo-violence"
    exactly(
        project.made(f"{cells}/real/forget-speed.json", f"{cells}/lcr/forget-speed.json"),
        {"describe_real demo/captions/speed"},
        {f"describe {asked('lcr')[0]}/speed"},
        {metric(who, "forget", "speed") for who in ("real", "lcr")},
        {f"cell demo-violence/{who}/forget-speed" for who in ("real", "lcr")},
    )
    metrics = project.root / "results/metrics/demo"
    place = "violence/concepts/violence/forget/speed/motions.npz"
    (real,) = npz.read(metrics / "real" / place, "speed")
    assert real.size == project.json(f"{cells}/real/forget-speed.json")["n"] * 2
    # By the joints themselves, of the first motion of the plan.
    plans = project.root / "results/plans/demo/concepts/violence/forget/plan.parquet"
    requests = pd.read_parquet(project.root / "results/prompts/demo/captions/requests.parquet")
    first = requests.iloc[pd.read_parquet(plans)["request"][0]]
    store = ClipStore(*(project.root / f"results/data/demo/features/{name}" for name in STORE))
    crop = store[first["clip"]][first["start"] : first["start"] + first["frames"]]
    speed = 20 * np.linalg.norm(np.diff(to_joints(np.asarray(crop)), axis=0), axis=-1).mean()
    assert real[0, 0] == pytest.approx(speed, abs=1e-4)


# Shared work


def test_a_concept_more_makes_no_motion_of_the_original(project: Project) -> None:
    """What does not depend on the concept is there already: of the original and of LCR, which lets
    the original's transformers speak, nothing is generated; no real motion and no text is
    described but those without the concept's words."""
    project.configure(lambda config: config["concepts"].update(walk={"keywords": ["walk"]}))
    table = {"layout": "k", "dataset": "demo", "concept": "walk"}
    project.configure(lambda config: config["tables"].update(walking=table))
    columns = [f"{each}-{name}" for each in SETS for name in COLUMNS[each]]
    rows = ("original", "lcr", "lcr-4")
    cells = [f"walking/{row}/{column}" for row in rows for column in columns]
    plans = "concepts/walk"
    exactly(
        project.planned(*(f"results/cells/{cell}.json" for cell in cells)),
        {"concept demo/walk", "code_statistics demo/momask/walk"},
        {f"plan demo/{plans}/{each}" for each in SETS},
        {f"describe_masked demo/walk/captions/{name}" for name in ("embedding", "hidden_words")},
        {f"unlearn demo/momask/walk/{variant}" for variant in ("lcr", "lcr-4")},
        {
            f"describe demo/momask/variants/walk/{variant}/plans/{plans}/{each}/plan/embedding"
            for variant in ("lcr", "lcr-4")
            for each in SETS
        },
        {
            f"metric demo/backbones/momask/variants/{row}/walk/{plans}/{each}/"
            f"{PLUGINS.get(name, name)}"
            for row in rows
            for each in SETS
            for name in COLUMNS[each]
        },
        {f"cell {cell}" for cell in cells},
    )


# Interruption


def test_an_interrupted_training_ends_with_the_same_weights(
    finished: Project, project: Project
) -> None:
    """Ended by SIGTERM after the first epoch, by SIGKILL after the second, and then left alone."""
    training = project.root / "workflow/hmu/models/training.py"
    text = training.read_text(encoding="utf-8")
    save = "resuming.save(resume, module, stepper.optimiser, state)"
    for old, new in (
        ("_SECONDS_BETWEEN_SAVES = 20.0", "_SECONDS_BETWEEN_SAVES = -1.0"),
        (f"    {save}", f"    {save}\n                time.sleep(3)"),
        ("            module.train()", "            module.train(); print('epoch', state.epoch)"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    training.write_text(text, encoding="utf-8")
    folder = project.root / "results/models/demo/backbones/momask/all/tokenizer"
    log = project.root / "results/logs/part/demo/momask/all/tokenizer.log"
    target = "results/models/demo/backbones/momask/all/tokenizer/model.safetensors"
    exactly(project.planned(target), {"part demo/momask/all/tokenizer"})

    first = interrupt(project, target, signal.SIGTERM, None)
    assert epochs(log) == ["epoch 0"]
    assert digests(folder) == {}, "nothing may have a final name, and nothing be left behind"
    assert project.half_written() == []
    interrupt(project, target, signal.SIGKILL, first)
    assert epochs(log) == ["epoch 1"]
    assert [name for name in digests(folder) if not name.startswith(".part.")] == []
    done = project.snakemake("--unlock")
    assert done.returncode == 0, shown(done)

    exactly(project.made(target), {"part demo/momask/all/tokenizer"})
    assert project.half_written() == []
    assert not list(state_files(project))
    assert epochs(log) == []
    before = finished.root / "results/models/demo/backbones/momask/all/tokenizer"
    for name in ("model.safetensors", "config.json", "origin.json", "training/log.parquet"):
        assert (folder / name).read_bytes() == (before / name).read_bytes()


def epochs(log: Path) -> list[str]:
    """The epochs that one run trained, from 0."""
    lines = log.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("epoch ")]


def state_files(project: Project) -> Iterator[Path]:
    return (project.root / "results/.scratch").glob("*/*/tokenizer.safetensors")


def interrupt(project: Project, target: str, number: int, after: float | None) -> float:
    """Start Snakemake and signal all its processes once training has saved its state.

    ``after`` is the time of the state that is there already. Returns that of the new one.
    """
    process = subprocess.Popen(
        project.command(target),
        cwd=project.root,
        env=project.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + 120
        while True:
            times: list[float] = []
            with contextlib.suppress(FileNotFoundError):  # it moves to who takes the job up
                times = [path.stat().st_mtime for path in state_files(project)]
            if times and times[0] != after:
                return times[0]
            assert process.poll() is None, "it ended before it could be interrupted"
            assert time.monotonic() < end, "training did not save its state"
            time.sleep(0.05)
    finally:
        os.killpg(process.pid, number)
        process.wait(60)


# Determinism


def test_another_machine_makes_the_same_bytes(finished: Project, tmp_path: Path) -> None:
    """From nothing to a checkpoint on one core, in another place, time zone and locale."""
    elsewhere = duplicate(finished, tmp_path / "elsewhere", results=False)
    target = f"results/checkpoints/{PLACE}/lcr-4/delta.safetensors"
    variables = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "2"}
    done = elsewhere.snakemake(target, cores=1, **variables)
    assert done.returncode == 0, shown(done)
    for name in ("data", "codes", "models", "checkpoints"):
        theirs = digests(finished.root / "results" / name)
        ours = digests(elsewhere.root / "results" / name)
        assert ours
        assert ours == {path: theirs[path] for path in ours}


# Lineage


def test_lineage_leads_from_a_cell_to_the_raw_files(finished: Project) -> None:
    done = finished.hmu("lineage", CELL)
    assert done.returncode == 0, shown(done)
    lines = done.stdout.splitlines()
    assert lines[0] == CELL
    stages = "metric", "describe", "generate", "unlearn", "code_statistics", "ingest"
    for stage in (*stages, "part (train_part)"):
        assert any(f" {stage} · seed 3407 · code " in line for line in lines), stage
    assert any(line.endswith("results/data/demo/raw") for line in lines)

    done = finished.hmu("lineage", "--json", CELL)
    assert done.returncode == 0, shown(done)

    folder = "results/lineage/checkpoints"
    record = finished.json(f"{folder}/{PLACE}/finetuned/delta.safetensors.json")
    assert record["rule"] == "unlearn_by_training"
    record = finished.json(
        "results/lineage/models/demo/backbones/momask/all/masked/config.json.json"
    )
    assert (record["rule"], record["step"]) == ("part", "train_part")
    masked = "results/lineage/descriptions/demo/masked/violence/captions/embedding.npy.json"
    record = finished.json(masked)
    assert (record["rule"], record["step"]) == ("describe_masked", "describe_texts")


def test_a_flipped_byte_anywhere_on_the_way_is_found(project: Project) -> None:
    done = project.hmu("verify", "results/tables")
    assert done.returncode == 0, shown(done)
    assert done.stdout.startswith("OK: ")
    raw = project.root / "results/data/demo/raw"
    recording = sorted(raw.rglob("*_poses.npz"))[7].relative_to(project.root)
    for name in (
        recording.as_posix(),
        "results/data/demo/raw/texts/000003.txt",
        "results/data/demo/features/data.npy",
        "results/data/demo/features/std.npy",
        "results/models/demo/evaluator/model.safetensors",
        "results/models/demo/backbones/momask/all/tokenizer/model.safetensors",
        "results/codes/demo/momask/all/codes.parquet",
        f"results/checkpoints/{PLACE}/lcr-4/delta.safetensors",
        "results/generations/demo/momask/original/prompts/captions.parquet",
        METRIC,
        CELL,
    ):
        path = project.root / name
        before = path.read_bytes()
        middle = len(before) // 2
        path.write_bytes(before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :])
        done = project.hmu("verify", CELL)
        assert done.returncode == 1, shown(done)
        named = [line for line in done.stdout.splitlines() if line.startswith("changed: ")]
        assert len(named) == 1
        assert named[0].startswith(f"changed: {name}: ")
        path.write_bytes(before)
    assert project.hmu("verify", CELL).returncode == 0


def test_a_run_on_other_code_is_noted(project: Project) -> None:
    project.alter("workflow/hmu/methods/lcr.py")
    done = project.hmu("verify", CELL)
    assert done.returncode == 0, shown(done)
    assert (
        "note: code: hmu/methods/lcr.py behaves otherwise than when 1 of the jobs ran"
        in done.stdout
    )
    assert project.hmu("verify", "--code", CELL).returncode == 1
