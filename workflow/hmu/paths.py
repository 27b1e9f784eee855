"""The path of every result, as a pure function of what it holds.

The arguments are names; a rule passes its wildcards (``"{dataset}"``) in their place. Each kind of
configured name has folders of its own: wherever such a name stands, nothing else stands beside it
that the paths name themselves. So a variant called ``original``, a concept called ``concepts`` or
a table called ``index`` is mistaken for nothing.

Five segments say more than one name:

- ``trainset``: which clips a model may see, ``all`` or ``without/CONCEPT``;
- ``place``: a set of prompts, ``whole/SET`` or, of one that depends on a concept,
  ``concepts/CONCEPT/SET``;
- ``asked``: the motions that are generated together, ``prompts/PROMPTS`` (all of a source of
  prompts), ``plans/PLACE/plan`` (those of a set) or ``plans/PLACE/pairs`` (those that only
  MultiModality compares);
- ``model``: what generates or decodes, ``original`` or ``variants/CONCEPT/VARIANT``;
- ``described``: what is said of motions, ``DESCRIPTOR`` or, of one that depends on a concept,
  ``concepts/CONCEPT/DESCRIPTOR``.
"""

RESULTS = "results"

NAME = r"[^/]+"
TRAINSET = rf"all|without/{NAME}"
PLACE = rf"whole/{NAME}|concepts/{NAME}/{NAME}"
ASKED = rf"prompts/{NAME}|plans/(?:{PLACE})/(?:plan|pairs)"
MODEL = rf"original|variants/{NAME}/{NAME}"
DESCRIBED = rf"{NAME}|concepts/{NAME}/{NAME}"
MEASURED = rf"real|backbones/{NAME}/variants/{NAME}"

ORIGINAL = "original"
REAL = "real"
EVERYTHING = "all"


# What a segment says


def without(concept: str) -> str:
    """The training set that a concept leaves: what its retrained models see."""
    return f"without/{concept}"


def left_out(trainset: str) -> str | None:
    """The concept that a training set leaves out, or None."""
    return None if trainset == EVERYTHING else trainset.removeprefix("without/")


def place(name: str, concept: str | None) -> str:
    """Where a set lies: by itself, or below the concept that chooses its clips."""
    return f"whole/{name}" if concept is None else f"concepts/{concept}/{name}"


def set_at(place: str) -> tuple[str, str | None]:
    """The name of the set at a place, and its concept if it has one: the inverse of `place`."""
    kind, *names = place.split("/")
    return (names[0], None) if kind == "whole" else (names[1], names[0])


def all_prompts(prompts: str) -> str:
    """The motions of all prompts of a source."""
    return f"prompts/{prompts}"


def planned(place: str) -> str:
    """The motions of a set."""
    return f"plans/{place}/plan"


def paired(place: str) -> str:
    """The motions of a set that only MultiModality compares."""
    return f"plans/{place}/pairs"


def variant(concept: str, name: str) -> str:
    """A model that forgot a concept."""
    return f"variants/{concept}/{name}"


def variant_of(model: str) -> tuple[str, str] | None:
    """Concept and variant of a model, or None for the original: the inverse of `variant`."""
    if model == ORIGINAL:
        return None
    _, concept, name = model.split("/")
    return concept, name


def measured(backbone: str, variant: str) -> str:
    """What a metric measures: the motions of a variant, or the real ones, of no backbone."""
    return REAL if variant == REAL else f"backbones/{backbone}/variants/{variant}"


def described(descriptor: str, concept: str | None) -> str:
    """What a descriptor says, by itself or of a concept."""
    return descriptor if concept is None else f"concepts/{concept}/{descriptor}"


def descriptor_of(described: str) -> tuple[str, str | None]:
    """A descriptor, and its concept if it has one: the inverse of `described`."""
    *names, descriptor = described.split("/")
    return descriptor, names[-1] if names else None


# Data, text and concepts


def data(dataset: str, stage: str) -> str:
    """A stage of a dataset: ``raw``, ``joints``, ``features`` or ``text``."""
    return f"{RESULTS}/data/{dataset}/{stage}"


def concept(dataset: str, name: str) -> str:
    """The forget and retain sets of a concept."""
    return f"{RESULTS}/data/{dataset}/concepts/{name}"


