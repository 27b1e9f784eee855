# Which motions are asked for, who makes them, and which descriptions a metric reads.

REQUESTS = {
    "requests": paths.prompts("{dataset}", "{prompts}", "requests"),
    "prompts": paths.prompts("{dataset}", "{prompts}", "prompts"),
}
ANSWERS = paths.prompt_notes("{dataset}", "{prompts}", "answers.jsonl")
COLLECTED = paths.collected("{dataset}", "{backbone}", "{asked}")


def source_of(place):
    """Where the prompts of a set come from."""
    name, _ = paths.set_at(place)
    return config["sets"][name]["prompts"]


def prompts_of(asked):
    """The source of the prompts of motions that are asked for together, and its two tables."""
    kind, _, rest = asked.partition("/")
    return rest if kind == "prompts" else source_of(rest.rpartition("/")[0])


def tables_of(dataset, name):
    """Inputs ``requests`` and ``prompts`` of a source."""
    return {key: path.format(dataset=dataset, prompts=name) for key, path in REQUESTS.items()}


def asked_tables(wildcards):
    """The tables that say which motions are asked for: inputs `requests`, `prompts` and `plan`."""
    return tables_of_asked(wildcards.dataset, wildcards.asked)


def tables_of_asked(dataset, asked):
    found = tables_of(dataset, prompts_of(asked))
    kind, _, rest = asked.partition("/")
    if kind == "prompts":
        return found
    place, _, table = rest.rpartition("/")
    if table == "pairs":
        return {**found, "requests": paths.plan(dataset, place, "pair_requests")}
    return {**found, "plan": paths.plan(dataset, place, "plan")}


def texts_of(wildcards):
    """The embeddings of the texts of the motions that are asked for."""
    folder = paths.embeddings(wildcards.dataset, prompts_of(wildcards.asked))
    return {"captions": f"{folder}/captions.parquet", "embeddings": f"{folder}/embeddings.npy"}


def generator_of(backbone, concept, variant):
    """The model whose motions a variant decodes: the original's, where it leaves that alone."""
    changed = changed_parts(backbone, variant) & set(transformers(backbone))
    return paths.variant(concept, variant) if changed else paths.ORIGINAL


def model_of(backbone, concept, variant):
    """The model that describes a variant: the original, where it changes nothing."""
    shown = changed_parts(backbone, variant) or DECLARED[variant].alters
    return paths.variant(concept, variant) if shown else paths.ORIGINAL


def asked_of(backbone, model, place):
    """The motions among which those of a set are: all, of an original that generates them; else
    the set's own, or all if the configuration wants a model's sets together."""
    together = model == paths.ORIGINAL or config["generation"]["sets"] == "together"
    if together and not made_elsewhere(backbone):
        return paths.all_prompts(source_of(place))
    return paths.planned(place)


def delta_of_model(wildcards):
    """The checkpoint of a model, if it is not the original."""
    names = paths.variant_of(wildcards.model)
    if names is None:
        return {}
    return delta_of_variant(wildcards.dataset, wildcards.backbone, *names)


def generations_of(wildcards):
    """The file that has the motions which a description is asked for."""
    names = paths.variant_of(wildcards.model)
    model = paths.ORIGINAL if names is None else generator_of(wildcards.backbone, *names)
    asked = wildcards.asked
    kind, *_, table = asked.split("/")
    if model == paths.ORIGINAL and kind == "plans" and table == "plan":
        asked = paths.all_prompts(prompts_of(asked))
    return paths.generations(wildcards.dataset, wildcards.backbone, model, asked)


def descriptor(name, literal):
    """What a descriptor says of itself."""
    return registry.literals("descriptors", name)[literal]


def of_concept(name):
    """Whether a descriptor says something else for each concept."""
    return "detector" in descriptor(name, "MODELS")


def described(name, concept):
    """What a descriptor says of motions of which a concept is measured."""
    return paths.described(name, concept if of_concept(name) else None)


def descriptor_of(wildcards):
    """The descriptor behind a description: of texts it is a wildcard itself."""
    segment = getattr(wildcards, "described", None) or wildcards.descriptor
    return paths.descriptor_of(segment)


def descriptor_settings(wildcards, **more):
    name, _ = descriptor_of(wildcards)
    asked = {key: config["evaluation"][key] for key in descriptor(name, "SETTINGS")}
    return with_device({"descriptor": name, **asked, **more})


def detector_of(dataset, concept):
    """The detector of a concept, with what it is worth."""
    return {key: path.format(dataset=dataset, concept=concept) for key, path in DETECTOR.items()}


