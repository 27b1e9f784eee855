"""The jobs of `hmu unlearn` are those of the rules, as a dry run prints them."""

from pathlib import Path
from typing import Any

import pytest

from hmu import config, registry
from hmu.generation.bundle import Model
from hmu.jobs import unlearning
from hmu.jobs.preparing import Preparing
from hmu.models.stored import Stored
from hmu.run.job import Job
from hmu.unlearning.declaration import Declaration
from support.project import CONFIG, Project, copy_repository, shown, take_tables, told

RESULTS = Path("results")
VARIANTS: dict[str, dict[str, Any]] = {
    "original": {"method": "original"},
    "lcr": {"method": "lcr", "k": 8},
    "lcr-reference": {"method": "lcr", "k": 8, "counts": "reference"},
    "lcr-smoothest": {"method": "lcr", "k": 8, "replacement": "smoothest"},
    "lcr-parts": {"method": "lcr", "parts": {"violence": 8, "walk": 4}},
    "lcr-codes": {"method": "lcr", "codes": ["one.yaml", "other.yaml"]},
    "uce": {"method": "uce"},
    "rece": {"method": "rece", "preserve": "captions"},
    "esd": {"method": "esd", "target": "empty"},
    "npo": {"method": "npo"},
    "filtered": {"method": "filtered", "k": 8},
    "task-vector": {"method": "task_vector"},
    "finetuned": {"method": "finetune"},
}
BACKBONES = ("momask", "bamm")


@pytest.fixture(scope="module")
def project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which nothing has run."""
    made = Project(tmp_path_factory.mktemp("rules") / "project")
    copy_repository(root, made.root)
    (made.root / "data" / "joints").mkdir(parents=True)
    for name in ("Mean.npy", "Std.npy", "one.yaml", "other.yaml"):
        ((made.root / "data" if name.endswith("npy") else made.root) / name).touch()

    def change(given: dict[str, Any]) -> None:
        given["variants"] = VARIANTS
        given["concepts"]["walk"] = {"keywords": ["walk"], "min_lines": 2}
        given["datasets"]["own"] = {"source": "joints", "raw": "data", "tagger": "rules"}
        demo = {"layout": "main", "dataset": "own", "concept": "violence"}
        take_tables(given, {"demo": demo})

    made.configure(change)
    return made


def planned(project: Project) -> list[Job]:
    """The jobs of the rules that the checkpoints of all variants need."""
    place = "results/checkpoints/own/{}/violence/{}/origin.json"
    wanted = [place.format(backbone, name) for backbone in BACKBONES for name in VARIANTS]
    done = project.snakemake("--dry-run", "--printshellcmds", *wanted)
    assert done.returncode == 0, shown(done)
    return told(shown(done))


def key(job: Job) -> tuple[str, ...]:
    return job.step, *sorted(map(str, job.outputs.values()))


def described(job: Job) -> dict[str, Any]:
    """What a job is, whichever way it was made; of its plugins no order."""
    inputs = {name: [str(path) for path in job.input_list(name)] for name in job.inputs}
    return {
        "inputs": inputs,
        "outputs": {name: str(path) for name, path in job.outputs.items()},
        "settings": dict(job.settings),
        "seed": job.seed,
        "plugins": sorted(job.plugins),
        "only": {name: list(each) for name, each in job.only.items()},
    }


def model(backbone: str) -> Model:
    """Where the workflow has the parts of a backbone: BAMM has two of MoMask's."""
    folder = RESULTS / "models" / "own"
    inputs = Stored("text_encoder", *files(folder / "text_encoder")).inputs()
    for part in registry.literals("backbones", backbone)["PARTS"]:
        owner = backbone if part == "masked" else "momask"
        inputs |= Stored(part, *files(folder / "backbones" / owner / "all" / part)).inputs()
    return Model(backbone, folder / "backbones" / backbone / "all", inputs)


def files(folder: Path) -> tuple[Path, Path]:
    return folder / "model.safetensors", folder / "config.json"


def test_each_job_is_as_its_rule_describes_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = {key(job): job for job in planned(project)}
    monkeypatch.chdir(project.root)
    configured = config.load(Path(CONFIG))
    seen = set()
    for backbone in BACKBONES:
        ours = model(backbone)
        preparing = Preparing(configured, "own", backbone, ours, RESULTS)
        for name in VARIANTS:
            declared = Declaration.of(configured["variants"][name])
            address = {"backbone": backbone, "concept": "violence", "dataset": "own"}
            whole = {**address, "variant": name}
            concepts = unlearning.concepts(declared, "violence")
            given = preparing.inputs(declared.inputs, concepts)
            to = RESULTS / "checkpoints/own" / backbone / "violence" / name
            made = unlearning.job(configured, whole, ours, given, to, RESULTS)
            for job in (*preparing.jobs(declared.inputs, concepts), made):
                assert described(job) == described(rules[key(job)]), key(job)
                seen.add(key(job))
    models = {each for each in rules if each[0] in ("train_part", "text_encoder")}
    assert rules.keys() - models == seen, "and no job is made for nothing"
