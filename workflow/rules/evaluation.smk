# Generate once, measure often: prompts, plans, generations, descriptions, and one folder a metric.
#
# What does not depend on the concept is made once, over all prompts of a source: the motions of the
# original model, its descriptions, those of real motions and of texts. A set is rows of them. A
# model that forgot a concept generates for the sets that are asked of it, or, with
# `generation: {sets: together}`, for all prompts as well.


include: "inputs/evaluation.smk"


# Prompts that a language model makes: asked where the network is, and kept where the user says.
rule ask:
    input:
        samples=f"{TEXT}/samples.parquet",
    output:
        answers=ANSWERS,
    log:
        paths.log("ask", "{dataset}/{prompts}"),
    benchmark:
        paths.benchmark("ask", "{dataset}/{prompts}")
    wildcard_constraints:
        prompts=asking(),
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job("ask", source_settings, source_plugin),
    shell:
        STEP


rule prompts:
    input:
        unpack(prompt_files),
        samples=f"{TEXT}/samples.parquet",
        motions=f"{TEXT}/motions.parquet",
    output:
        **REQUESTS,
        rejected=paths.prompt_notes("{dataset}", "{prompts}", "rejected.csv"),
        origin=paths.prompt_notes("{dataset}", "{prompts}", "origin.json"),
    log:
        paths.log("prompts", "{dataset}/{prompts}"),
    benchmark:
        paths.benchmark("prompts", "{dataset}/{prompts}")
    conda:
        ENVIRONMENT
    params:
        **job("prompts", prompt_settings, prompt_plugins, given=prompt_files),
    shell:
        STEP


rule plan:
    input:
        unpack(set_tables),
    output:
        plan=paths.plan("{dataset}", "{place}", "plan"),
        rows=paths.rows("{dataset}", "{place}", "plan"),
    log:
        paths.log("plan", "{dataset}/{place}"),
    benchmark:
        paths.benchmark("plan", "{dataset}/{place}")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job("plan", plan_settings),
    shell:
        STEP


rule pairs:
    input:
        plan=paths.plan("{dataset}", "{place}", "plan"),
        requests=lambda w: tables_of(w.dataset, source_of(w.place))["requests"],
    output:
        pairs=paths.rows("{dataset}", "{place}", "pairs"),
        requests=paths.plan("{dataset}", "{place}", "pair_requests"),
    log:
        paths.log("pairs", "{dataset}/{place}"),
    benchmark:
        paths.benchmark("pairs", "{dataset}/{place}")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job("pairs", pair_settings),
    shell:
        STEP


rule generate:
    input:
        unpack(delta_of_model),
        unpack(asked_tables),
        unpack(texts_of),
        unpack(generating),
    output:
        generations=paths.generations("{dataset}", "{backbone}", "{model}", "{asked}"),
    log:
        paths.log("generate", "{dataset}/{backbone}/{model}/{asked}"),
    benchmark:
        paths.benchmark("generate", "{dataset}/{backbone}/{model}/{asked}")
    wildcard_constraints:
        backbone=backbones(lambda name: not made_elsewhere(name)),
    retries: tries(720)
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=32_000, runtime=720, gpu=1),
    params:
        **job(
            "generate",
            lambda w: with_device(
                {**generation_settings(w), "kind": config["backbones"][w.backbone]["kind"]}
            ),
            lambda w: sampler_modules(w.backbone),
        ),
    shell:
        STEP


rule describe:
    input:
        unpack(delta_of_model),
        unpack(asked_tables),
        unpack(descriptor_models),
        **weights("tokenizer", "all"),
        generations=generations_of,
    output:
        description=paths.description(
            "{dataset}", "{backbone}", "{model}", "{asked}", "{described}"
        ),
    log:
        paths.log("describe", "{dataset}/{backbone}/{model}/{asked}/{described}"),
    benchmark:
        paths.benchmark("describe", "{dataset}/{backbone}/{model}/{asked}/{described}")
    wildcard_constraints:
        backbone=backbones(lambda name: not made_elsewhere(name)),
    retries: tries(240)
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=32_000, runtime=240, gpu=1),
    params:
        **job("describe", descriptor_settings, decoding_plugins),
    shell:
        STEP