def embeddings(dataset: str, prompts: str) -> str:
    """Embeddings of the texts of a source of prompts, by the text encoder."""
    return f"{RESULTS}/embeddings/{dataset}/{prompts}"


# Models and codes


def shared_model(dataset: str, name: str) -> str:
    """A model of all backbones: ``evaluator``, ``tmr``, ``length``, ``text_encoder``,
    ``word_vectors``."""
    return f"{RESULTS}/models/{dataset}/{name}"


def backbone(dataset: str, name: str, trainset: str) -> str:
    """The parts of a backbone that were trained on the same clips."""
    return f"{RESULTS}/models/{dataset}/backbones/{name}/{trainset}"


def part(dataset: str, backbone_name: str, trainset: str, name: str) -> str:
    """One trained part of a backbone."""
    return f"{backbone(dataset, backbone_name, trainset)}/{name}"


def detector(dataset: str, concept: str) -> str:
    """What finds a concept in motions."""
    return f"{RESULTS}/models/{dataset}/detectors/{concept}"


def codes(dataset: str, backbone: str, trainset: str) -> str:
    """The codes of all motions by the tokenizer of a backbone."""
    return f"{RESULTS}/codes/{dataset}/{backbone}/{trainset}/codes.parquet"


def reference_codes(dataset: str, backbone: str) -> str:
    """The codes of the crops in which the reference's LCR counts them."""
    return f"{RESULTS}/codes/{dataset}/{backbone}/all/reference_crops.parquet"


def code_statistics(dataset: str, backbone: str, concept: str, file: str) -> str:
    """Which codes belong to a concept: ``statistics.parquet``, ``reference.parquet``, a picture."""
    return f"{RESULTS}/codes/{dataset}/{backbone}/concepts/{concept}/{file}"


def official(source: str) -> str:
    """The files of a public download."""
    return f"{RESULTS}/official/{source}"


def checkpoint(dataset: str, backbone: str, concept: str, variant: str) -> str:
    """An unlearned checkpoint."""
    return f"{RESULTS}/checkpoints/{dataset}/{backbone}/{concept}/{variant}"


def export(dataset: str, backbone: str, concept: str, variant: str) -> str:
    """A checkpoint as the official code reads it."""
    return f"{RESULTS}/exports/{dataset}/{backbone}/{concept}/{variant}"


# Evaluation


def prompts(dataset: str, name: str, table: str) -> str:
    """Of a source of prompts, the table ``prompts`` or ``requests`` (each prompt and repeat)."""
    return f"{RESULTS}/prompts/{dataset}/{name}/{table}.parquet"


def prompt_notes(dataset: str, name: str, file: str) -> str:
    """Of a source of prompts, ``origin.json``, or ``rejected.csv``, what it left out."""
    return f"{RESULTS}/prompts/{dataset}/{name}/{file}"


def plan(dataset: str, place: str, table: str) -> str:
    """Of a set, the table ``plan`` or ``pair_requests``."""
    return f"{RESULTS}/plans/{dataset}/{place}/{table}.parquet"


def rows(dataset: str, place: str, table: str) -> str:
    """What metrics read of a set: of its ``plan``, or its ``pairs``."""
    return f"{RESULTS}/plans/{dataset}/{place}/{table}.npz"


def generations(dataset: str, backbone: str, model: str, asked: str) -> str:
    """The codes that a model generated for the motions that were asked for."""
    return f"{RESULTS}/generations/{dataset}/{backbone}/{model}/{asked}.parquet"


def wanted(dataset: str, backbone: str) -> str:
    """The motions that are to be made elsewhere, a table for whoever makes them."""
    return f"{RESULTS}/wanted/{dataset}/{backbone}.csv"


def collected(dataset: str, backbone: str, asked: str) -> str:
    """The motions, of those that were asked for, that were made elsewhere: a folder."""
    return f"{RESULTS}/generations/{dataset}/{backbone}/{ORIGINAL}/{asked}"


def real_description(dataset: str, prompts: str, described: str) -> str:
    """A row for each request of a source: of the real motion that stands for it."""
    return f"{RESULTS}/descriptions/{dataset}/real/{prompts}/{described}.npy"


