"""A variant has a name that the paths of older versions used themselves."""

from support.project import Project, take_tables


def fault(project: Project) -> None:
    def change(config):
        config["variants"]["base"] = {"method": "finetune", "epochs": 1}
        table = {"layout": "main", "dataset": "demo", "concept": "violence", "rows": ["base"]}
        take_tables(config, {"named": table})

    project.configure(change)


def holds(project: Project) -> None:
    """It is trained, and its motions are its own."""
    planned = project.planned("results/cells/named/base/forget-fid.json")
    assert [job for job in planned if job.startswith("unlearn_by_training ") and "base" in job]
    (generated,) = [job for job in planned if job.startswith("generate")]
    assert "base" in generated
