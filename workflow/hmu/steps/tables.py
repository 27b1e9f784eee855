"""Step: every table in every form, from the cells."""

import shutil

from hmu.io import files
from hmu.run.job import Job
from hmu.tables import audit, binding, detection, layout_files, long_form
from hmu.tables.limits import limits
from hmu.tables.notes import notes
from hmu.tables.table import assemble, read_cells
from hmu.tables.writers import audit as audit_page
from hmu.tables.writers import csv, latex, markdown, webpage

MADE_AGAIN = True


def run(job: Job) -> None:
    """Write index.html, audit.html, cells.parquet, and pages/{table}.csv, .md, .tex and .html, into
    ``tables``.

    Inputs: cells (their JSON files), differences (of each table), detections (of those by a
    detector), layouts and the findings of the audit (YAML). Settings: what `binding.settings`
    makes of the configuration; in sentences,
    ``arithmetic``, whose that is, and ``cuts``, what of the paper's each table cuts. A cell that is
    not among the inputs shows as n/a.
    Raises InputError when a file is not what it should be.
    """
    records = read_cells(job.input_list("cells"))
    differences = {
        path.stem: long_form.read_differences(path) for path in job.input_list("differences")
    }
    detections = {path.stem: files.read_json(path) for path in job.input_list("detections")}
    declared = {path.stem: layout_files.load(path) for path in job.input_list("layouts")}
    findings = audit.load(job.input("audit"))
    config = binding.from_settings(job.settings)
    folder = job.outputs["tables"]
    shutil.rmtree(folder, ignore_errors=True)
    pages = folder / webpage.PAGES
    pages.mkdir(parents=True)
    made = []
    for name, entry in config["tables"].items():
        bound = binding.bind(config, name, declared[entry["layout"]])
        own = records.get(name, {})
        apart = differences.get(name, [])
        told = [
            *notes(bound, own, job.seed),
            *detection.notes(detections.get(name, [])),
            *limits(bound.columns, apart),
            *job.settings["arithmetic"],
            *job.settings["cuts"][name],
        ]
        table = assemble(bound, own, told, findings, apart)
        for suffix, text in (
            ("csv", csv.text(table)),
            ("md", markdown.text(table)),
            ("tex", latex.text(table)),
            ("html", webpage.page(table)),
        ):
            (pages / f"{name}.{suffix}").write_text(text, encoding="utf-8")
        made.append(table)
    long_form.write_cells(folder / "cells.parquet", made)
    (folder / "index.html").write_text(webpage.index(made), encoding="utf-8")
    pages_of = {entry["layout"]: name for name, entry in config["tables"].items()}
    (folder / webpage.AUDIT).write_text(audit_page.page(findings, pages_of), encoding="utf-8")
