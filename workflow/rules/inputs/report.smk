# What the report shows: which motions of which models, and which pictures.

from types import SimpleNamespace

from hmu.report import scene_plan

SCENES = scene_plan.scenes(BOUND.values(), made_elsewhere)
REPORT_DATASETS = sorted({*DATASETS_USED, *DEMO_DATASETS})
REPORT_CONCEPTS = sorted({(cell.dataset, cell.concept) for cell in ADDRESSES.values()})


def trained_models():
    """The folders of all models behind the tables whose training left curves."""
    found = []
    for cell in ADDRESSES.values():
        if made_elsewhere(cell.backbone):
            continue
        sets = ["all"]
        if cell.variant != paths.REAL:
            declared = DECLARED[cell.variant]
            sets += [paths.without(cell.concept)] if "retrained" in declared.inputs else []
            if declared.trains:
                found.append(
                    paths.checkpoint(cell.dataset, cell.backbone, cell.concept, cell.variant)
                )
        for part in parts(cell.backbone):
            own = owner(cell.backbone, part)
            found += [paths.part(cell.dataset, own, trainset, part) for trainset in sets]
        found += [paths.shared_model(cell.dataset, name) for name in ("evaluator", "length")]
        if by_model(cell.metric, second_evaluator.MODEL):
            found.append(paths.shared_model(cell.dataset, second_evaluator.MODEL))
    return sorted(set(found))


TRAINED_MODELS = trained_models()


def address_of_scene(scene):
    """The names that a scene has, as wildcards."""
    dataset, backbone, concept, name = scene["address"]
    of = next(
        cell
        for cell in MEASURED
        if [cell.dataset, cell.backbone, cell.concept, cell.set] == scene["address"]
    )
    return SimpleNamespace(
        dataset=dataset, backbone=backbone, concept=concept, place=place_of(of), set=name
    )


def shows_its_concept(scene):
    return scene_plan.shows_its_concept(scene, is_implicit(address_of_scene(scene).place))


def scene_inputs(number, scene):
    """What the motions of a scene are decoded from, and what the metrics say of each."""
    names = address_of_scene(scene)
    variants = [each["name"] for each in scene["models"] if each["role"] in scene_plan.CHANGED]
    before = strips_before(names)
    before.pop("explicit", None)
    if not shows_its_concept(scene):
        before = {key: path for key, path in before.items() if not key.startswith("embedded_")}
    if not scene_plan.has_original(scene):
        del before["before"]
    found = {**before, **strips_after(names, variants), **store("features", names.dataset)}
    if scene_plan.decoded(scene):
        found |= {name: path(names) for name, path in weights("tokenizer", "all").items()}
    for name, backbone in scene_plan.from_elsewhere(scene):
        folder = paths.collected(names.dataset, backbone, paths.planned(names.place))
        found[f"came_data/{name}"] = f"{folder}/data.npy"
        found[f"came_index/{name}"] = f"{folder}/index.parquet"
    values = {}
    for cell in MEASURED:
        if name := scene_plan.name_in(scene, cell):
            values.setdefault(f"values/{name}", set()).add(cell.motions(config["sets"]))
    found |= {name: sorted(files) for name, files in values.items()}
    if scene_plan.asks_detector(scene, MEASURED):
        found["calibration"] = calibration_of(names.dataset, names.concept)
    return {f"{name}/{number}": path for name, path in found.items()}


def report_inputs(wildcards):
    """All but what tables and figures are made of."""
    found = {
        "training_caption": caption_file("training"),
        "curves": [f"{folder}/training" for folder in TRAINED_MODELS],
        "shares": [f"{paths.concept(*address)}/shares.csv" for address in REPORT_CONCEPTS],
    }
    for dataset in REPORT_DATASETS:
        folders = [paths.data(dataset, stage) for stage in ("joints", "features", "text")]
        found[f"aside/{dataset}"] = [f"{folder}/quarantine.csv" for folder in folders]
    for number, scene in enumerate(SCENES):
        found |= scene_inputs(number, scene)
    return found


def report_settings(wildcards):
    keywords = [
        (
            configuration.keywords(config, scene["address"][2], scene["address"][0])
            if shows_its_concept(scene)
            else []
        )
        for scene in SCENES
    ]
    return with_device(
        {
            **TABLES_TOLD,
            **FIGURES_TOLD,
            "scenes": [
                {**scene, "keywords": words} for scene, words in zip(SCENES, keywords, strict=True)
            ],
            "configfiles": [*map(os.path.relpath, CONFIG_FILES)],
            "aside": REPORT_DATASETS,
            "training": [folder.removeprefix(f"{paths.RESULTS}/") for folder in TRAINED_MODELS],
            "forgotten": [
                {
                    "dataset": dataset,
                    "concept": concept,
                    "keywords": configuration.keywords(config, concept, dataset),
                }
                for dataset, concept in REPORT_CONCEPTS
            ],
        }
    )


def report_plugins(wildcards):
    """What turns the codes of all scenes into motions."""
    found = ["hmu.backbones.opening"]
    for scene in filter(scene_plan.decoded, SCENES):
        variants = [each["name"] for each in scene["models"] if each["role"] in scene_plan.CHANGED]
        found += showing_plugins(scene["address"][1], variants)
    return list(dict.fromkeys(found))
