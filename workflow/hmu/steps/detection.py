"""What a table's detectors are worth, and whether a second seed ranks its rows the same."""

from dataclasses import asdict

from hmu.io import files
from hmu.run.job import Job
from hmu.tables import cells, detection


def run(job: Job) -> None:
    """Calibrations, and the values of presence of a table -> the records of `Detected`, as JSON.

    Settings: ``detectors``, each with ``dataset``, ``concept``, ``backbones`` and ``cells``, the
    rankings that cells are of ("the forget set, momask"). Inputs: of detector number 0 its
    ``calibration/0``; ``fires/0``, presence of the original for retain prompts, for each backbone
    (none, where no original is configured); ``values/0``, of each of its cells.
    """
    found = []
    for number, each in enumerate(job.settings["detectors"]):
        fires = {
            backbone: cells.summarise(path, detection.NAMES[0])["value"]
            for backbone, path in zip(
                each["backbones"], job.input_list(f"fires/{number}"), strict=False
            )
        }
        rankings: dict[str, list[list[float]]] = {}
        for where, path in zip(each["cells"], job.input_list(f"values/{number}"), strict=True):
            both = [cells.summarise(path, name)["value"] for name in detection.NAMES]
            rankings.setdefault(where, []).append(both)
        found.append(
            detection.Detected(
                dataset=each["dataset"],
                concept=each["concept"],
                calibration=files.read_json(job.input(f"calibration/{number}"))[0],
                fires=fires,
                tau={k: detection.agreement(*zip(*v, strict=True)) for k, v in rankings.items()},
                rows={where: len(values) for where, values in rankings.items()},
            )
        )
    files.write_json(job.outputs["detection"], [asdict(each) for each in found])