def descriptor_models(wildcards):
    """The trained models that a descriptor reads."""
    name, concept = descriptor_of(wildcards)
    models, found = descriptor(name, "MODELS"), {}
    if "evaluator" in models:
        found |= {key: path.format(dataset=wildcards.dataset) for key, path in EVALUATOR.items()}
        found |= official_vocabulary(wildcards)
    if "tmr" in models:
        found |= {key: path.format(dataset=wildcards.dataset) for key, path in TMR.items()}
    if "detector" in models:
        found |= detector_of(wildcards.dataset, concept)
    return found


def descriptor_texts(wildcards):
    """The token embeddings of prompts, where a descriptor reads these."""
    says = registry.literals("descriptors", wildcards.descriptor)
    reads = says.get("TEXTS") == "caption"
    return token_embeddings(wildcards.dataset, wildcards.prompts) if reads else {}


def descriptor_plugin(wildcards):
    name, _ = descriptor_of(wildcards)
    return [f"hmu.descriptors.{name}"]


def decoding_plugins(wildcards):
    """The descriptor, and what decodes the motions that it describes."""
    names = paths.variant_of(wildcards.model)
    variants = [] if names is None else [names[1]]
    return [*descriptor_plugin(wildcards), *showing_plugins(wildcards.backbone, variants)]


def showing_plugins(backbone, variants):
    """What turns codes into motions as variants show them: the tokenizer, and controls."""
    altering = [
        f"hmu.methods.{DECLARED[name].method}" for name in variants if DECLARED[name].alters
    ]
    return [*modules(backbone, "tokenizer"), *dict.fromkeys(altering)]


def metric_inputs(wildcards):
    """The rows of the plan, and the description behind each field that the metric reads.

    Real motions are measured like generated ones, with theirs in the place of these.
    """
    dataset, place = wildcards.dataset, wildcards.place
    source = source_of(place)
    found = {"rows": paths.rows(dataset, place, "plan")}
    for field, address in registry.literals("metrics", wildcards.metric)["READS"].items():
        subject, _, name = address.partition("/")
        said = described(name, wildcards.concept)
        as_generated = subject == "generated" and wildcards.measured == paths.REAL
        if subject in ("real", "all_real") or as_generated:
            found[field] = paths.real_description(dataset, source, said)
        elif subject == "text":
            found[field] = paths.text_description(dataset, source, name)
        elif subject == "masked":
            found[field] = paths.masked_description(dataset, wildcards.concept, source, name)
        else:
            _, backbone, _, variant = wildcards.measured.split("/")
            model = model_of(backbone, wildcards.concept, variant)
            asked = paths.paired(place) if subject == "pairs" else asked_of(backbone, model, place)
            if subject == "pairs":
                found["pairs"] = paths.rows(dataset, place, "pairs")
            found[field] = paths.description(dataset, backbone, model, asked, said)
    return found


def is_planned(wildcards):
    """Whether the descriptions of generated motions lie in the order of the plan."""
    if wildcards.measured == paths.REAL:
        return False
    _, backbone, _, variant = wildcards.measured.split("/")
    model = model_of(backbone, wildcards.concept, variant)
    return asked_of(backbone, model, wildcards.place) == paths.planned(wildcards.place)


def prompt_files(wildcards):
    """The files that a source of prompts reads."""
    given = config["prompts"][wildcards.prompts]
    says = registry.literals("prompts", given["kind"])
    found = {f"file_{name}": known(given[name]) for name in says["FILES"]}
    if says.get("ASKS"):
        found["file_answers"] = ANSWERS.format(dataset=wildcards.dataset, prompts=wildcards.prompts)
    return found


def asking():
    """The sources of prompts for which a service is asked, as a constraint of a wildcard."""
    kinds = {name: each["kind"] for name, each in config["prompts"].items()}
    asks = [name for name, kind in kinds.items() if registry.literals("prompts", kind).get("ASKS")]
    return either(asks)


def package_faults(planned):
    """What taggers need for the prompts that are to be made, and is not installed here, where these
    jobs run too. A language model's client is asked for where it is used: kept answers need none.
    """
    if workflow.deployment_settings.deployment_method:
        return []
    taggers = {
        config["datasets"][job.wildcards.dataset]["tagger"]
        for job in planned
        if job.rule.name == "prompts"
        and registry.literals("prompts", config["prompts"][job.wildcards.prompts]["kind"]).get(
            "UNTAGGED"
        )
    }
    return [said for each in sorted(taggers) if (said := packages.missing(each))]


def source_settings(wildcards):
    """What a source of prompts is told."""
    given = config["prompts"][wildcards.prompts]
    return {
        "kind": given["kind"],
        "params": {key: value for key, value in given.items() if key != "kind"},
        "concepts": {
            name: configuration.keywords(config, name, wildcards.dataset)
            for name in configuration.prompt_concepts(given)
        },
    }


