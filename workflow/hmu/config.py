"""The configuration: checked against its schema, completed with defaults, and its names resolved.

The schema (workflow/schemas/config.schema.json) says what a key means and what it defaults to; the
parameters of a method stand in the method's file. This module says what is wrong with a
configuration, all of it at once, in words.
"""

import copy
import difflib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from hmu import registry
from hmu.errors import InputError
from hmu.official import layout
from hmu.official.sources import DOWNLOAD
from hmu.tables import binding

WORKFLOW = Path(__file__).resolve().parent.parent
SCHEMA = WORKFLOW / "schemas" / "config.schema.json"
TABLES = WORKFLOW / "tables"

_PAPER_KINDS = ("momask", "bamm")

# The parts of a backbone that another may use; its masked transformer is always its own.
SHARED = ("tokenizer", "residual")

# The sections that must be the paper's for its numbers to be comparable with ours.
_COMPARED = ("length", "evaluator", "generation", "evaluation")

# But for these. Of MM-Safe and of the scale of decoded motions the paper has one arithmetic in its
# text and another in its code, from which its numbers came; on its forget sets, where some caption
# of every pool is masked, and with one scale for all models, as when they are trained here, both
# give the same. The size of a batch changes no result, but for rounding in bfloat16 or on a GPU.
_FREE = {"evaluation": {"mm_safe", "decoded"}, "generation": {"batch"}}

_TYPES = {
    "object": "a mapping of keys to values",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def load(source: Path | str | Mapping[str, Any]) -> dict[str, Any]:
    """The configuration in a YAML file (or a mapping), checked and with its defaults filled in.

    Raises InputError when the file cannot be read, is not YAML or holds a key twice, and for
    everything that `validate` finds.
    """
    if isinstance(source, Mapping):
        return validate(source)
    return validate(read(Path(source)), str(source))


def read(path: Path) -> Any:
    """What a YAML file holds, unchecked. Raises InputError as `load` does for a bad file."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _UniqueKeys)  # noqa: S506
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): name another file.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid YAML: {error}") from error


def validate(config: Any, where: str = "config.yaml") -> dict[str, Any]:
    """A copy of ``config`` with defaults filled in. ``where`` names it in messages.

    A backbone that shares parts of another has the sections of that one in their place.

    Raises one InputError that lists every fault on a line of its own: the key, what is wrong with
    it, what to do.
    """
    faults = dict.fromkeys(
        [*_schema_faults(schema(), config, ""), *_method_faults(config), *_infinite(config, "")]
    )
    filled: dict[str, Any] = _fill(schema(), config)
    if isinstance(filled, dict) and isinstance(filled["sets"], Mapping):
        # A user's sets are added to the default ones.
        filled["sets"] = copy.deepcopy(schema()["properties"]["sets"]["default"]) | filled["sets"]
    faults |= dict.fromkeys(_meaning_faults(filled, tolerant=bool(faults)))
    if not faults:
        for backbone in filled["backbones"].values():
            if backbone["shares"] is not None:
                owner = filled["backbones"][backbone["shares"]]
                backbone.update({part: copy.deepcopy(owner[part]) for part in SHARED})
        for name, variant in filled["variants"].items():
            filled["variants"][name] = _fill(_method_schema(variant["method"]), variant)
        return filled
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    raise InputError("\n".join([f"{where} has {count}:", *(f"  {fault}" for fault in faults)]))


def keywords(config: Mapping[str, Any], concept: str, dataset: str) -> list[str]:
    """The keywords of a concept for a dataset, of a validated configuration.

    A mapping is looked up by the dataset's name, then by its benchmark's. Raises InputError when
    it has neither.
    """
    given = config["concepts"][concept]["keywords"]
    if isinstance(given, list):
        return given
    benchmark = config["datasets"][dataset]["benchmark"]
    for name in (dataset, benchmark):
        if name in given:
            found: list[str] = given[name]
            return found
    raise InputError(
        f"concepts.{concept}.keywords: has none for the dataset {dataset!r}; "
        f"add a list named {dataset!r}{f' or {benchmark!r}' if benchmark else ''}."
    )


def shortest(config: Mapping[str, Any], dataset: str) -> int:
    """Fewest frames of a motion of a dataset, of a validated configuration.

    By default those of the reference's loader of evaluation sets: 40, and 24 for Motion-X.
    """
    given = config["datasets"][dataset]
    return int(given["shortest"] or (24 if given["benchmark"] == "Motion-X" else 40))


def paper_comparable(config: Mapping[str, Any], dataset: str) -> bool:
    """Whether numbers of a validated configuration may stand beside the paper's.

    True when the dataset is one of the paper's with its lengths, models, generation and evaluation
    have the paper's settings (of MM-Safe and of the decoded scale, those of its text or of its
    code), and captions are encoded by the official CLIP weights and GloVe vectors.
    """

    def settled(whole: Mapping[str, Any], name: str) -> dict[str, Any]:
        return {key: value for key, value in whole[name].items() if key not in _FREE.get(name, ())}

    paper = {name: _fill(node, copy.deepcopy(node["default"])) for name, node in _sections()}
    own = config["datasets"][dataset]
    return (
        own["benchmark"] is not None
        and own["shortest"] is None
        and own["word_vectors"] is not None
        and config["text_encoder"]["weights"] is not None
        and all(
            backbone["kind"] in _PAPER_KINDS
            and {**backbone, "kind": "momask", "shares": None, "weights": None}
            in paper["backbones"].values()
            for backbone in config["backbones"].values()
        )
        and all(settled(config, name) == settled(paper, name) for name in _COMPARED)
    )


def missing_paths(config: Mapping[str, Any], root: Path = Path()) -> list[str]:
    """A fault for each path that the tables of a validated configuration need and that is absent.

    Paths are relative to ``root``, the folder that Snakemake runs in.
    """
    datasets, backbones = _used(config)
    wanted = {"text_encoder.weights": config["text_encoder"]["weights"]}
    for name in datasets:
        for key in ("raw", "word_vectors", "length", "evaluator"):
            wanted[f"datasets.{name}.{key}"] = config["datasets"][name][key]
    for name in backbones:
        wanted[f"backbones.{name}.weights"] = config["backbones"][name]["weights"]
    absent = [
        f"{key}: {path} does not exist; give the path that it has on this machine."
        for key, path in wanted.items()
        if path not in (None, DOWNLOAD) and not (root / path).exists()
    ]
    return absent or [*_official_faults(config, root)]


def _used(config: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The datasets and the backbones that the tables of a validated configuration show."""
    cells = [cell for table in config["tables"] for cell in binding.addresses(config, table)]
    datasets = dict.fromkeys(cell.dataset for cell in cells)
    return list(datasets), list(dict.fromkeys(cell.backbone for cell in cells))


