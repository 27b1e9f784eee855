"""What is wrong with a configuration is known before anything runs, as far as its plugins and its
files tell."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hmu import config, registry
from hmu.config import planning
from hmu.errors import InputError
from hmu.prompts import neighbours
from support.configurations import minimal

ROOT = Path(__file__).resolve().parents[2]
Given = dict[str, Any]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of a run, with raw data of the form that :func:`minimal` says."""
    (tmp_path / "somewhere/joints").mkdir(parents=True)
    return tmp_path


def faults(given: Given, root: Path) -> list[str]:
    return planning.faults(config.validate(given), root)


def with_lcr(**params: Any) -> Given:
    given = minimal()
    given["variants"]["lcr"] |= params
    return given


def with_edit(method: str, **params: Any) -> Given:
    """With words of kicks, in a table of a layout that has the row."""
    given = minimal()
    given["concepts"]["wave"]["keywords"] = ["kick", "punch"]
    given["variants"][method] = {"method": method, **params}
    given["tables"]["main"]["rows"] = [method]
    return given


def test_nothing_is_wrong_with_a_plain_configuration(root: Path) -> None:
    assert faults(minimal(), root) == []


# Methods


def test_a_missing_list_of_codes_is_named_with_its_key(root: Path) -> None:
    given = with_lcr(codes=["mine.yaml", "theirs.yaml"])
    (root / "mine.yaml").write_text("[[3]]", encoding="utf-8")
    (line,) = faults(given, root)
    assert line.startswith("variants.lcr.codes: theirs.yaml does not exist; give the path that")
    (root / "theirs.yaml").mkdir()
    assert faults(given, root) == ["variants.lcr.codes: theirs.yaml is a folder; give a file."]


def test_files_of_variants_that_no_table_shows_may_be_absent(root: Path) -> None:
    given = minimal()
    given["variants"]["other"] = {"method": "lcr", "codes": "nowhere.yaml"}
    assert faults(given, root) == []


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        ([[3, 999]], "has code 999 in layer 0, and the codebook has 0 to 511: it belongs to anoth"),
        ([[1]] * 7, "has codes of 7 layers, and the tokenizer has 6 quantizers: it belongs to an"),
        ([[1], list(range(512))], "all 512 codes of layer 1 are to be replaced, and one must stay"),
        ([[], []], "there is no code to replace; name some."),
        ({"kick": [1]}, "write a list of codes for each layer, [[3, 14], [15]]."),
    ],
)
def test_a_list_of_codes_that_does_not_fit_the_tokenizer_is_named(
    root: Path, lists: Any, said: str
) -> None:
    given = with_lcr(codes="mine.yaml")
    (root / "mine.yaml").write_text(json.dumps(lists), encoding="utf-8")
    (line,) = faults(given, root)
    assert line.startswith("variants.lcr.codes: ")
    assert "mine.yaml" in line
    assert said in line


def test_lists_of_codes_are_held_together_to_the_codebook(root: Path) -> None:
    given = with_lcr(codes=["one.yaml", "other.yaml"])
    for name, codes in (("one", range(256)), ("other", range(256, 512))):
        (root / f"{name}.yaml").write_text(json.dumps([list(codes)]), encoding="utf-8")
    (line,) = faults(given, root)
    assert "one.yaml and " in line
    assert "all 512 codes of layer 0" in line
    (root / "other.yaml").write_text("[[256], [4]]", encoding="utf-8")
    assert faults(given, root) == []


def test_each_backbone_that_a_table_shows_is_asked(root: Path) -> None:
    given = with_lcr(codes="mine.yaml")
    given["backbones"] = {"momask": {}, "small": {"tokenizer": {"codes": 32}}}
    given["tables"]["other"] = {**given["tables"]["main"], "backbone": "small"}
    (root / "mine.yaml").write_text("[[3, 99]]", encoding="utf-8")
    (line,) = faults(given, root)
    assert "has code 99 in layer 0, and the codebook has 0 to 31" in line


@pytest.mark.parametrize("method", ["uce", "rece"])
def test_nothing_to_preserve_is_named(root: Path, method: str) -> None:
    (line,) = faults(with_edit(method, words=["kick", "punching"]), root)
    assert line == (
        f"variants.{method}.words: all of kick, punching hold keywords of 'wave', so nothing is "
        "left to preserve; add other words."
    )
    assert faults(with_edit(method, words=["kick", "punching", "sit"]), root) == []
    assert faults(with_edit(method), root) == []


