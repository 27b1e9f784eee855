"""BAMM's official files, beside MoMask's or in its own checkout."""

import shutil
from pathlib import Path
from typing import Any

import torch
from torch import nn

from hmu.backbones import opening
from hmu.backbones.bamm import masked as bamm
from hmu.generation import bundle
from hmu.io import files
from hmu.models.stored import Stored
from support.official_files import (
    BAMM,
    MASKED,
    RVQ,
    TOLERANCE,
    asked,
    hmu,
    load,
    official_masked,
    trees_equal,
)
from support.reference import gap


def official_bamm(module: Any, root: Path, file: str, name: str = BAMM) -> nn.Module:
    """BAMM's gen_t2m.py, load_trans_model: strict, but for CLIP."""
    return official_masked(module, root, name, file)


def test_bamm_goes_in_and_out(bamm_module: Any, with_bamm: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    words = ["import", with_bamm, "--to", results / "bamm", "--results", results]
    assert hmu(*words, "--backbone", "bamm") == 0
    inputs = bundle.find(results / "bamm").inputs
    ours = opening.part(Stored.among(inputs, "masked"), torch.device("cpu"))
    assert isinstance(ours, bamm.MaskedTransformer)
    official = official_bamm(bamm_module, with_bamm, "latest.tar")
    ids, text, _ = asked()
    given = ids % 3 == 0
    conditions = torch.where(given, ids, ours.pad_id)
    with torch.no_grad():
        for known, told in ((None, None), (given, conditions)):
            for blind in (False, True):
                expected = official.trans_forward(ids, text, None, blind, told).transpose(1, 2)
                assert expected.std() > 0.1
                seen = torch.zeros_like(text) if blind else text
                found = ours.scores(ids, seen, hidden=None if known is None else ~known)
                assert gap(found, expected[:, :-1]) < TOLERANCE
    for names, folder, file in (("official", BAMM, "latest.tar"), ("short", "bamm", "base.tar")):
        out = tmp_path / names
        assert hmu("export", results / "bamm", out, "--names", names) == 0
        official_bamm(bamm_module, out, file, folder)
        tar = Path(folder) / "model" / file
        assert trees_equal(load(out / tar), load(with_bamm / BAMM / "model" / "latest.tar"))
    assert (tmp_path / "official" / BAMM / "opt.txt").read_bytes() == (
        with_bamm / BAMM / "opt.txt"
    ).read_bytes()


def test_bamm_is_found_in_its_own_checkout(with_bamm: Path, tmp_path: Path) -> None:
    """As its download scripts fill it: log/t2m/t2m, log/vq/t2m and checkpoints/t2m."""
    checkout, results = tmp_path / "BAMM", tmp_path / "results"
    shutil.copytree(with_bamm, checkout / "checkpoints" / "t2m")
    shutil.rmtree(checkout / "checkpoints" / "t2m" / MASKED)
    (checkout / "log" / "t2m" / "t2m").mkdir(parents=True)
    shutil.move(checkout / "checkpoints" / "t2m" / BAMM, checkout / "log" / "t2m" / "t2m")
    shutil.copytree(with_bamm / RVQ, checkout / "log" / "vq" / "t2m" / RVQ)
    assert hmu("import", checkout, "--to", results / "bamm", "--results", results) == 0
    config = files.read_json(results / "bamm" / "masked" / "config.json")
    assert config["kind"] == "bamm"
    origin = files.read_json(results / "bamm" / "masked" / "origin.json")
    assert origin["official"]["folder"] == BAMM