def _official_faults(config: Mapping[str, Any], root: Path) -> Iterator[str]:
    """What the directories of official files lack."""
    backbones = config["backbones"]
    datasets_used, backbones_used = _used(config)
    for name in backbones_used:
        backbone = backbones[name]
        shared = backbone["shares"]
        tokenizer = backbones[shared or name]["weights"]
        key, folder = f"backbones.{name}.weights", backbone["weights"]
        yield from _lacking(key, folder, layout.MASKED[backbone["kind"]], root, tokenizer)
        for part in () if shared else SHARED:
            yield from _lacking(key, folder, part, root, tokenizer)
    for name in datasets_used:
        for part in ("length", "evaluator"):
            yield from _lacking(
                f"datasets.{name}.{part}", config["datasets"][name][part], part, root
            )


def _lacking(
    key: str, folder: str | None, part: str, root: Path, tokenizer: str | None = None
) -> Iterator[str]:
    if folder is None or folder == DOWNLOAD:
        return
    try:
        layout.inputs(root / folder, part, tokenizer=root / (tokenizer or folder))
    except InputError as error:
        yield f"{key}: {error}"


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a configuration."""
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded


def _sections() -> Iterator[tuple[str, dict[str, Any]]]:
    properties = schema()["properties"]
    return ((name, properties[name]) for name in ("backbones", *_COMPARED))


def _resolve(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The node with what it refers to in the schema; its own keywords come first."""
    while "$ref" in node:
        own = {key: value for key, value in node.items() if key != "$ref"}
        node = {**schema()["$defs"][node["$ref"].rpartition("/")[2]], **own}
    return node


def _fill(node: Mapping[str, Any], value: Any) -> Any:
    """A copy of ``value`` with the defaults of the schema ``node`` filled in at every level."""
    node = _resolve(node)
    if isinstance(value, float) and value.is_integer() and node.get("type") == "integer":
        return int(value)
    if not isinstance(value, Mapping):
        return copy.deepcopy(value)
    properties = node.get("properties", {})
    rest = node.get("additionalProperties")
    absent = {
        key: copy.deepcopy(each["default"])
        for key, each in properties.items()
        if key not in value and "default" in each
    }
    filled = {}
    for key, each in {**value, **absent}.items():
        inner = properties.get(key, rest)
        filled[key] = _fill(inner, each) if isinstance(inner, Mapping) else copy.deepcopy(each)
    return filled