def test_equations_that_no_number_could_solve_are_named(root: Path) -> None:
    """As many texts as an embedding has values can do; 23 cannot tell what 256 are to become."""
    (line,) = faults(with_edit("uce", **{"lambda": 0}), root)
    assert line.startswith("variants.uce.lambda: is 0, and 23 texts leave the equations of 256")
    captions = {"preserve": "captions", "captions": 254, "lambda": 0}
    assert faults(with_edit("uce", **captions), root) == []
    (line,) = faults(with_edit("uce", **{**captions, "erase_scale": 0}), root)
    assert "254 texts" in line
    given = with_edit("rece", rho=0)
    assert faults(given, root) == []
    parts = {name: {"latent": 96, "heads": 6} for name in ("masked", "residual")}
    given["backbones"] = {"momask": parts}
    (line,) = faults(given, root)
    assert line.startswith("variants.rece.rho: is 0, and layers with 192 outputs leave the equa")


def test_a_backbone_without_a_part_that_a_method_changes_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    literals = registry.literals

    def without_masked(kind: str, name: str) -> Given:
        found = dict(literals(kind, name))
        if (kind, name) == ("backbones", "bamm"):
            found["PARTS"] = {
                name: each for name, each in found["PARTS"].items() if name != "masked"
            }
        return found

    monkeypatch.setattr(registry, "literals", without_masked)
    given = with_edit("esd")
    given["backbones"] = {"momask": {}, "bamm": {"kind": "bamm", "shares": "momask"}}
    assert faults(given, root) == []
    given["tables"]["main"]["backbone"] = "bamm"
    (line,) = faults(given, root)
    assert line.startswith(
        "variants.esd, on the backbone 'bamm': The method 'esd' is for backbones"
    )
    assert line.endswith("leave the variant out of its tables.")


# Prompts


def with_prompts(lines: list[Given] | None = None, metric: str = "r@1", **source: Any) -> Given:
    """With prompts of one's own, in a table of the layout for such."""
    given = minimal()
    kind = {"kind": "file", "path": "mine.jsonl"} if lines is not None else {"kind": "neighbours"}
    given["prompts"] = {"neighbours": {**kind, **source}}
    table = given["tables"].pop("main")
    given["tables"]["near"] = {**table, "layout": "neighbours"}
    return given


def written(root: Path, lines: list[Given]) -> None:
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    (root / "mine.jsonl").write_text(text, encoding="utf-8")


def many(**more: Any) -> list[Given]:
    return [{"prompt": f"a person walks {n} steps", "frames": 60, **more} for n in range(32)]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "mine.jsonl has no prompt: write a JSON object with `prompt` a line."),
        ([{"prompt": "he walks", "frame": 9}], "mine.jsonl, line 1: 'frame' is unknown; known are"),
        ([{"prompt": "he walks"}], "prompt '000001' has neither `sample` nor `frames`: say whose"),
        (many(name="a"), "mine.jsonl has two prompts named 'a': rename one."),
        ([{"prompt": "he walks", "frames": 400}], "line 1: frames is 400; write 4 to 196, which m"),
        ([{"prompt": "he walks", "frames": 2}], "line 1: frames is 2; write 4 to 196, which model"),
        (many()[:31], "has 31 prompts, and the set 'neighbours' needs 32; add some, lower evaluat"),
    ],
)
def test_a_file_of_prompts_is_read_before_anything_runs(
    root: Path, lines: list[Given], said: str
) -> None:
    written(root, lines)
    (line,) = faults(with_prompts(lines), root)
    assert line.startswith("prompts.neighbours: ")
    assert said in line
    written(root, many())
    assert faults(with_prompts(many()), root) == []


def test_prompts_that_name_their_concept_are_counted_out(root: Path) -> None:
    given = with_prompts([], concept="wave")
    written(root, [{**line, "prompt": "A person Waves."} for line in many()])
    (line,) = faults(given, root)
    assert "none of 32 prompts can be taken; the first, for the sample '000001', holds" in line
    assert line.endswith("Give prompts that hold no word of wave.")
    written(root, [{"prompt": "waves", "frames": 40}, *many()[1:]])
    (line,) = faults(given, root)
    assert "has 31 prompts" in line
    given["evaluation"] = {"last_pool": "kept"}
    assert faults(given, root) == []


