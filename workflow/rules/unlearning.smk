# Which codes belong to the concept, and one checkpoint a variant: only what differs from the base.

CHECKPOINT = "results/checkpoints/{dataset}/{backbone}/{concept}/{variant}"
STATISTICS = "results/codes/{dataset}/{backbone}/all/{concept}.parquet"


def method(variant, literal):
    """What a variant's method says of itself: INPUTS (what it reads), CHANGES (what it edits)."""
    return registry.literals("methods", config["variants"][variant]["method"])[literal]


def unlearn_inputs(wildcards):
    """The inputs that the variant's method names in its INPUTS."""
    retrained = f"wo-{wildcards.concept}"
    offered = {
        **{part: weights(part, "all") for part in PARTS},
        **{
            f"retrained_{part}": {
                f"retrained_{name}": path for name, path in weights(part, retrained).items()
            }
            for part in PARTS
        },
        "statistics": {"statistics": STATISTICS},
        "codes": {"codes": CODES.replace("{trainset}", "all")},
        "captions": captions_and_samples(wildcards),
        "concept": {"concept": CONCEPT + "/clips.parquet"},
    }
    chosen = {}
    for name in method(wildcards.variant, "INPUTS"):
        chosen.update(offered[name])
    return {name: path.format(**wildcards) for name, path in chosen.items()}


rule statistics:
    input:
        codes=CODES.replace("{trainset}", "all"),
        concept=CONCEPT + "/clips.parquet",
        motions=TEXT + "/motions.parquet",
        **weights("tokenizer", "all"),
    output:
        statistics=STATISTICS,
        figure=STATISTICS.replace(".parquet", ".svg"),
    params:
        job=job("statistics"),
    log:
        "results/logs/{dataset}/{backbone}/{concept}/statistics.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{concept}/statistics.tsv"
    shell:
        STEP


rule unlearn:
    input:
        unpack(unlearn_inputs),
    output:
        delta=CHECKPOINT + "/delta.safetensors",
        manifest=CHECKPOINT + "/manifest.json",
    params:
        job=job(
            "unlearn",
            lambda w: with_device(
                {
                    **config["variants"][w.variant],
                    "training": {
                        part: config["backbones"][w.backbone][part]["training"]
                        for part in method(w.variant, "CHANGES")
                    },
                    "address": {key: w[key] for key in ("dataset", "backbone", "concept", "variant")},
                }
            ),
            plugin=lambda w: f"hmu.methods.{config['variants'][w.variant]['method']}",
        ),
    log:
        "results/logs/{dataset}/{backbone}/{concept}/{variant}/unlearn.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{concept}/{variant}/unlearn.tsv"
    threads: config["threads"]
    resources:
        **GPU,
        runtime=240,
    shell:
        STEP