def _method_schema(method: str) -> dict[str, Any]:
    """The schema of a variant of one method, from the PARAMS in the method's file.

    Raises InputError for an unknown method.
    """
    parameters = registry.literals("methods", method).get("PARAMS", {})
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, node in parameters.items() if "default" not in node],
        "properties": {**schema()["$defs"]["variant"]["properties"], **parameters},
    }


def _method_faults(config: Any) -> Iterator[str]:
    """Unknown methods, and parameters that their methods do not have."""
    for name, variant in _children(config, "variants").items():
        method = variant.get("method") if isinstance(variant, Mapping) else None
        if not isinstance(method, str):
            continue
        key = f"variants.{name}"
        if method not in registry.names("methods"):
            yield f"{key}.method: {_unknown(method, registry.names('methods'), 'method')}"
        else:
            yield from _schema_faults(_method_schema(method), variant, key)


def _schema_faults(node: Mapping[str, Any], value: Any, key: str) -> Iterator[str]:
    """The faults of ``value`` by the schema ``node``, ``key`` being the way to it, in order."""
    validator = jsonschema.Draft202012Validator(node)
    errors = sorted(validator.iter_errors(value), key=lambda error: [str(p) for p in error.path])
    for error in errors:
        yield from _describe(error, key)


def _infinite(value: Any, key: str) -> Iterator[str]:
    """Numbers that are not finite: YAML can write them, and no limit of a schema refuses NaN."""
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{key}: is {value}; write a finite number."
    children = value.items() if isinstance(value, Mapping) else ()
    for name, each in enumerate(value) if isinstance(value, list) else children:
        yield from _infinite(each, _join(key, name))


def _describe(error: Any, prefix: str) -> Iterator[str]:
    """What one ``jsonschema.ValidationError`` means to the user."""
    key = ".".join([*([prefix] if prefix else []), *map(str, error.path)])
    if error.validator == "oneOf" and error.context:
        if not isinstance(error.instance, list | dict):
            yield f"{key}: is {_show(error.instance)}; write a list, or a mapping of lists."
            return
        branch = 0 if isinstance(error.instance, list) else 1
        for inner in error.context:
            if inner.schema_path[0] == branch:
                yield from _describe(inner, key)
        return
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        for name in error.instance:
            if name not in known:
                yield f"{_join(key, name)}: {_unknown(str(name), known, 'key')}"
        return
    if error.validator == "required":
        for name in error.validator_value:
            if name not in error.instance:
                yield f"{_join(key, name)}: is missing; add it ({_meaning(error.schema, name)})."
        return
    yield f"{key or 'the whole'}: {_wrong_value(error)}"


def _wrong_value(error: Any) -> str:
    """What is wrong with a value, and what may stand there."""
    shown, limit = _show(error.instance), error.validator_value
    match error.validator:
        case "type":
            kinds = [limit] if isinstance(limit, str) else limit
            wanted = " or ".join(_TYPES[kind] for kind in kinds)
            hint = ""
            if isinstance(error.instance, str) and {"number", "integer"} & set(kinds):
                hint = _number_hint(error.instance)
            return f"is {shown}, not {wanted}; write {wanted}{hint}."
        case "enum":
            return f"is {shown}; write {_either(limit)}."
        case "minimum":
            return f"is {shown}; write at least {limit}."
        case "maximum":
            return f"is {shown}; write at most {limit}."
        case "exclusiveMinimum":
            return f"is {shown}; write more than {limit}."
        case "exclusiveMaximum":
            return f"is {shown}; write less than {limit}."
        case "multipleOf":
            return f"is {shown}; write a multiple of {limit}."
        case "minItems" | "minProperties" | "minLength":
            return "is empty; write at least one."
        case "uniqueItems":
            return f"is {shown}; write each of them once."
        case "pattern":
            meaning = error.schema.get("description", f"text like {limit}")
            return f"{shown} is not valid here; write {meaning[0].lower()}{meaning[1:]}"
    return f"is {shown}: {error.message}; see the key in workflow/schemas/config.schema.json."