def test_a_set_of_a_concepts_clips_needs_prompts_that_stand_for_clips(root: Path) -> None:
    given = with_prompts([])
    given["sets"] = {"neighbours": {"prompts": "neighbours", "clips": "retain"}}
    written(root, many())
    (line,) = faults(given, root)
    assert "has 0 prompts that stand for a clip, and the set 'neighbours' needs 32" in line
    given["evaluation"] = {"last_pool": "kept"}
    (line,) = faults(given, root)
    assert line.endswith("needs 1; add some.")
    written(root, [{"prompt": f"walks {n}", "sample": f"0%{n:06d}"} for n in range(32)])
    assert faults(given, root) == []


def test_a_list_of_ours_that_fills_no_pool_is_named(root: Path) -> None:
    count = sum(1 + ("{side}" in text) for text in neighbours.listed()["kick"])
    assert count < 32
    (line,) = faults(with_prompts(near=["kick"]), root)
    assert line.startswith(f"prompts.neighbours: has {count} prompts, and the set 'neighbours'")
    assert faults(with_prompts(near=["kick", "punch"]), root) == []


def test_columns_that_compare_with_real_motions_need_prompts_that_stand_for_some(
    root: Path,
) -> None:
    given = with_prompts([])
    given["tables"]["near"]["layout"] = "main"
    given["sets"] = {"retain": {"prompts": "neighbours", "clips": "all"}}
    written(root, many())
    (line,) = faults(given, root)
    assert line.startswith("tables.near, row 'real', column 'retain-")
    assert "the prompt '000001' of prompts.neighbours stands for none; give its `sample`" in line
    written(root, [{"prompt": f"walks {n}", "sample": f"0%{n:06d}"} for n in range(32)])
    assert faults(given, root) == []


# Files of the user's


def test_raw_data_of_another_form_are_named(root: Path) -> None:
    given = minimal()
    given["datasets"]["own"]["source"] = "features"
    (line,) = faults(given, root)
    assert line.startswith("datasets.own.raw: ")
    assert "nothing that the source 'features' reads; it has what the source 'joints' has" in line
    (root / "somewhere/joints").rmdir()
    (line,) = faults(given, root)
    assert line.endswith("reads; correct it.")


def test_a_file_in_the_place_of_raw_data_is_named(root: Path) -> None:
    (root / "archive.zip").touch()
    given = minimal()
    given["datasets"]["own"]["raw"] = "archive.zip"
    assert faults(given, root) == ["datasets.own.raw: archive.zip is a file; give a folder."]


def test_published_statistics_must_be_there(root: Path) -> None:
    given = minimal()
    given["datasets"]["own"]["statistics"] = "published"
    (root / "somewhere/Mean.npy").touch()
    (line,) = faults(given, root)
    assert line.startswith("datasets.own.statistics: is 'published', and ")
    assert line.endswith("has no Std.npy; put it there, or write computed.")
    (root / "somewhere/Std.npy").touch()
    assert faults(given, root) == []
    demo = minimal()
    demo["datasets"]["own"] = {"source": "humanml3d", "demo": {}, "statistics": "published"}
    with pytest.raises(InputError, match=r"own.statistics: is 'published', and the demo has none"):
        config.validate(demo)


def test_a_folder_without_word_vectors_is_named(root: Path) -> None:
    given = minimal()
    given["datasets"]["own"]["word_vectors"] = "glove"
    (root / "glove").mkdir()
    (line,) = faults(given, root)
    assert line.startswith("datasets.own.word_vectors: ")
    assert line.endswith("our_vab_data.npy is missing: give the folder of the glove download.")


def test_token_embeddings_of_another_width_than_tmr_reads_are_named(root: Path) -> None:
    given = minimal()
    given["datasets"]["own"] |= {"tmr": "theirs", "token_embeddings": "tokens"}
    (root / "theirs/last_weights").mkdir(parents=True)
    (root / "tokens").mkdir()
    for name in ("last_weights/motion_encoder", "last_weights/text_encoder", "mean", "std"):
        (root / f"theirs/{name}.pt").touch()
    encoder = {"vae": True, "activation": "gelu", "latent_dim": 256, "num_heads": 4}
    encoder |= {"num_layers": 6, "ff_size": 1024, "dropout": 0.1}
    model = {
        "motion_encoder": {**encoder, "nfeats": 263},
        "text_encoder": {**encoder, "nfeats": 768},
    }
    (root / "theirs/config.json").write_text(json.dumps({"model": model}), encoding="utf-8")
    place = root / "tokens/distilbert-base-uncased"
    for name in ("_slice.npy", "_index.json"):
        Path(f"{place}{name}").touch()
    for width, fine in ((768, True), (384, False)):
        np.save(f"{place}.npy", np.zeros((3, width), np.float32))
        found = faults(given, root)
        assert (found == []) == fine
    (line,) = found
    assert line.startswith("datasets.own.token_embeddings: ")
    assert "has tokens of 384 values, and the TMR in " in line
    assert "reads 768; give the embeddings" in line
    (root / "theirs/config.json").write_text("{}", encoding="utf-8")
    (line,) = faults(given, root)
    assert line.startswith("datasets.own.tmr: ")
    assert "says nothing of TMR's encoders" in line


