"""The folder of the results has another name."""

from support.project import Project, shown


def fault(project: Project) -> None:
    (project.root / "results").rename(project.root / "mine")


def holds(project: Project) -> None:
    """Its records are not believed under it, one line each, and a run begins anew."""
    done = project.hmu("verify", "mine/cells/demo-violence/lcr")
    assert done.returncode == 1, shown(done)
    lines = shown(done).strip().splitlines()
    assert len(lines) > 1
    assert all("give a renamed folder its name again" in line for line in lines[:-1])
    planned = project.planned("results/tables")
    assert "ingest demo" in planned
