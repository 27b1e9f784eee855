"""Step: every table in every form, from the cells, and all figures on a page."""

import shutil

from hmu.figures import gallery
from hmu.run.job import Job
from hmu.tables import audit, binding, long_form
from hmu.tables.gathering import gather
from hmu.tables.writers import audit as audit_page
from hmu.tables.writers import csv, latex, markdown, webpage

MADE_AGAIN = True


def run(job: Job) -> None:
    """Write index.html, figures.html, audit.html, cells.parquet, and pages/{table}.csv, .md, .tex
    and .html, into ``tables``.

    Inputs and settings are those of `hmu.tables.gathering.gather` and of
    `hmu.figures.gallery.figures`, and the findings of the ``audit`` (YAML).
    Raises InputError when a file is not what it should be.
    """
    findings = audit.load(job.input("audit"))
    tables = gather(job, findings)
    folder = job.outputs["tables"]
    shutil.rmtree(folder, ignore_errors=True)
    pages = folder / webpage.PAGES
    pages.mkdir(parents=True)
    for table in tables:
        for suffix, text in (
            ("csv", csv.text(table)),
            ("md", markdown.text(table)),
            ("tex", latex.text(table)),
            ("html", webpage.page(table)),
        ):
            (pages / f"{table.name}.{suffix}").write_text(text, encoding="utf-8")
    long_form.write_cells(folder / "cells.parquet", tables)
    (folder / "index.html").write_text(webpage.index(tables), encoding="utf-8")
    layouts = binding.from_settings(job.settings)["tables"]
    pages_of = {entry["layout"]: name for name, entry in layouts.items()}
    (folder / webpage.AUDIT).write_text(audit_page.page(findings, pages_of), encoding="utf-8")
    (folder / webpage.FIGURES).write_text(gallery.page(gallery.figures(job)), encoding="utf-8")