# Of motions that are made elsewhere: which are wanted, and, in the place of the two rules above,
# those that came.
rule wanted:
    input:
        unpack(wanted_tables),
    output:
        wanted=paths.wanted("{dataset}", "{backbone}"),
    log:
        paths.log("wanted", "{dataset}/{backbone}"),
    benchmark:
        paths.benchmark("wanted", "{dataset}/{backbone}")
    wildcard_constraints:
        backbone=backbones(made_elsewhere),
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job("wanted", wanted_settings, motion_plugin),
    shell:
        STEP


rule collect:
    input:
        unpack(asked_tables),
        motions=motions_elsewhere,
    output:
        data=f"{COLLECTED}/data.npy",
        index=f"{COLLECTED}/index.parquet",
    log:
        paths.log("collect", "{dataset}/{backbone}/{asked}"),
    benchmark:
        paths.benchmark("collect", "{dataset}/{backbone}/{asked}")
    wildcard_constraints:
        backbone=backbones(made_elsewhere),
    retries: tries(240)
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=4_000, runtime=240),
    params:
        **job("collect", collect_settings, motion_plugin, raw=motions_read),
    shell:
        STEP


rule describe_collected:
    input:
        unpack(asked_tables),
        unpack(descriptor_models),
        data=f"{COLLECTED}/data.npy",
        index=f"{COLLECTED}/index.parquet",
    output:
        description=paths.description(
            "{dataset}", "{backbone}", paths.ORIGINAL, "{asked}", "{described}"
        ),
    log:
        paths.log("describe_collected", "{dataset}/{backbone}/{asked}/{described}"),
    benchmark:
        paths.benchmark("describe_collected", "{dataset}/{backbone}/{asked}/{described}")
    wildcard_constraints:
        backbone=backbones(made_elsewhere),
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=32_000, runtime=120, gpu=1),
    params:
        **job("describe_collected", descriptor_settings, descriptor_plugin),
    shell:
        STEP


rule describe_real:
    input:
        unpack(descriptor_models),
        **store("features"),
        requests=REQUESTS["requests"],
    output:
        description=paths.real_description("{dataset}", "{prompts}", "{described}"),
    log:
        paths.log("describe_real", "{dataset}/{prompts}/{described}"),
    benchmark:
        paths.benchmark("describe_real", "{dataset}/{prompts}/{described}")
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=32_000, runtime=120, gpu=1),
    params:
        **job("describe_real", descriptor_settings, descriptor_plugin),
    shell:
        STEP


rule describe_texts:
    input:
        unpack(descriptor_models),
        unpack(descriptor_texts),
        prompts=REQUESTS["prompts"],
    output:
        description=paths.text_description("{dataset}", "{prompts}", "{descriptor}"),
    log:
        paths.log("describe_texts", "{dataset}/{prompts}/{descriptor}"),
    benchmark:
        paths.benchmark("describe_texts", "{dataset}/{prompts}/{descriptor}")
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=4_000, runtime=60),
    params:
        **job("describe_texts", descriptor_settings, descriptor_plugin, given=descriptor_texts),
    shell:
        STEP


# The same without the words of a concept: what MM-Safe measures against.
use rule describe_texts as describe_masked with:
    output:
        description=paths.masked_description("{dataset}", "{concept}", "{prompts}", "{descriptor}"),
    log:
        paths.log("describe_masked", "{dataset}/{concept}/{prompts}/{descriptor}"),
    benchmark:
        paths.benchmark("describe_masked", "{dataset}/{concept}/{prompts}/{descriptor}")
    params:
        **job(
            "describe_texts",
            lambda w: descriptor_settings(
                w, keywords=configuration.keywords(config, w.concept, w.dataset)
            ),
            descriptor_plugin,
            rule="describe_masked",
        ),


rule metric:
    input:
        unpack(metric_inputs),
    output:
        values=paths.metric(
            "{dataset}", "{measured}", "{concept}", "{place}", "{metric}", "values.json"
        ),
        motions=paths.metric(
            "{dataset}", "{measured}", "{concept}", "{place}", "{metric}", "motions.npz"
        ),
    log:
        paths.log("metric", "{dataset}/{measured}/{concept}/{place}/{metric}"),
    benchmark:
        paths.benchmark("metric", "{dataset}/{measured}/{concept}/{place}/{metric}")
    group:
        "measure"
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=1_000, runtime=5),
    params:
        **job(
            "metric",
            lambda w: {
                "metric": w.metric,
                "planned": is_planned(w),
                **{
                    key: config["evaluation"][key]
                    for key in registry.literals("metrics", w.metric)["SETTINGS"]
                },
            },
            plugins=lambda w: [f"hmu.metrics.{w.metric}"],
        ),
    shell:
        STEP
