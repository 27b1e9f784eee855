# Which codes belong to the concept, and one checkpoint a variant: only what differs from the base.

CHECKPOINT = paths.checkpoint("{dataset}", "{backbone}", "{concept}", "{variant}")
STATISTICS = paths.code_statistics("{dataset}", "{backbone}", "{concept}", "statistics.parquet")


def method(variant, literal):
    """What a variant's method says of itself: INPUTS (what it reads), CHANGES (what it edits)."""
    return registry.literals("methods", config["variants"][variant]["method"])[literal]


def parameters(variant):
    """What a variant tells its method; how tables speak of it makes no other checkpoint."""
    given = config["variants"][variant]
    return {key: value for key, value in given.items() if key not in ("label", "training_free")}


def changed_parts(variant):
    """The parts of the backbone that a variant's method may edit."""
    return set(method(variant, "CHANGES"))


def trains(variant):
    """Whether a variant's method trains, on a GPU, and leaves a log; others edit a few tensors."""
    return registry.literals("methods", config["variants"][variant]["method"]).get("TRAINS", False)


def variants(chosen):
    """Those for which ``chosen`` is true, as a constraint of a wildcard; it may be that none is."""
    return "|".join(re.escape(name) for name in config["variants"] if chosen(name)) or "(?!)"


def unlearn_inputs(wildcards):
    """The inputs that the variant's method names in its INPUTS."""
    retrained = paths.without(wildcards.concept)
    offered = {
        **{part: weights(part, "all") for part in PARTS},
        **{
            f"retrained_{part}": {
                f"retrained_{name}": path for name, path in weights(part, retrained).items()
            }
            for part in PARTS
        },
        "statistics": {
            "statistics": of_part(
                "tokenizer", STATISTICS.replace("{concept}", wildcards.concept), "all"
            )
        },
        "codes": {"codes": codes_of("all")},
        "captions": captions_and_samples(wildcards),
        "concept": {"concept": f"{CONCEPT}/clips.parquet"},
    }
    chosen = {}
    for name in method(wildcards.variant, "INPUTS"):
        chosen.update(offered[name])
    return {
        name: path(wildcards) if callable(path) else path.format(**wildcards)
        for name, path in chosen.items()
    }


def unlearn_plugins(wildcards):
    """The method, and the backbone for a method that runs its masked transformer."""
    runs = [backbone_plugin(wildcards.backbone)] if trains(wildcards.variant) else []
    return [f"hmu.methods.{config['variants'][wildcards.variant]['method']}", *runs]


def delta_of(wildcards):
    """The checkpoint that the wildcards name, as inputs."""
    names = (wildcards.dataset, wildcards.backbone, wildcards.concept, wildcards.variant)
    return delta_of_variant(*names)


def delta_of_variant(dataset, backbone, concept, variant):
    """Inputs ``delta`` and ``manifest`` of a variant, and ``delta_origin`` (see `origin`), the log
    of its training if there was one."""
    folder = paths.checkpoint(dataset, backbone, concept, variant)
    found = {"delta": f"{folder}/delta.safetensors", "manifest": f"{folder}/manifest.json"}
    return {**found, "delta_origin": f"{folder}/log.parquet"} if trains(variant) else found


rule code_statistics:
    input:
        **weights("tokenizer", "all"),
        codes=codes_of("all"),
        clips=f"{CONCEPT}/clips.parquet",
        motions=f"{TEXT}/motions.parquet",
    output:
        statistics=STATISTICS,
        figure=STATISTICS.replace(".parquet", ".svg"),
    log:
        "results/logs/code_statistics/{dataset}/{backbone}/{concept}.log",
    benchmark:
        "results/benchmarks/code_statistics/{dataset}/{backbone}/{concept}.tsv"
    wildcard_constraints:
        backbone=WHOLE_BACKBONES,
    conda:
        ENVIRONMENT
    params:
        **job("code_statistics"),
    shell:
        STEP


rule unlearn:
    input:
        unpack(unlearn_inputs),
    output:
        delta=f"{CHECKPOINT}/delta.safetensors",
        manifest=f"{CHECKPOINT}/manifest.json",
    log:
        "results/logs/unlearn/{dataset}/{backbone}/{concept}/{variant}.log",
    benchmark:
        "results/benchmarks/unlearn/{dataset}/{backbone}/{concept}/{variant}.tsv"
    wildcard_constraints:
        variant=variants(lambda name: not trains(name)),
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        mem_mb=16_000,
        runtime=240,
    params:
        **job(
            "unlearn",
            lambda w: with_device(
                {
                    **parameters(w.variant),
                    "training": {
                        part: config["backbones"][w.backbone][part]["training"]
                        for part in method(w.variant, "CHANGES")
                    },
                    "address": {
                        key: w[key] for key in ("dataset", "backbone", "concept", "variant")
                    },
                }
            ),
            plugins=unlearn_plugins,
        ),
    shell:
        STEP


# For the methods that train: on a GPU, leaving a log and curves.
use rule unlearn as unlearn_by_training with:
    output:
        **rules.unlearn.output,
        training=f"{CHECKPOINT}/log.parquet",
        curve=f"{CHECKPOINT}/curve.svg",
    wildcard_constraints:
        variant=variants(trains),
    resources:
        **GPU,
        runtime=240,
