# What every stage shares: the validated configuration, and the description of a job.

import json
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

# The package of this checkout, here and in every job, whatever else is installed.
PACKAGE = str(Path(workflow.basedir) / "workflow")
sys.path.insert(0, PACKAGE)
os.environ.update(PYTHONPATH=PACKAGE)

from hmu import config as configuration
from hmu import registry, tables
from hmu.code import digest
from hmu.errors import InputError

try:
    config = configuration.validate(config, ", ".join(map(str, workflow.configfiles)))
    CELLS = {name: tables.cells(config, name) for name in config["tables"]}
    if missing := configuration.missing_paths(config):
        raise InputError("\n".join(missing))
except InputError as error:
    raise WorkflowError(str(error)) from None


wildcard_constraints:
    dataset="|".join(config["datasets"]),
    backbone="|".join(config["backbones"]),
    concept="|".join(config["concepts"]),
    variant="|".join([*config["variants"], "real"]),
    generator="|".join(["base", *config["variants"]]),
    set="forget|retain",
    part="tokenizer|masked|residual",
    trainset="all|wo-[^/]+",


# The package's command. The job's description goes in on standard input: its length then has no
# limit, and the printed command can be copied.
STEP = "python -m hmu step --log {log:q} - <<'JOB'\n{params.job}\nJOB"

# For `--software-deployment-method conda`; otherwise the environment that runs Snakemake serves.
ENVIRONMENT = f"../../envs/{'cpu' if config['device'] == 'cpu' else 'gpu'}.yaml"

# One GPU; the profile maps the rest. Rules without it never ask for one.
GPU = {"gpu": 1, "mem_mb": 32_000}


def job(step, settings=None, plugin=None):
    """The `params.job` of a rule: what hmu.steps.<step> reads, writes and is told, as JSON.

    `settings` and `plugin` (a module that the step loads by name) are functions of the wildcards,
    and so may be `step`. The description holds the digest of the code that the step runs, so that a
    change of that code, and of no other, makes Snakemake run the rule again.
    """

    def describe(wildcards, input, output, threads):
        name = step(wildcards) if callable(step) else step
        plugins = [plugin(wildcards)] if plugin else []
        description = {
            "step": name,
            "inputs": {name: plain(value) for name, value in input.items()},
            "outputs": {name: str(value) for name, value in output.items()},
            "settings": settings(wildcards) if settings else {},
            "seed": config["seed"],
            "threads": threads,
            "plugins": plugins,
            "code": digest(f"hmu.steps.{name}", *plugins),
        }
        return json.dumps(description, sort_keys=True, ensure_ascii=False)

    return describe


def plain(value):
    return value if isinstance(value, str) else [str(each) for each in value]


def with_device(settings):
    return {**settings, "device": config["device"]}
