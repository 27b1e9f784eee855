"""A number in a table is edited, and the table's record sealed again."""

from support.forging import forge_content
from support.project import Project

NAME = "results/tables"
SAID = "not made by this: results/tables is another when it is made again from its inputs"


def fault(project: Project) -> None:
    path = project.root / NAME / "pages/demo-violence.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("lcr", "1cr"), encoding="utf-8")
    forge_content(project.root, NAME)
