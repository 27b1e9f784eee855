"""The tables of a run, put together from the files that they are made of."""

from collections.abc import Sequence

from hmu.io import files
from hmu.run.job import Job
from hmu.tables import (
    binding,
    detection,
    disagreement,
    layout_files,
    long_form,
    prompt_sources,
)
from hmu.tables.audit import Finding
from hmu.tables.limits import limits
from hmu.tables.notes import notes
from hmu.tables.table import Table, assemble, read_cells


def gather(job: Job, findings: Sequence[Finding]) -> list[Table]:
    """All tables, in the configuration's order, by a job that has their files.

    Inputs: ``cells`` (JSON), ``differences`` (a file of each table), ``detections`` (of those by a
    detector), ``layouts`` (YAML), ``sources`` (of prompts, what they gave). Settings are what
    `binding.settings` makes of the configuration; in sentences, ``arithmetic``, whose that is, and
    of each table ``cuts``, what of the paper's it cuts, and ``evaluators``, where its second
    evaluator is from.
    A cell that is not among the files shows as n/a. Raises InputError when a file is not what it
    should be.
    """
    records = read_cells(job.input_list("cells"))
    apart = {path.stem: long_form.read_differences(path) for path in job.input_list("differences")}
    detected = {path.stem: files.read_json(path) for path in job.input_list("detections")}
    declared = {path.stem: layout_files.load(path) for path in job.input_list("layouts")}
    origins = prompt_sources.read(job.input_list("sources"))
    config = binding.from_settings(job.settings)
    made = []
    for name, entry in config["tables"].items():
        bound = binding.bind(config, name, declared[entry["layout"]])
        own, others = records.get(name, {}), apart.get(name, [])
        disagree = disagreement.sentences(bound, own)
        told = [
            *notes(bound, own, job.seed),
            *prompt_sources.notes(bound, config["sets"], origins),
            *disagree,
            *detection.notes(detected.get(name, [])),
            *limits(bound.columns, others),
            *job.settings["arithmetic"],
            *job.settings["cuts"][name],
            *job.settings["evaluators"][name],
        ]
        made.append(assemble(bound, own, told, findings, others, disagree))
    return made
