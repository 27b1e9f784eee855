# What every stage shares: the validated configuration, and the description of a job.
#
# Rules that take seconds, or that need the network, which only a login node may have, are local.

import json
import math
import os
import re
import sys
from pathlib import Path

from snakemake.io import is_flagged
from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry

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
# Containers often tell Python not to keep compiled modules; each of a thousand small jobs would then
# spend a fifth of its time on compiling the same ones.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from hmu import paths
from hmu.provenance.code import Code

# Where results go: elsewhere in a workflow that imports this one under a `prefix`.
RESULTS = os.path.dirname(workflow.modifier.path_modifier.modify(paths.tables()))

# The sources of the package, read once, here and by every job, before any is imported that may be
# no Python.
CODE = Code(notes=Path(RESULTS, ".cache/code.json"))
try:
    CODE.read_all()
except SyntaxError as error:
    raise SystemExit(
        f"{os.path.relpath(error.filename)}, line {error.lineno} is not Python ({error.msg}): correct it."
    ) from None

from hmu import config as configuration
from hmu.config import cuts
from hmu import registry
from hmu.config import arithmetic, planning, second_evaluator
from hmu.provenance import checkout
from hmu.tables import audit, binding, layout_files
from hmu.tables.addresses import by_model, of_motions, no_such_cell, plugin_of, subjects
from hmu.provenance.timestamps import restore
from hmu.errors import InputError
from hmu.provenance.hashes import outline, outline_of
from hmu.official import layout, releases
from hmu.official import tmr as tmr_files
from hmu.official.sources import DOWNLOAD
from hmu.raw_data import patterns
from hmu.run import cancelled, environment, failures, packages, parent

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
    BOUND = {name: binding.bind(config, name) for name in config["tables"]}
    if faults := planning.faults(config):
        raise InputError("\n".join(faults))
except InputError as error:
    raise SystemExit(str(error)) from None

CELLS = {name: bound.cells for name, bound in BOUND.items()}

# Jobs end with this process, even if it is killed.
os.environ[parent.VARIABLE] = str(os.getpid())

# What somebody cancels on a cluster is not sent again.
if ExecutorPluginRegistry().is_installed("slurm"):
    slurm = ExecutorPluginRegistry().get_plugin("slurm")
    slurm.executor = cancelled.heeding(slurm.executor)

# What files held when they were last hashed.
HASHES = Path(RESULTS, ".cache/hashes")

# Results that came by `dvc pull` or a copy get back the times at which they were made.
if workflow.is_main_process:
    notes = Path(".snakemake")
    if not os.access(notes if notes.exists() else ".", os.W_OK):
        raise SystemExit(
            f"{notes.absolute()} may not be written here, and Snakemake keeps notes there, also of a dry"
            " run: copy this folder (`cp -a`) and run it there. `hmu lineage`, `hmu verify` and"
            " `hmu cells` only read."
        )
    restored = restore(Path(RESULTS))
    if restored.refused:
        print(
            f"{restored.refused} results keep their times, which may not be changed here:"
            " Snakemake may want to make them again.",
            file=sys.stderr,
        )
    for name in restored.short:
        print(f"{name} is shorter than its record says: it is made again.", file=sys.stderr)
    if refused := checkout.refusal(Path(PACKAGE), Path(RESULTS, ".cache/commits")):
        print(refused, file=sys.stderr)


def look_when_jobs_end(scheduler):
    """Let Snakemake look for jobs to begin when others have ended, and at no other time.

    It begins at most 100 jobs a second unless told otherwise, and for that looks again a second
    after each look: each job that ends makes one look a second more, until they keep a core busy.
    Nothing here begins so many. A limit that the user gives stays.
    """
    limiter = scheduler.job_rate_limiter
    if limiter and (limiter.max_jobs, limiter.timespan) == (100, 1):
        scheduler.job_rate_limiter = None


def backbone_says(backbone, literal):
    """What the kind of a backbone says of itself."""
    return registry.literals("backbones", config["backbones"][backbone]["kind"])[literal]


def made_elsewhere(backbone):
    """Whether the motions of a backbone are given, instead of generated by parts of it."""
    return "MOTIONS" in registry.literals("backbones", config["backbones"][backbone]["kind"])


