"""Files that are not to be trusted, or not whole: one message, and nothing runs."""

import os
import pickle
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from hmu.official import options
from support.official_files import (
    LENGTH_FILE,
    MASKED,
    MASKED_FILE,
    RVQ,
    VQ_FILE,
    hmu,
    load,
    official_folder,
)


class Hostile:
    """Runs when unpickled."""

    def __reduce__(self) -> Any:
        return (exec, ("import os; os.environ['HMU_TEST_HOSTILE'] = 'ran'",))


@pytest.fixture(autouse=True)
def nothing_hostile_ran() -> Iterator[None]:
    yield
    assert os.environ.pop("HMU_TEST_HOSTILE", None) is None


def spoil(name: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def apply(root: Path) -> None:
        content = load(root / name)
        change(content)
        torch.save(content, root / name)

    return apply


def option(name: str, key: str, value: str | None) -> Callable[[Path], None]:
    def apply(root: Path) -> None:
        values = dict(options.Options.read(root / name / "opt.txt").values)
        if value is None:
            del values[key]
        else:
            values[key] = value
        options.write(root / name / "opt.txt", values)

    return apply


def cut(name: str) -> Callable[[Path], None]:
    def apply(root: Path) -> None:
        path = root / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return apply


def repacked(
    name: str, entry: str, change: Callable[[bytes], bytes], kind: int = zipfile.ZIP_STORED
) -> Callable[[Path], None]:
    """Another content, or compression, of one entry of an archive."""

    def apply(root: Path) -> None:
        with zipfile.ZipFile(root / name) as archive:
            contents = {each: archive.read(each) for each in archive.namelist()}
        with zipfile.ZipFile(root / name, "w") as archive:
            for each, content in contents.items():
                if each.partition("/")[2] == entry:
                    archive.writestr(each, change(content), kind)
                else:
                    archive.writestr(each, content)

    return apply


def odd(make: Callable[[], Tensor]) -> Callable[[Path], None]:
    return spoil(MASKED_FILE, lambda content: content["t2m_transformer"].update(x=make()))


def endless() -> Tensor:
    """40 terabytes, in a file of one number."""
    return torch.zeros(1).expand(10**13)


def nested(depth: int, times: int) -> list[Any]:
    """Lists in lists, each ``times`` in the next."""
    made: list[Any] = []
    for _ in range(depth):
        made = [made] * times
    return made


def in_itself() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


DEEP = b"N" + b"\x85" * 10**6
"""What a pickle says to put a million tuples into each other."""


ODD = "latest.tar .*asks for torch.*, which data do not need; download it again"


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "hostile tokenizer": (
        lambda root: torch.save({"vq_model": Hostile()}, root / VQ_FILE),
        "net_best_fid.tar.*asks for .*exec",
    ),
    "hostile transformer": (
        spoil(MASKED_FILE, lambda content: content.update(scheduler=Hostile())),
        "latest.tar.*asks for .*exec",
    ),
    "hostile pickle": (
        lambda root: (root / MASKED_FILE).write_bytes(pickle.dumps(Hostile())),
        "latest.tar",
    ),
    "hostile evaluator": (
        spoil("text_mot_match/model/finest.tar", lambda content: content.update(epoch=Hostile())),
        "finest.tar.*asks for .*exec",
    ),
    "hostile length estimator": (
        lambda root: torch.save(
            {"estimator": Hostile()},
            root / "length_estimator/model/finest.tar",
            _use_new_zipfile_serialization=False,
        ),
        "finest.tar.*asks for .*exec",
    ),
    "hostile mean": (
        lambda root: (root / RVQ / "meta/mean.npy").write_bytes(pickle.dumps(Hostile())),
        r"meta.*mean\.npy is not a NumPy file, or holds pickled objects",
    ),
    "truncated weights": (cut(VQ_FILE), "net_best_fid.tar is not a whole file"),
    "truncated std": (
        cut(f"{RVQ}/meta/std.npy"),
        "std.npy is truncated or damaged: copy mean.npy and std.npy again",
    ),
    "empty weights": (
        lambda root: (root / VQ_FILE).write_bytes(b""),
        "net_best_fid.tar is not a whole file",
    ),
    "a web page": (
        lambda root: (root / VQ_FILE).write_text("<!DOCTYPE html><title>Google Drive</title>"),
        r"net_best_fid.tar is a web page, not the file itself: download it again",
    ),
    "wrong shape": (
        spoil(
            VQ_FILE,
            lambda content: content["vq_model"].update({"encoder.model.0.bias": torch.zeros(3)}),
        ),
        r"net_best_fid.tar: tensor encoder.model.0.bias has shape \(3,\)",
    ),
    "not a number": (
        spoil(
            VQ_FILE, lambda content: content["vq_model"]["encoder.model.0.bias"].fill_(float("nan"))
        ),
        "net_best_fid.tar: tensor encoder.model.0.bias holds values that are not finite",
    ),
    "missing tensor": (
        spoil(MASKED_FILE, lambda content: content["t2m_transformer"].pop("token_emb.weight")),
        "latest.tar lacks tensor token_emb.weight",
    ),
    "unknown tensor": (
        spoil(MASKED_FILE, lambda content: content["t2m_transformer"].update(x=torch.ones(2))),
        "latest.tar has tensor x",
    ),
    "another model's file": (
        lambda root: shutil.copy(root / VQ_FILE, root / MASKED_FILE),
        "latest.tar has no t2m_transformer",
    ),
    "a scale as precise as no model": (
        lambda root: np.save(root / RVQ / "meta/std.npy", np.ones(263, np.longdouble)),
        "mean.npy and std.npy hold float32 and float128: save both as float32",
    ),
    "a scale that is not finite": (
        lambda root: np.save(root / RVQ / "meta/mean.npy", np.full(263, np.nan, np.float32)),
        "meta: mean and std must be 263 finite numbers each, .*: copy or make it again",
    ),
    "a scale of nothing": (
        lambda root: np.save(root / RVQ / "meta/std.npy", np.zeros(263, np.float32)),
        "std above 0",
    ),
    "no weights": (lambda root: (root / VQ_FILE).unlink(), "has no net_best_fid.tar or base.tar"),
    "no options": (lambda root: (root / MASKED / "opt.txt").unlink(), "opt.txt is missing"),
    "binary options": (
        lambda root: (root / MASKED / "opt.txt").write_bytes(b"\x80\x00\xff"),
        "opt.txt cannot be read as text",
    ),
    "broken options": (
        lambda root: (root / MASKED / "opt.txt").write_text("latent_dim=32"),
        "opt.txt: line 1 is not",
    ),
    "an option too few": (option(MASKED, "n_heads", None), "opt.txt has no option n_heads"),
    "an option that is no number": (option(RVQ, "nb_code", "many"), "nb_code is 'many'"),
    "heads that do not divide": (option(MASKED, "n_heads", "5"), "5 n_heads cannot share"),
    "layers without end": (
        option(MASKED, "n_layers", "900000"),
        "opt.txt: n_layers is '900000', not a whole number from 1 to 64: copy the file again",
    ),
    "a dropout of all": (option(MASKED, "dropout", "1"), "dropout is 1.0, and should be less"),
    "quantizers without end": (option(RVQ, "num_quantizers", "9" * 9), "num_quantizers is '9"),
    "a width without end": (
        option(RVQ, "width", "9" * 12),
        "opt.txt: width is '9{12}', not a whole number from 1 to 1000000: copy the file again",
    ),
    "a line without end": (
        option(RVQ, "nb_code", "9" * 5000),
        r"opt.txt: line \d+ is far too long: copy the file again",
    ),
    "another activation": (option(RVQ, "vq_act", "silu"), "vq_act is silu"),
    "another size": (option(MASKED, "latent_dim", "64"), "tensor .* has shape"),
    "another tokenizer": (option(MASKED, "vq_name", "other"), "trained on the tokenizer other"),
    "two tokenizers": (
        lambda root: shutil.copytree(root / RVQ, root / "rvq_nq6_other"),
        "has more than one tokenizer",
    ),
    "a tensor without end": (
        spoil(VQ_FILE, lambda content: content["vq_model"].update(x=endless())),
        "net_best_fid.tar .*its tensors would take 4000.* bytes.*; download it again",
    ),
    "a tensor without end beside the weights": (
        spoil(MASKED_FILE, lambda content: content.update(x=[endless()])),
        "latest.tar .*its tensors would take 4000.* bytes.*; download it again",
    ),
    "a tensor without end in an old file": (
        lambda root: torch.save(
            {"estimator": {"x": endless()}},
            root / LENGTH_FILE,
            _use_new_zipfile_serialization=False,
        ),
        "finest.tar .*its tensors would take 4000.* bytes.*; download it again",
    ),
    "an axis without end": (
        spoil(LENGTH_FILE, lambda content: content["estimator"].update(x=torch.zeros(0, 10**13))),
        "finest.tar .*its tensors would take 4000.* bytes.*; download it again",
    ),
    "the same numbers again and again": (
        spoil(MASKED_FILE, lambda content: content.update(x=[content["t2m_transformer"]] * 5)),
        r"latest.tar .*its tensors would take \d+ bytes.*; download it again",
    ),
    "fewer numbers than it says": (
        repacked(VQ_FILE, "data/0", lambda content: content[:-4]),
        r"net_best_fid.tar .*storage 0 has \d+ bytes, not \d+; download it again",
    ),
    "fewer numbers than an old file says": (
        lambda root: (root / LENGTH_FILE).write_bytes((root / LENGTH_FILE).read_bytes()[:-4]),
        r"finest.tar .*storage \d+ has \d+ bytes, not \d+; download it again",
    ),
    "numbers the other way round": (
        repacked(VQ_FILE, "byteorder", lambda content: b"big"),
        "net_best_fid.tar .*another order of bytes; download it again",
    ),
    "a file that unpacks without end": (
        repacked(VQ_FILE, "data.pkl", bytes, zipfile.ZIP_DEFLATED),
        "net_best_fid.tar .*data.pkl is compressed; download it again",
    ),
    "a list in itself": (
        spoil(MASKED_FILE, lambda content: content.update(x=in_itself())),
        "latest.tar .*values in values, more than 50 of them; download it again",
    ),
    "lists in lists": (
        spoil(MASKED_FILE, lambda content: content.update(x=nested(100, 1))),
        "latest.tar .*values in values, more than 50 of them; download it again",
    ),
    "a list twice in a list, and so on": (
        spoil(MASKED_FILE, lambda content: content.update(x=nested(40, 2))),
        "latest.tar .*more than 100000 values; download it again",
    ),
    "a text again and again": (
        spoil(MASKED_FILE, lambda content: content.update(x=["x" * 10**5] * 100)),
        "latest.tar .*repeats its text without end; download it again",
    ),
    "a text that cannot be written": (
        spoil(MASKED_FILE, lambda content: content.update(x="\ud800")),
        "latest.tar .*surrogates not allowed; download it again",
    ),
    "a number too large": (
        spoil(MASKED_FILE, lambda content: content.update(x=[10**5000])),
        "latest.tar holds a number of 16610 bits at /x/0, which no .*: copy it again",
    ),
    "a name too long": (
        spoil(MASKED_FILE, lambda content: content.update({"x" * 501: 1})),
        "latest.tar .*a name that is no short text; download it again",
    ),
    "a name of two lines": (
        spoil(
            MASKED_FILE, lambda content: content["t2m_transformer"].update({"a\nb": torch.ones(2)})
        ),
        "latest.tar .*a name that is no short text; download it again",
    ),
    "a name that is no text": (
        spoil(MASKED_FILE, lambda content: content.update(x={(1, 2): torch.ones(2)})),
        "latest.tar .*a name that is no short text; download it again",
    ),
    "a tensor that has a number for its name": (
        spoil(MASKED_FILE, lambda content: content["t2m_transformer"].update({1: torch.ones(2)})),
        "latest.tar: t2m_transformer holds something else than tensors: copy it again",
    ),
    "a tuple in a tuple, and so on, as a name": (
        repacked(MASKED_FILE, "data.pkl", lambda content: b"}" + DEEP + b"Ns."),
        "latest.tar .*tuples and more in a tuple; download it again",
    ),
    "a tensor that changes when it is looked at": (
        repacked(MASKED_FILE, "data.pkl", lambda content: content.replace(b"QK", b"Q}bK", 1)),
        "latest.tar .*it changes what it has described; download it again",
    ),
    "memory for the asking": (
        spoil(MASKED_FILE, lambda content: content.update(x=bytearray(3))),
        "latest.tar .*asks for .*bytearray, which data do not need; download it again",
    ),
    "a sparse weight": (odd(lambda: torch.eye(3).to_sparse_csr()), ODD),
    "a weight without numbers": (odd(lambda: torch.ones(3, device="meta")), ODD),
    "a quantised weight": (
        odd(lambda: torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)),
        ODD,
    ),
    "a weight of eight bits": (odd(lambda: torch.ones(3).to(torch.float8_e4m3fn)), ODD),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.filterwarnings("ignore:Sparse CSR", "ignore:.*quantize_per_tensor")
def test_a_bad_file_is_refused_with_one_message(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    change, message = BAD[case]
    root = tmp_path / "t2m"
    shutil.copytree(lookalike, root)
    change(root)
    results = tmp_path / "results"
    assert hmu("import", root, "--to", results / "models/x", "--results", results) == 2
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    assert re.search(message, said), said
    assert "weights_only" not in said, "the advice of PyTorch is to trust the file"
    assert len(said) < 500
    assert not list(results.rglob(".part.*"))


@pytest.mark.parametrize(
    "name", ["ViT-B-32.pt", "glove/our_vab_words.pkl", "glove/our_vab_idx.pkl"]
)
def test_hostile_encoders_are_refused(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    source, results = tmp_path / "official", tmp_path / "results"
    official_folder(lookalike, source)
    (source / name).write_bytes(pickle.dumps(Hostile(), protocol=2))
    given = source / name.partition("/")[0]
    assert hmu("import", given, "--to", results / "x", "--results", results) == 2
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    assert Path(name).name in said
    assert "exec" in said