def _number_hint(text: str) -> str:
    """YAML reads 2e-4 as text: say so, instead of leaving the user to wonder."""
    try:
        value = float(text)
    except ValueError:
        return ""
    digits, exponent = f"{value:e}".split("e")
    mantissa = digits.rstrip("0")
    mantissa += "0" if mantissa.endswith(".") else ""
    return f" without quotes and with a dot, {mantissa}e{int(exponent):+d} (YAML needs the dot)"


def _meaning_faults(config: Any, tolerant: bool) -> Iterator[str]:
    """Faults that a schema cannot see: names that lead nowhere, sizes that do not fit.

    With ``tolerant``, what has another shape than the schema's is passed over: it is reported
    already.
    """
    checks: list[Iterator[str]] = [
        *(_dataset_faults(*item) for item in _children(config, "datasets").items()),
        *(_table_faults(config, *item) for item in _children(config, "tables").items()),
        *(_backbone_faults(config, *item) for item in _children(config, "backbones").items()),
        _multiple("text_encoder", _children(config, "text_encoder"), "width", "heads"),
        _evaluation_faults(_children(config, "evaluation")),
        _weights_faults(config),
    ]
    passed_over = (
        (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) if tolerant else ()
    )
    for check in checks:
        with suppress(*passed_over):
            yield from check


def _dataset_faults(name: str, dataset: Mapping[str, Any]) -> Iterator[str]:
    key = f"datasets.{name}"
    sources = registry.names("sources")
    if dataset["source"] not in sources:
        yield f"{key}.source: {_unknown(dataset['source'], sources, 'source')}"
    if dataset["tagger"] not in registry.names("taggers"):
        yield f"{key}.tagger: {_unknown(dataset['tagger'], registry.names('taggers'), 'tagger')}"
    if (dataset["raw"] is None) == (dataset["demo"] is None):
        given = "neither raw nor" if dataset["raw"] is None else "both raw and"
        yield f"{key}: has {given} demo; give one of them."
    elif dataset["demo"] and dataset["demo"]["style"] != dataset["source"]:
        style, source = dataset["demo"]["style"], dataset["source"]
        yield f"{key}.demo.style: is {style!r} but source is {source!r}; write the same in both."


def _table_faults(config: Any, name: str, table: Mapping[str, Any]) -> Iterator[str]:
    key = f"tables.{name}"
    layouts = sorted(path.stem for path in TABLES.glob("*.yaml"))
    faults = []
    if table["layout"] not in layouts:
        faults.append(f"{key}.layout: {_unknown(table['layout'], layouts, 'layout')}")
    for kind in ("dataset", "backbone", "concept"):
        known = _children(config, f"{kind}s")
        if kind in table and table[kind] not in known:
            faults.append(f"{key}.{kind}: {_unknown(table[kind], known, kind)}")
    faults += [
        f"{key}.rows: {_unknown(variant, config['variants'], 'variant')}"
        for variant in table["rows"]
        if variant not in _children(config, "variants")
    ]
    yield from faults or _cell_faults(config, name)


def _cell_faults(config: Mapping[str, Any], table: str) -> Iterator[str]:
    """What the addresses of a table's cells lack."""
    try:
        cells = binding.addresses(config, table)
    except InputError as error:
        yield str(error)
        return
    concepts = {(cell.concept, cell.dataset) for cell in cells}
    concepts |= {(own, c.dataset) for c in cells if (own := c.place(config["sets"])[1]) is not None}
    for concept, dataset in sorted(concepts):
        try:
            keywords(config, concept, dataset)
        except InputError as error:
            yield str(error)
    for dataset, backbone in sorted({(cell.dataset, cell.backbone) for cell in cells}):
        # From any start offset that the tokenizer may be given, a motion must fill a token.
        down = config["backbones"][backbone]["tokenizer"]["down"]
        frames, needed = shortest(config, dataset), 2 ** (down + 1) - 1
        if frames < needed:
            yield (
                f"datasets.{dataset}.shortest: is {frames}; write at least {needed} for the "
                f"tokenizer of the backbone {backbone!r} (down: {down})."
            )


def _backbone_faults(config: Any, name: str, backbone: Mapping[str, Any]) -> Iterator[str]:
    key = f"backbones.{name}"
    kinds = registry.names("backbones")
    if backbone["kind"] not in kinds:
        yield f"{key}.kind: {_unknown(backbone['kind'], kinds, 'kind')}"
    if backbone["shares"] is not None:
        yield from _sharing_faults(config, name, backbone)
    for part in ("masked", "residual"):
        yield from _multiple(f"{key}.{part}", backbone[part], "latent", "heads")
    tokenizer = backbone["tokenizer"]
    window, stride = tokenizer["training"]["window"], 2 ** tokenizer["down"]
    if window % stride:
        where = f"{key}.tokenizer.training.window"
        yield f"{where}: is {window}; write a multiple of {stride} (2^down)."


