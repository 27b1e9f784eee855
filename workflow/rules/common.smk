# What every stage shares: the validated configuration, and the description of a job.

import json
import math
import os
import re
import sys
from pathlib import Path

# The package of this checkout, here and in every job, whatever else is installed, and whichever
# workflow imports this one.
PACKAGE = str(Path(str(workflow.current_basedir)).parent)
if {*"{}"} & {*PACKAGE}:
    raise SystemExit(
        f"The folder {PACKAGE} has braces in its name, which Snakemake takes for wildcards:"
        " move the project, or rename its folder."
    )
sys.path.insert(0, PACKAGE)
os.environ.update(PYTHONPATH=PACKAGE)

from hmu import config as configuration
from hmu import paths, registry
from hmu.provenance import checkout
from hmu.tables import binding, layout_files
from hmu.tables.addresses import no_such_cell
from hmu.provenance.timestamps import restore
from hmu.provenance.code import Code
from hmu.errors import InputError
from hmu.provenance.hashes import outline
from hmu.official import layout
from hmu.official.sources import DOWNLOAD, SOURCES
from hmu.run import environment, failures

# A configuration given on the command line, or by a workflow that imports this one, replaces the
# demo's; it is never merged with it.
IS_MAIN = workflow.modifier.is_main_snakefile()
CONFIG_FILES = [*workflow.configfiles] if IS_MAIN else []
IS_DEMO = not CONFIG_FILES and not workflow.modifier.skip_configfile
if IS_DEMO:
    # That of the folder that Snakemake runs in, or else the one beside the Snakefile.
    beside = Path(PACKAGE).parent / "config.yaml"
    CONFIG_FILES = ["config.yaml" if IS_MAIN and Path("config.yaml").exists() else str(beside)]

try:
    for path in CONFIG_FILES:
        configuration.read(Path(path))  # refuses a key given twice, of which Snakemake takes one
except InputError as error:
    # Not an error of Snakemake's, which would come with lines of this file.
    raise SystemExit(str(error)) from None

if IS_DEMO:

    configfile: CONFIG_FILES[0]


try:
    config = configuration.validate(config, ", ".join(map(str, CONFIG_FILES)))
    CELLS = {name: binding.addresses(config, name) for name in config["tables"]}
    if missing := configuration.missing_paths(config):
        raise InputError("\n".join(missing))
except InputError as error:
    raise SystemExit(str(error)) from None

# The sources of the package, read once, here and by every job.
CODE = Code(notes=Path("results/.cache/code.json"))
CODE.read_all()

# What files held when they were last hashed.
HASHES = Path("results/.cache/hashes")

# Results that came by `dvc pull` or a copy get back the times at which they were made.
if workflow.is_main_process:
    restore(Path("results"))
    if refused := checkout.refusal(Path(PACKAGE), Path("results/.cache/commits")):
        print(refused, file=sys.stderr)


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


# The package's command. What the job is told and its files go in on standard input: their length
# then has no limit, and the printed command can be copied.
STEP = (
    "python -m hmu step --threads {threads} --log {log:q} --rule {params.rule} - <<'JOB'\n"
    "{params.told}\n{params.files}\nJOB"
)

# For `--software-deployment-method conda`; otherwise the environment that runs Snakemake serves.
ENVIRONMENT = f"../../envs/{environment.name(config['device'])}.yaml"

# What takes longest and has most waiting for it starts first.
TRAINING_FIRST = 10


def origin(folder):
    """What every way to make a model leaves with it: where it is from, and what its training left,
    if anything.

    The outputs of a model are the same whichever rule makes it. Snakemake compares the params of a
    job only where it has made all outputs of its rule before, and so sees that an import takes the
    place of a training, or a method that trains that of one that does not.
    """
    return {"origin": f"{folder}/origin.json", "training": directory(f"{folder}/training")}


def model(folder):
    """The outputs of a rule that makes a whole model."""
    whole = {"model": f"{folder}/model.safetensors", "config": f"{folder}/config.json"}
    return {**whole, **origin(folder)}


def needs(mem_mb, runtime, gpu=0):
    """Resources: megabytes, minutes (or a function of the wildcards) and GPUs.

    A job that is tried again, as the profile may say, gets as much again of memory and time, but
    never more time than `longest_job`. With `device: cpu` nobody asks for a GPU.
    """

    def memory(wildcards, attempt):
        return mem_mb * attempt

    def minutes(wildcards, attempt):
        asked = attempt * (runtime(wildcards) if callable(runtime) else runtime)
        return min(asked, config["longest_job"] or asked)

    found = {"mem_mb": memory, "runtime": minutes}
    return {**found, "gpu": gpu} if gpu and config["device"] != "cpu" else found


def resumptions(minutes):
    """How often a training of so many minutes is tried again, where `longest_job` is shorter: it
    goes on where it stopped. Otherwise 0, which leaves it to the profile."""
    longest = config["longest_job"] or minutes
    return math.ceil(minutes / longest) if longest < minutes else 0


def job(step, settings=None, plugins=None, raw=None, rule=None, seed=None):
    """The params that describe a job, as JSON what hmu.steps.<step> is `told`, and the `files` that
    it reads and writes; and the name of its `rule`, where that is another than the step's.

    Snakemake runs a job again when what it is told changes. It compares no params that are made
    from input and output, and so `files` stand apart; it sees to them by itself. `settings` and
    `plugins` (the modules that the step loads by name) are functions of the wildcards. With them
    stands the digest of the code that the step runs: a change of that code, and of no other, makes
    Snakemake run the job again. `raw` is a function too: the user's directory, if it is one, and
    patterns of the files in it that the step reads. What these hold is compared as well: times say
    nothing of files that were changed in place, and other files are nobody's input. `seed`, a
    function as well, gives another seed than the configuration's.
    """

    def told(wildcards):
        loaded = plugins(wildcards) if plugins else []
        return as_json(
            {
                "step": step,
                "settings": settings(wildcards) if settings else {},
                "seed": seed(wildcards) if seed else config["seed"],
                "plugins": loaded,
                "code": CODE.digest(f"hmu.steps.{step}", *loaded),
            }
        )

    def held(wildcards):
        folder, patterns = raw(wildcards)
        return outline(Path(folder), patterns, HASHES) if folder else ""

    named = {"told": told, "files": files_of, "rule": rule or step}
    return {**named, "raw": held} if raw else named


def files_of(wildcards, input, output):
    inputs = {name: plain(value) for name, value in input.items()}
    return as_json(
        {"inputs": inputs, "outputs": {name: str(each) for name, each in output.items()}}
    )


def as_json(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def plain(value):
    return value if isinstance(value, str) else [str(each) for each in value]


def with_device(settings):
    return {**settings, "device": config["device"]}