def text_description(dataset: str, prompts: str, descriptor: str) -> str:
    """A row for each prompt of a source: of its text."""
    return f"{RESULTS}/descriptions/{dataset}/texts/{prompts}/{descriptor}.npy"


def masked_description(dataset: str, concept: str, prompts: str, descriptor: str) -> str:
    """A row for each prompt of a source: of its text without the words of a concept."""
    return f"{RESULTS}/descriptions/{dataset}/masked/{concept}/{prompts}/{descriptor}.npy"


def description(dataset: str, backbone: str, model: str, asked: str, described: str) -> str:
    """A row for each motion that was asked for: of what a model generated and decoded."""
    folder = f"{RESULTS}/descriptions/{dataset}/backbones/{backbone}"
    return f"{folder}/{model}/{asked}/{described}.npy"


def metric(dataset: str, measured: str, concept: str, place: str, name: str, file: str) -> str:
    """Of a metric, ``values.json`` (of each repeat) or ``motions.npz`` (of each motion)."""
    return f"{RESULTS}/metrics/{dataset}/{measured}/{concept}/{place}/{name}/{file}"


def cost(dataset: str, backbone: str, concept: str, variant: str) -> str:
    """What a checkpoint took to make."""
    return f"{RESULTS}/costs/{dataset}/{backbone}/{concept}/{variant}.json"


# What people look at


def cell(table: str, row: str, column: str) -> str:
    """One cell of a table."""
    return f"{RESULTS}/cells/{table}/{row}/{column}.json"


def differences(table: str) -> str:
    """Which rows of a table differ."""
    return f"{RESULTS}/differences/{table}.parquet"


def detection(table: str) -> str:
    """What the detectors behind a table are worth."""
    return f"{RESULTS}/detections/{table}.json"


def faithfulness(table: str, form: str) -> str:
    """How faithful the metrics of a table are, as ``json`` and as ``md``."""
    return f"{RESULTS}/faithfulness/{table}.{form}"


def tables() -> str:
    """The folder of all tables: ``index.html``, and each in every form in ``pages``."""
    return f"{RESULTS}/tables"


def report() -> str:
    """What people look at first: ``index.html``, with all that it shows beside it."""
    return f"{RESULTS}/report"


def film_strips(dataset: str, backbone: str, concept: str, variant: str, place: str) -> str:
    """The same prompts before and after unlearning."""
    folder = f"{RESULTS}/figures/prompts/{dataset}/{backbone}"
    return f"{folder}/{concept}/{variant}/{place}.png"


def method_strips(table: str, dataset: str, backbone: str, concept: str, place: str) -> str:
    """The same prompts by all methods of a table: the paper's Figure 5."""
    return f"{RESULTS}/figures/methods/{table}/{dataset}/{backbone}/{concept}/{place}.png"


def forget_retain(table: str) -> str:
    """What each method of a table forgets, and what that costs."""
    return f"{RESULTS}/figures/forget_retain/{table}.svg"


def small_multiples(table: str) -> str:
    """Each column of a table as a dot chart."""
    return f"{RESULTS}/figures/small_multiples/{table}.svg"


def curve(name: str) -> str:
    """What a parameter of a method does."""
    return f"{RESULTS}/figures/curves/{name}.svg"


def code_sheet(dataset: str, backbone: str, concept: str) -> str:
    """The strongest codes of a concept as pictures."""
    return f"{RESULTS}/figures/codes/{dataset}/{backbone}/{concept}.png"


def injection(dataset: str, backbone: str, concept: str, name: str, file: str) -> str:
    """Of codes put into motions made for safe prompts: ``picture.png``, ``sequences.json``, or what
    the concept's detector says of them, ``presence.json``."""
    return f"{RESULTS}/figures/injections/{dataset}/{backbone}/{concept}/{name}/{file}"


def shares(concept: str, datasets: str) -> str:
    """The paper's Figure 2: what a concept takes of its datasets."""
    return f"{RESULTS}/figures/shares/{concept}/{datasets}.svg"


# What a job leaves beside its outputs


def log(rule: str, address: str) -> str:
    """What a job printed."""
    return f"{RESULTS}/logs/{rule}/{address}.log"


def benchmark(rule: str, address: str) -> str:
    """Time and memory of a job."""
    return f"{RESULTS}/benchmarks/{rule}/{address}.tsv"