def either(names):
    """Any of the names, as a constraint of a wildcard; it may be that there is none."""
    return "|".join(map(re.escape, names)) or "(?!)"


def backbones(chosen):
    """Those for which ``chosen`` is true, as a constraint of a wildcard; it may be that none is."""
    return either(name for name in config["backbones"] if chosen(name))


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
    described="(?:concepts/[^/]+/)?(?:" + "|".join(registry.names("descriptors")) + ")",
    metric="|".join(registry.names("metrics")),
    part=either(sorted({part for name in config["backbones"] for part in parts(name)})),
    trainset=paths.TRAINSET,


# What the job is told and its files go in on standard input: their length then has no limit, and
# the printed command can be copied.
STEP = "python -m hmu.run {log:q} <<'JOB'\n{params.told}\n{params.files}\nJOB"

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
    curves = report(
        directory(f"{folder}/training"),
        patterns=["{curve}.svg"],
        caption="../report/training.rst",
        category="Training",
        labels={"model": folder.removeprefix(f"{paths.RESULTS}/")},
    )
    return {"origin": f"{folder}/origin.json", "training": curves}


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


def tries(minutes, resumes=False):
    """How often a job of so many minutes is tried again; None leaves that to the profile.

    Where `longest_job` is no longer, what resumes is tried as often as it takes: it goes on where
    it stopped. The rest would get no more time than before, and is not tried again. Within a job of
    a cluster Snakemake runs once more, and would try as often there; whoever sent the job does.
    """
    if not workflow.is_main_process:
        return 0
    longest = config["longest_job"]
    if longest is None or minutes < longest:
        return None
    return math.ceil(minutes / longest) if resumes else 0


def job(step, settings=None, plugins=None, raw=None, rule=None, seed=None, given=None):
    """The params that describe a job, as JSON: what hmu.steps.<step> is `told`, and the `files` that
    it reads and writes, with its threads and the name of its `rule`, which may be another than the
    step's.

    Snakemake runs a job again when what it is told changes. It compares no params that are made
    from input and output, and so `files` stand apart; it sees to them by itself. `settings` and
    `plugins` (the modules that the step loads by name) are functions of the wildcards. With them
    stands the digest of the code that the step runs: a change of that code, and of no other, makes
    Snakemake run the job again. `raw` is a function too: the user's directory, if it is one, and
    patterns of the files in it that the step reads. What these hold is compared as well: times say
    nothing of files that were changed in place, and other files are nobody's input. So is what single
    files of the user's hold, those that are `known` among the inputs that the function `given` finds.
    `seed`, a function as well, gives another seed than the configuration's.
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

    def raw_held(wildcards):
        folder, patterns = raw(wildcards)
        return outline(Path(folder), patterns, HASHES) if folder else ""

    def given_held(wildcards):
        named = tuple(
            (f"{name}/{number}", Path(each))
            for name, value in given(wildcards).items()
            for number, each in enumerate([value] if isinstance(value, str) else value)
            if is_flagged(each, "ancient")
        )
        return outline_of(named, HASHES)

    def files(wildcards, input, output, threads):
        folder, patterns = raw(wildcards) if raw else (None, ())
        inputs = {name: plain(value) for name, value in input.items()}
        return as_json(
            {
                "inputs": inputs,
                "outputs": {name: str(each) for name, each in output.items()},
                "only": {name: patterns for name, value in inputs.items() if value == folder},
                "results": RESULTS,
                "rule": rule or step,
                "threads": threads,
            }
        )

    described = {"told": told, "files": files}
    if raw:
        described["raw"] = raw_held
    if given:
        described["given"] = given_held
    return described


def users(path):
    """A file or directory of the user's, which lies where it does, whatever prefix results have."""
    return local(path) if isinstance(path, str) else [local(each) for each in path]


def known(path):
    """The same where a job knows it by its content (`raw` or `given`), and its time says nothing."""
    return ancient(users(path))


def as_json(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def plain(value):
    return value if isinstance(value, str) else [str(each) for each in value]


def with_device(settings):
    return {**settings, "device": config["device"]}
