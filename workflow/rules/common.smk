# What every stage shares: the validated configuration, and the description of a job.

import json
import os
import re
import sys
from pathlib import Path

# The package of this checkout, here and in every job, whatever else is installed.
PACKAGE = str(Path(workflow.basedir) / "workflow")
sys.path.insert(0, PACKAGE)
os.environ.update(PYTHONPATH=PACKAGE)

from hmu import config as configuration
from hmu import paths, registry
from hmu.tables import binding, layout_files
from hmu.tables.addresses import no_such_cell
from hmu.provenance.timestamps import restore
from hmu.provenance.code import Code
from hmu.errors import InputError
from hmu.provenance.hashes import outline
from hmu.official import layout
from hmu.official.sources import DOWNLOAD, SOURCES

try:
    for path in workflow.configfiles:
        configuration.read(Path(path))  # refuses a key given twice, of which Snakemake takes one
    config = configuration.validate(config, ", ".join(map(str, workflow.configfiles)))
    CELLS = {name: binding.addresses(config, name) for name in config["tables"]}
    if missing := configuration.missing_paths(config):
        raise InputError("\n".join(missing))
except InputError as error:
    # Not an error of Snakemake's, which would come with lines of this file.
    raise SystemExit(str(error)) from None

# The sources of the package, read once, here and by every job.
CODE = Code(notes=Path("results/.cache/code.json"))
CODE.read_all()

# What files held when they were last hashed.
HASHES = Path("results/.cache/hashes")

# Results that came by `dvc pull` or a copy get back the times at which they were made.
if workflow.is_main_process:
    restore(Path("results"))


def backbone_says(backbone, literal):
    """What the kind of a backbone says of itself."""
    return registry.literals("backbones", config["backbones"][backbone]["kind"])[literal]


def parts(backbone):
    """The parts of a backbone, in the order of their training."""
    return list(backbone_says(backbone, "PARTS"))


def transformers(backbone):
    """The parts that generate codes; the tokenizer decodes them."""
    return [part for part in parts(backbone) if part != "tokenizer"]


def owner(backbone, part):
    """The backbone that trains a part: itself, or the one that it shares the part with."""
    return configuration.owner(config, backbone, part)


def modules(backbone, *named, of=("network", "sizes")):
    """The modules that a step loads to open parts of a backbone; all parts where none is named."""
    found = []
    for part in named or parts(backbone):
        says = backbone_says(owner(backbone, part), "PARTS")[part]
        found += [says[name] if name == "recipe" else says[name].rpartition(".")[0] for name in of]
    return list(dict.fromkeys(found))


def sampler_modules(backbone):
    """The modules that a step loads to generate with a backbone."""
    return [
        *modules(backbone, *transformers(backbone)),
        *modules(backbone, "tokenizer", of=("sizes",)),
        backbone_says(backbone, "SAMPLER"),
    ]


wildcard_constraints:
    dataset="|".join(map(re.escape, config["datasets"])),
    backbone="|".join(map(re.escape, config["backbones"])),
    concept="|".join(map(re.escape, config["concepts"])),
    variant="|".join(map(re.escape, [*config["variants"], "real"])),
    prompts=paths.NAME,
    place=paths.PLACE,
    asked=paths.ASKED,
    model=paths.MODEL,
    measured=paths.MEASURED,
    descriptor="|".join(registry.names("descriptors")),
    metric="|".join(registry.names("metrics")),
    part="|".join(sorted({part for name in config["backbones"] for part in parts(name)})),
    trainset=paths.TRAINSET,


# The package's command. The job's description goes in on standard input: its length then has no
# limit, and the printed command can be copied.
STEP = "python -m hmu step --log {log:q} - <<'JOB'\n{params.job}\nJOB"

# For `--software-deployment-method conda`; otherwise the environment that runs Snakemake serves.
ENVIRONMENT = f"../../envs/{'cpu' if config['device'] == 'cpu' else 'gpu'}.yaml"

# What takes longest and has most waiting for it starts first.
TRAINING_FIRST = 10

# One GPU; the profile maps the rest. Rules without it never ask for one.
GPU = {"gpu": 1, "mem_mb": 32_000}


def job(step, settings=None, plugins=None, raw=None):
    """The params of a rule: `job`, what hmu.steps.<step> reads, writes and is told, as JSON, and
    `version`, what of that decides whether a result is out of date beside its inputs.

    `settings` and `plugins` (the modules that the step loads by name) are functions of the
    wildcards, and so may be `step`. Both hold the digest of the code that the step runs, so that a
    change of that code, and of no other, makes Snakemake run the rule again. `version` stands apart
    because Snakemake compares no params that are made from input and output. `raw` is a function
    too: the user's directory, if it is one, and patterns of the files in it that the step reads.
    What these hold is part of `version`; times say nothing of files that were changed in place, and
    other files are nobody's input.
    """

    def told(wildcards):
        name = step(wildcards) if callable(step) else step
        loaded = plugins(wildcards) if plugins else []
        return {
            "step": name,
            "settings": settings(wildcards) if settings else {},
            "seed": config["seed"],
            "plugins": loaded,
            "code": CODE.digest(f"hmu.steps.{name}", *loaded),
        }

    def describe(wildcards, input, output, threads):
        files = {
            "inputs": {name: plain(value) for name, value in input.items()},
            "outputs": {name: str(value) for name, value in output.items()},
        }
        return as_json({**told(wildcards), **files, "threads": threads})

    def version(wildcards):
        folder, patterns = raw(wildcards) if raw else (None, ())
        held = {"raw": outline(Path(folder), patterns, HASHES)} if folder else {}
        return as_json({**told(wildcards), **held})

    return {"job": describe, "version": version}


def as_json(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def plain(value):
    return value if isinstance(value, str) else [str(each) for each in value]


def with_device(settings):
    return {**settings, "device": config["device"]}