def source_plugin(wildcards):
    return [f"hmu.prompts.{config['prompts'][wildcards.prompts]['kind']}"]


def prompt_settings(wildcards):
    return {
        **source_settings(wildcards),
        "name": wildcards.prompts,
        "tagger": config["datasets"][wildcards.dataset]["tagger"],
        "repeats": config["evaluation"]["repeats"],
        "captions": config["evaluation"]["captions"],
    }


def prompt_plugins(wildcards):
    """The source, and the tagger for texts that come without tokens."""
    tagger = config["datasets"][wildcards.dataset]["tagger"]
    return [*source_plugin(wildcards), f"hmu.taggers.{tagger}"]


def set_tables(wildcards):
    """What a plan is made of: all prompts of its source, and the clips of its concept."""
    name, concept = paths.set_at(wildcards.place)
    found = tables_of(wildcards.dataset, source_of(wildcards.place))
    if concept is not None:
        found["concept"] = f"{paths.concept(wildcards.dataset, concept)}/clips.parquet"
    return found


def plan_settings(wildcards):
    name, _ = paths.set_at(wildcards.place)
    keys = ("repeats", "pool", "captions", "last_pool")
    protocol = {key: config["evaluation"][key] for key in keys}
    return {"set": name, "clips": config["sets"][name]["clips"], **protocol}


def pair_settings(wildcards):
    several, pool = config["evaluation"]["multimodality"], config["evaluation"]["pool"]
    drawn = {key: several[key] for key in ("draws", "pairs")}
    name, _ = paths.set_at(wildcards.place)
    return {"set": name, "samples": several["pools"] * pool, **drawn}


def generation_settings(wildcards):
    """What the backbone's sampler is told, and how its motions are batched."""
    asked = (*backbone_says(wildcards.backbone, "SETTINGS"), "batch", "precision")
    return {key: config["generation"][key] for key in asked}


def generating(wildcards):
    """The transformers, and what the tokenizer is whose codes they speak."""
    found = {"tokenizer_config": weights("tokenizer", "all")["tokenizer_config"]}
    for part in transformers(wildcards.backbone):
        found |= weights(part, "all")
    return {name: path(wildcards) for name, path in found.items()}


def asked_elsewhere(dataset, backbone):
    """What the tables need of motions made elsewhere: what is asked for together."""
    found = set()
    for cell in MEASURED:
        if (cell.dataset, cell.backbone) != (dataset, backbone) or cell.variant == paths.REAL:
            continue
        place = paths.place(*cell.place(config["sets"]))
        reads = subjects(cell.metric)
        found |= {paths.planned(place)} if "generated" in reads else set()
        found |= {paths.paired(place)} if "pairs" in reads else set()
    return sorted(found)


def wanted_tables(wildcards):
    """The tables behind all that is asked for, each under ASKED/TABLE."""
    return {
        f"{asked}/{table}": path
        for asked in asked_elsewhere(wildcards.dataset, wildcards.backbone)
        for table, path in tables_of_asked(wildcards.dataset, asked).items()
    }


def elsewhere_settings(wildcards, **more):
    section = config["backbones"][wildcards.backbone]
    return {"kind": section["kind"], "section": section, **more}


def wanted_settings(wildcards):
    asked = asked_elsewhere(wildcards.dataset, wildcards.backbone)
    return elsewhere_settings(wildcards, asked={each: prompts_of(each) for each in asked})


def collect_settings(wildcards):
    return elsewhere_settings(
        wildcards,
        prompts=prompts_of(wildcards.asked),
        wanted=paths.wanted(wildcards.dataset, wildcards.backbone),
    )


def motions_elsewhere(wildcards):
    """The directory of motions that were made elsewhere. Ends the run where it is not there yet."""
    folder = config["backbones"][wildcards.backbone]["motions"]
    if not Path(folder).is_dir():
        # Not an error of Snakemake's, which would come with a traceback.
        table = paths.wanted(wildcards.dataset, wildcards.backbone)
        raise SystemExit(
            f"backbones.{wildcards.backbone}.motions: {folder} does not exist; make the motions that"
            f" {table} lists (`snakemake {table}` makes that table), and put them there."
        )
    return known(folder)


def motion_plugin(wildcards):
    """The module that knows the files of motions made elsewhere."""
    return [backbone_says(wildcards.backbone, "MOTIONS")]


def motions_read(wildcards):
    """Their directory, and the files in it that are read for a source of prompts."""
    folder = config["backbones"][wildcards.backbone]["motions"]
    return folder, (f"{prompts_of(wildcards.asked)}/*.npy",)