def _weights_faults(config: Mapping[str, Any]) -> Iterator[str]:
    """Official models read what official encoders and tokenizers say, and no other."""
    clip, backbones = config["text_encoder"]["weights"], config["backbones"]
    for name, backbone in backbones.items():
        key, kind, weights = f"backbones.{name}.weights", backbone["kind"], backbone["weights"]
        if weights is None:
            continue
        if not clip:
            yield (
                f"{key}: official transformers read CLIP's embeddings; give text_encoder.weights "
                "too (ViT-B-32.pt)."
            )
        if kind not in layout.MASKED:
            yield f"{key}: there are no official files of the kind {kind}; leave them out."
        sources = {weights, backbones.get(backbone["shares"], backbone)["weights"]}
        if None in sources or (len(sources) > 1 and DOWNLOAD in sources):
            yield (
                f"{key}: the tokenizer of {backbone['shares']!r} must be official too, from a "
                f"directory or by {DOWNLOAD} as this."
            )
    for name, dataset in config["datasets"].items():
        if dataset["length"] and not clip:
            yield (
                f"datasets.{name}.length: the official length estimator reads CLIP's embeddings; "
                "give text_encoder.weights too (ViT-B-32.pt)."
            )
        if dataset["evaluator"] and not dataset["word_vectors"]:
            yield (
                f"datasets.{name}.evaluator: the official evaluator reads GloVe vectors; give "
                f"datasets.{name}.word_vectors too."
            )


def _sharing_faults(config: Any, name: str, backbone: Mapping[str, Any]) -> Iterator[str]:
    key, owner = f"backbones.{name}", backbone["shares"]
    whole = [each for each, given in config["backbones"].items() if given["shares"] is None]
    if owner not in whole:
        yield f"{key}.shares: {_unknown(owner, whole, 'backbone with parts of its own')}"
        return
    default = _fill(schema()["$defs"]["backbone"], {})
    for part in SHARED:
        if backbone[part] not in (default[part], config["backbones"][owner][part]):
            yield f"{key}.{part}: is shared with {owner!r}; leave it out, or leave out shares."


def _evaluation_faults(evaluation: Mapping[str, Any]) -> Iterator[str]:
    pairs, draws = (evaluation["multimodality"][key] for key in ("pairs", "draws"))
    if pairs > draws:
        yield f"evaluation.multimodality.pairs: is {pairs}; write at most {draws} (draws)."


def _multiple(key: str, section: Mapping[str, Any], name: str, divisor: str) -> Iterator[str]:
    size, parts = section[name], section[divisor]
    if size % parts:
        yield f"{key}.{name}: is {size}; write a multiple of {parts} ({divisor})."


def _children(config: Any, name: str) -> Mapping[str, Any]:
    """A section of what may be no valid configuration at all."""
    section = config.get(name) if isinstance(config, Mapping) else None
    return section if isinstance(section, Mapping) else {}


def _unknown(name: str, known: Iterable[str], kind: str) -> str:
    names = list(known)
    listed = ", ".join(names) or "none"
    return f"there is no {kind} {name!r}; {_near(name, names)}write one of: {listed}."


def _near(name: str, names: Iterable[str]) -> str:
    spelled = {each.casefold(): each for each in names}
    near = difflib.get_close_matches(name.casefold(), spelled, n=1)
    return f"did you mean {spelled[near[0]]!r}? " if near else ""


def _either(options: Iterable[Any]) -> str:
    return " or ".join("null" if option is None else str(option) for option in options)


def _meaning(node: Mapping[str, Any], name: str) -> str:
    """The first sentence of a key's description."""
    inner = _resolve(node.get("properties", {}).get(name, {}))
    return str(inner.get("description", "a value")).partition(". ")[0].rstrip(".")


def _show(value: Any) -> str:
    """A value as a user wrote it, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _join(key: str, name: Any) -> str:
    return f"{key}.{name}" if key else str(name)


class _UniqueKeys(yaml.SafeLoader):
    """Safe YAML in which a key given twice is an error: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.value in seen and key_node.tag != "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key_node.value!r} is given twice", key_node.start_mark
                )
            seen.add(key_node.value)
        return super().construct_mapping(node, deep)