OPTIONS: dict[str, Given] = {
    "rvq": {
        "nb_code": 512,
        "code_dim": 512,
        "width": 512,
        "depth": 3,
        "down_t": 2,
        "dilation_growth_rate": 3,
        "num_quantizers": 6,
        "quantize_dropout_prob": 0.2,
        "mu": 0.99,
        "vq_act": "relu",
        "vq_norm": None,
        "stride_t": 2,
        "shared_codebook": False,
    },
    "mtrans": {
        "vq_name": "rvq",
        "latent_dim": 384,
        "n_heads": 6,
        "n_layers": 8,
        "ff_size": 1024,
        "dropout": 0.2,
        "cond_drop_prob": 0.1,
    },
}
OPTIONS["rtrans"] = {**OPTIONS["mtrans"], "cond_drop_prob": 0.2, "share_weight": True}


def official(root: Path, change: Callable[[dict[str, Given]], object]) -> None:
    """MoMask's folders as the reference calls them, with options, of the paper's sizes until they
    are changed."""
    told = {name: dict(each) for name, each in OPTIONS.items()}
    change(told)
    for name, options in told.items():
        (root / name / "model").mkdir(parents=True, exist_ok=True)
        (root / name / "model/latest.tar").touch()
        text = "".join(f"{key}: {value}\n" for key, value in options.items())
        (root / name / "opt.txt").write_text(text, encoding="utf-8")
    (root / "rvq/meta").mkdir(exist_ok=True)
    for name in ("mean", "std"):
        (root / f"rvq/meta/{name}.npy").touch()


def test_official_models_of_other_sizes_than_configured_are_named(root: Path) -> None:
    given = minimal()
    given["backbones"] = {"momask": {"weights": "t2m"}}
    given["text_encoder"] = {"weights": "clip.pt"}
    (root / "clip.pt").touch()
    official(root / "t2m", lambda told: None)
    assert faults(given, root) == []
    official(root / "t2m", lambda told: told["mtrans"].update(n_layers=6))
    (line,) = faults(given, root)
    assert "mtrans/opt.txt: layers is 6, but backbones.momask.masked.layers is 8; write" in line
    assert line.endswith("layers: 6 there, or leave out the weights.")
    given["backbones"]["momask"]["masked"] = {"layers": 6}
    assert faults(given, root) == []
    official(root / "t2m", lambda told: told["rvq"].update(nb_code="many"))
    assert all(
        "rvq/opt.txt: nb_code is 'many', not a whole number" in s for s in faults(given, root)
    )


def test_looking_at_files_needs_no_networks() -> None:
    code = (
        "import sys; from hmu.config import load, planning;"
        "assert planning.faults(load('config.yaml')) == [];"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT / "workflow")},
    )  # fmt: skip
    assert done.stdout.strip() == "False"


# What needs no file


def test_tokens_beyond_the_longest_motion_are_named() -> None:
    given = minimal()
    given["injections"] = {"mine": {"dataset": "own", "concept": "wave", "at": 46}}
    with pytest.raises(InputError, match=r"injections.mine.tokens: up to 50 tokens .* has 49;"):
        config.validate(given)
    given["injections"]["mine"]["at"] = 45
    config.validate(given)


def test_models_too_few_to_say_how_faithful_a_metric_is_are_named() -> None:
    given = minimal()
    given["variants"]["retrained"] = {"method": "retrain"}
    given["backbones"] = {f"seed-{number}": {"seed": number} for number in range(1, 5)}
    given["tables"]["faithful"] = {**given["tables"]["main"], "layout": "faithfulness"}
    config.validate(given)
    for name in ("seed-2", "seed-3", "seed-4"):
        del given["backbones"][name]
    with pytest.raises(InputError, match=r"tables.faithful: The column .* of 1 with the concept"):
        config.validate(given)
