"""The times of Table 13: what the model of a row took, from the records of the run."""

from support.project import Project

CELL = "results/cells/epochs/{}/time.json"
CHECKPOINTS = "results/checkpoints/demo/momask/violence"


def test_a_time_is_the_sum_of_the_records_of_its_row(project: Project) -> None:
    entry = {"layout": "table-13", "dataset": "demo"}
    project.configure(lambda config: config["tables"].update(epochs=entry))
    times = [CELL.format(row) for row in ("finetuned", "retrained")]
    assert project.made(*times) == [
        "cell epochs/finetuned/time",
        "cell epochs/retrained/time",
        "cost demo/momask/violence/finetuned",
        "cost demo/momask/violence/retrained",
    ]
    tuned, trained = (project.json(cell) for cell in times)
    for cell, row in ((tuned, "finetuned"), (trained, "retrained")):
        listed = [project.json(job["record"]) for job in cell["cost"]["jobs"]]
        assert cell["value"] == sum(record["seconds"] for record in listed) > 0
        made = {output["path"] for record in listed for output in record["outputs"]}
        assert f"{CHECKPOINTS}/{row}/delta.safetensors" in made
    rules = [job["rule"] for job in trained["cost"]["jobs"]]
    assert sorted(rules) == ["codes", "concept", "part", "part", "part", "unlearn"]
    assert {job["rule"] for job in tuned["cost"]["jobs"]} == {"concept", "unlearn_by_training"}
    assert project.planned(*times) == []
    done = project.snakemake("--dry-run", CELL.format("original"))
    assert done.returncode, "the original took nothing beyond itself"
