"""A number in a table is edited, and a folder of records put beside it."""

from hmu.provenance.lineage import Lineage, seal
from support.forging import content_of, record_of
from support.project import Project

SAID = "changed: results/tables/pages/demo-violence.csv"


def fault(project: Project) -> None:
    tables = project.root / "results/tables"
    path = tables / "pages/demo-violence.csv"
    path.write_text("row,label,forget-fid\nlcr,w/ LCR,0.0001\n", encoding="utf-8")
    value = record_of(project.root, "results/tables")
    value["inputs"], value["job"]["inputs"] = [], {}
    value["outputs"] = [{**content_of(path), "path": "tables/pages/demo-violence.csv"}]
    Lineage(tables).write(seal(value), ["tables/pages/demo-violence.csv"])
