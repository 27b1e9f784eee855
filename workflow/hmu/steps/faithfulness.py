"""How faithful the metrics of a table are, from its cells."""

from dataclasses import asdict

from hmu.io import files
from hmu.run.job import Job
from hmu.tables import binding, faithfulness, layout_files
from hmu.tables.table import read_cells
from hmu.tables.writers import faithfulness as writer


def run(job: Job) -> None:
    """Cells of the ``table`` of the settings, which are those of `binding.settings` too, and its
    layout -> ``faithfulness`` (JSON), and the same as a ``page`` (Markdown).

    Raises InputError where there are too few models, or too many.
    """
    name = job.settings["table"]
    declared = layout_files.load(job.input("layout"))
    bound = binding.bind(binding.from_settings(job.settings), name, declared)
    records = read_cells(job.input_list("cells")).get(name, {})
    found = faithfulness.of_table(bound, records)
    files.write_json(job.outputs["faithfulness"], [asdict(each) for each in found])
    job.outputs["page"].write_text(writer.text(bound.title, found), encoding="utf-8")
