# Pictures for people: the same prompts before and after unlearning, and what the concept takes of
# its datasets.


include: "inputs/figures.smk"


rule film_strips:
    input:
        unpack(strips_before),
        unpack(lambda w: strips_after(w, [w.variant])),
        **store("features"),
        **weights("tokenizer", "all"),
    output:
        picture=report(
            PICTURE,
            caption="../report/film_strips.rst",
            category="Prompts before and after",
            labels={"dataset": "{dataset}", "concept": "{concept}", "variant": "{variant}"},
        ),
    log:
        paths.log("film_strips", "{dataset}/{backbone}/{concept}/{variant}/{place}"),
    benchmark:
        paths.benchmark("film_strips", "{dataset}/{backbone}/{concept}/{variant}/{place}")
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=4_000, runtime=30),
    params:
        **job(
            "film_strips",
            lambda w: strip_settings(w, {w.variant: w.variant}, prompts=5),
            lambda w: showing_plugins(w.backbone, [w.variant]),
        ),
    shell:
        STEP


# The same prompts by all methods of a table, methods in rows.
use rule film_strips as method_strips with:
    input:
        unpack(strips_before),
        unpack(lambda w: strips_after(w, variants_of_table(w))),
        **store("features"),
        **weights("tokenizer", "all"),
    output:
        picture=report(
            METHOD_PICTURE,
            caption="../report/method_strips.rst",
            category="Methods side by side",
            labels={"table": "{table}", "backbone": "{backbone}", "concept": "{concept}"},
        ),
    log:
        paths.log("method_strips", "{table}/{dataset}/{backbone}/{concept}/{place}"),
    benchmark:
        paths.benchmark("method_strips", "{table}/{dataset}/{backbone}/{concept}/{place}")
    wildcard_constraints:
        table=either(config["tables"]),
    params:
        **job(
            "film_strips",
            lambda w: strip_settings(w, variants_of_table(w), prompts=3),
            lambda w: showing_plugins(w.backbone, variants_of_table(w)),
            rule="method_strips",
        ),


rule concept_figure:
    input:
        shares=lambda w: expand(
            f"{CONCEPT}/shares.csv", dataset=w.names.split("+"), concept=w.concept
        ),
    output:
        picture=report(
            SHARES,
            caption="../report/concept_figure.rst",
            category="Shares of the concepts",
            labels={"concept": "{concept}", "datasets": "{names}"},
        ),
    log:
        paths.log("concept_figure", "{concept}/{names}"),
    benchmark:
        paths.benchmark("concept_figure", "{concept}/{names}")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job(
            "concept_figure",
            lambda w: {
                "concept": w.concept,
                "datasets": w.names.split("+"),
                "benchmarks": [
                    config["datasets"][name]["benchmark"] for name in w.names.split("+")
                ],
            },
        ),
    shell:
        STEP


# What the methods of a table forget, against what they retain.
rule forget_retain:
    input:
        cells=cells_of_trade_off,
        calibrations=lambda w: calibrations(cells_of_trade_off(w)),
    output:
        picture=report(
            paths.forget_retain("{table}"),
            caption="../report/forget_retain.rst",
            category="Forget against retain",
            labels={"table": "{table}"},
        ),
    log:
        paths.log("forget_retain", "{table}"),
    benchmark:
        paths.benchmark("forget_retain", "{table}")
    wildcard_constraints:
        table=either(TRADE_OFFS),
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job("forget_retain", lambda w: charted(TRADE_OFFS[w.table], cells_of_trade_off(w))),
    shell:
        STEP


# A table as small multiples.
rule small_multiples:
    input:
        cells=cells_of_multiples,
        calibrations=lambda w: calibrations(cells_of_multiples(w)),
    output:
        picture=report(
            paths.small_multiples("{table}"),
            caption="../report/small_multiples.rst",
            category="Tables as charts",
            labels={"table": "{table}"},
        ),
    log:
        paths.log("small_multiples", "{table}"),
    benchmark:
        paths.benchmark("small_multiples", "{table}")
    wildcard_constraints:
        table=either(MULTIPLES),
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job("small_multiples", lambda w: charted(MULTIPLES[w.table], cells_of_multiples(w))),
    shell:
        STEP


rule curve:
    input:
        cells=cells_of_curve,
        calibrations=lambda w: calibrations(cells_of_curve(w)),
    output:
        picture=report(
            paths.curve("{curve}"),
            caption="../report/curve.rst",
            category="Curves",
            labels={"curve": "{curve}"},
        ),
    log:
        paths.log("curve", "{curve}"),
    benchmark:
        paths.benchmark("curve", "{curve}")
    wildcard_constraints:
        curve=either(CURVES),
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job("curve", lambda w: charted(CURVES[w.curve], cells_of_curve(w))),
    shell:
        STEP


# What the strongest codes of a concept look like.
rule code_sheet:
    input:
        **weights("tokenizer", "all"),
        codes=codes_of("all"),
        statistics=statistics_of,
        clips=f"{CONCEPT}/clips.parquet",
        motions=f"{TEXT}/motions.parquet",
    output:
        picture=report(
            paths.code_sheet("{dataset}", "{backbone}", "{concept}"),
            caption="../report/code_sheet.rst",
            category="Codes",
            labels={"dataset": "{dataset}", "backbone": "{backbone}", "concept": "{concept}"},
        ),
    log:
        paths.log("code_sheet", "{dataset}/{backbone}/{concept}"),
    benchmark:
        paths.benchmark("code_sheet", "{dataset}/{backbone}/{concept}")
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=8_000, runtime=30),
    params:
        **job(
            "code_sheet",
            lambda w: with_device(
                {"codes": 8, "contexts": 4, "address": [w.dataset, w.backbone, w.concept]}
            ),
            lambda w: modules(w.backbone, "tokenizer"),
        ),
    shell:
        STEP


# The same codes put into motions that were made for other prompts, and whether the concept's
# detector then finds it there.
rule inject:
    input:
        unpack(injection_inputs),
        unpack(generating),
        **weights("tokenizer", "all"),
        statistics=statistics_of,
    output:
        picture=report(
            INJECTION.replace("{file}", "picture.png"),
            caption="../report/inject.rst",
            category="Codes",
            labels={"injection": "{injection}", "backbone": "{backbone}", "concept": "{concept}"},
        ),
        sequences=INJECTION.replace("{file}", "sequences.json"),
        presence=INJECTION.replace("{file}", "presence.json"),
    log:
        paths.log("inject", "{dataset}/{backbone}/{concept}/{injection}"),
    benchmark:
        paths.benchmark("inject", "{dataset}/{backbone}/{concept}/{injection}")
    wildcard_constraints:
        injection=either(config["injections"]),
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=16_000, runtime=60),
    params:
        **job(
            "inject",
            injection_settings,
            lambda w: list(
                dict.fromkeys([*sampler_modules(w.backbone), *modules(w.backbone, "tokenizer")])
            ),
        ),
    shell:
        STEP
