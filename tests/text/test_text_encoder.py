"""CLIP's text tower and tokenizer, and the evaluator's word vectors, beside the official code."""

import importlib.util
import io
import os
import pickle
import sys
import types
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks.text import random_tower
from hmu.errors import InputError
from hmu.official import clip as official_files
from hmu.official import layout
from hmu.run.job import Job
from hmu.sections.text_encoder import ClipSizes
from hmu.steps import word_vectors
from hmu.text import clip, vectors
from support.reference import checkout

TOLERANCE = 1e-4
SMALL = ClipSizes(width=64, heads=1, layers=2, dim=32)
CAPTIONS = [
    "",
    "a person walks forward",
    "the man's left leg kicks twice, then he sits down!",
    "someone crawls " + "slowly " * 90,
]


def official_module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("official", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def official_clip(sizes: ClipSizes) -> torch.nn.Module:
    module = official_module(checkout("openai+CLIP") / "clip" / "model.py")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model: torch.nn.Module = module.CLIP(
            sizes.dim, 32, 1, 64, 16, sizes.context, sizes.vocabulary, sizes.width, sizes.heads,
            sizes.layers,
        )  # fmt: skip
    return model.eval()


# --- CLIP -----------------------------------------------------------------------------------


def test_tokens_equal_official() -> None:
    folder = checkout("openai+CLIP") / "clip"
    encoder = official_module(folder / "simple_tokenizer.py").SimpleTokenizer()
    source = (folder / "clip.py").read_text(encoding="utf-8")
    start = source.index("def tokenize")
    names: dict[str, Any] = {
        "torch": torch,
        "version": types.SimpleNamespace(parse=lambda text: 2),
        "_tokenizer": encoder,
        "Union": __import__("typing").Union,
        "List": list,
    }
    exec(source[start:], names)  # the function alone: its package needs torchvision
    expected = names["tokenize"](CAPTIONS, truncate=True).numpy()
    assert np.array_equal(clip.tokenize(CAPTIONS), expected)


def test_embeddings_equal_official(tmp_path: Path) -> None:
    model = official_clip(SMALL)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() < 2:
                parameter.add_(torch.linspace(-0.3, 0.3, parameter.numel()).view(parameter.shape))
            elif not name.startswith("visual"):
                parameter.mul_(4)
    path = tmp_path / "plain.pt"
    torch.save(model.state_dict(), path)
    tower = official_files.read(path)
    assert tower.sizes == SMALL
    with torch.no_grad():
        tokens = torch.from_numpy(clip.tokenize(CAPTIONS))
        expected = model.encode_text(tokens).numpy()
    found = tower.embed(CAPTIONS)
    assert np.abs(expected).max() > 0.5
    assert np.abs(found - expected).max() < TOLERANCE


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning")
def test_torchscript_archive_is_read_without_running_it(tmp_path: Path) -> None:
    model = official_clip(SMALL)
    tokens = torch.from_numpy(clip.tokenize(CAPTIONS))
    path = tmp_path / "ViT-B-32.pt"
    example = (torch.zeros(len(CAPTIONS), 3, 32, 32), tokens)
    with torch.no_grad():
        torch.jit.trace(model, example, check_trace=False).save(path)
    tower = official_files.read(path)
    state = model.state_dict()
    for name, tensor in tower.state_dict().items():
        assert torch.equal(tensor, state[name]), name


def test_a_text_has_the_same_embedding_in_any_company_on_any_number_of_cores() -> None:
    tower, threads = (
        random_tower(ClipSizes(width=128, heads=2, layers=2), 0),
        torch.get_num_threads(),
    )
    texts = [*CAPTIONS, *(f"a person {verb} twice" for verb in ("walks", "runs", "hops", "sits"))]
    alone = np.concatenate([tower.embed([text]) for text in texts])
    for count in (1, 2, 3):
        torch.set_num_threads(count)
        try:
            assert np.array_equal(tower.embed(texts), alone)
        finally:
            torch.set_num_threads(threads)


def test_random_tower_tells_texts_apart() -> None:
    """A linear readout finds the verb in captions, and in manners, that it has not seen."""
    verbs = ["walks", "runs", "jumps", "kicks", "punches", "throws", "squats", "waves"]
    who = ["a person", "a man", "someone", "the figure", "a woman"]
    how = ["", "slowly", "forward", "with the left leg", "twice", "in a circle"]
    texts = [f"{one} {verb} {way}".strip() for verb in verbs for one in who for way in how]
    labels = np.repeat(np.arange(len(verbs)), len(who) * len(how))
    embedded = random_tower(ClipSizes(width=128, heads=2, layers=2, dim=128), 3).embed(texts)
    assert 0.3 < embedded.std() < 3
    inputs = np.c_[embedded, np.ones(len(texts))]
    manner = np.arange(len(texts)) % len(how)
    for seen in (np.random.default_rng(0).random(len(texts)) < 0.6, manner > 1):
        gram = inputs[seen].T @ inputs[seen] + 3 * np.eye(inputs.shape[1])
        readout = np.linalg.solve(gram, inputs[seen].T @ np.eye(len(verbs))[labels[seen]])
        correct = (inputs[~seen] @ readout).argmax(1) == labels[~seen]
        assert correct.mean() > 0.9


def test_random_tower_depends_on_its_seed_alone() -> None:
    one, same, other = (random_tower(SMALL, seed).embed(CAPTIONS) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert np.abs(one - other).max() > 0.1


class Hostile:
    """Runs when unpickled."""

    def __reduce__(self) -> Any:
        return (exec, ("import os; os.environ['HMU_TEST_HOSTILE'] = 'ran'",))


@pytest.fixture(autouse=True)
def nothing_hostile_ran() -> Iterator[None]:
    yield
    assert os.environ.pop("HMU_TEST_HOSTILE", None) is None


def _hostile_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", pickle.dumps(Hostile()))
        archive.writestr("a/constants.pkl", pickle.dumps(()))


def _archive(path: Path, tree: bytes) -> None:
    """A TorchScript archive of one number, a/data/b."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", tree)
        archive.writestr("a/constants.pkl", pickle.dumps(()))
        archive.writestr("a/data/b", bytes(4))


_MODULE = b"\x80\x02c__torch__\nM\n)\x81"
"""Makes a module; what follows is its state."""


def _endless_archive(path: Path) -> None:
    """Its tensor shows one number, 10^10 times, which is the text projection."""
    stored = b"(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0bX\3\0\0\0cpuK\1tQ"
    size = b"\x8a\5" + (10**10).to_bytes(5, "little") + b"\x85" + b"K\0\x85"
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + stored + b"K\0" + size + b"\x89NtR"
    _archive(path, _MODULE + b"}X\x0f\0\0\0text_projection" + tensor + b"sb.")


def _archive_in_itself(path: Path) -> None:
    _archive(path, _MODULE + b"q\0}X\1\0\0\0xh\0sb.")


def _damaged_directory(path: Path) -> None:
    torch.save(random_tower(SMALL, 0).state_dict(), path)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"PK\1\2", b"PK\0\0"))


def _tower(path: Path, changes: dict[str, torch.Tensor]) -> None:
    torch.save(random_tower(SMALL, 0).state_dict() | changes, path)


def _truncated(path: Path) -> None:
    stream = io.BytesIO()
    torch.save(random_tower(SMALL, 0).state_dict(), stream)
    path.write_bytes(stream.getvalue()[:-5000])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "is missing: download it"),
        (lambda path: path.write_bytes(b"not weights"), "not what torch.save makes .*download"),
        (lambda path: path.write_bytes(pickle.dumps(Hostile())), "asks for .*exec.*download"),
        (lambda path: torch.save({"x": Hostile()}, path), "asks for .*exec.*download"),
        (lambda path: torch.save({"x": torch.zeros(2)}, path), "no CLIP text tower.*download"),
        (lambda path: torch.save([torch.zeros(2)], path), "something else .*download"),
        (_hostile_archive, "asks for .*exec.*download"),
        (_truncated, "not a whole file .*download"),
        (_damaged_directory, "not a whole file .*download"),
        (_endless_archive, "its tensors would take 40000000000 bytes.*download"),
        (_archive_in_itself, "values in values.*download"),
        (
            lambda path: _tower(path, {"token_embedding.weight": torch.zeros(1, 64 * 15000)}),
            "tensor positional_embedding has shape .*download",
        ),
        (
            lambda path: _tower(path, {"token_embedding.weight": torch.zeros(1, 96)}),
            "a text tower that cannot be .*download",
        ),
        (
            lambda path: _tower(path, {"text_projection": torch.zeros(64, 0)}),
            "a text tower that cannot be .*download",
        ),
        (
            lambda path: _tower(
                path, {f"transformer.resblocks.{row}.x": torch.zeros(1) for row in range(65)}
            ),
            "a text tower that cannot be .*download",
        ),
        (
            lambda path: torch.save(
                random_tower(ClipSizes(width=32, heads=1, layers=1, dim=8), 0).state_dict(), path
            ),
            "a text tower that cannot be .*download",
        ),
    ],
)
def test_bad_official_file_is_refused(tmp_path: Path, make: Any, message: str) -> None:
    path = tmp_path / "ViT-B-32.pt"
    make(path)
    with pytest.raises(InputError, match=rf"ViT-B-32\.pt.*{message}") as told:
        official_files.read(path)
    assert len(str(told.value).splitlines()) == 1
    assert len(str(told.value)) < 500


# --- word vectors ---------------------------------------------------------------------------


WORDS = ["a", "man", "kick", "left", "walk", "slowly", "unk", "sos", "eos", "weird"]


@pytest.fixture
def glove(tmp_path: Path) -> Path:
    table = np.random.default_rng(0).standard_normal((len(WORDS) + 3, 300))
    np.save(tmp_path / "our_vab_data.npy", table)
    (tmp_path / "our_vab_words.pkl").write_bytes(pickle.dumps(WORDS))
    index = {word: row + 2 for row, word in enumerate(WORDS)}
    (tmp_path / "our_vab_idx.pkl").write_bytes(pickle.dumps(index))
    return tmp_path


def imported(glove: Path) -> dict[str, Path]:
    """What the step makes of the three files."""
    outputs = {name: glove / f"{name}.json" for name in ("config", "origin")}
    outputs["model"] = glove / "model.safetensors"
    word_vectors.run(Job("word_vectors", dict(layout.glove(glove)), outputs))
    return {"word_vectors": outputs["model"], "word_vectors_config": outputs["config"]}


def test_words_equal_official(glove: Path) -> None:
    module = official_module(checkout("EricGuo5513+momask-codes") / "utils" / "word_vectorizer.py")
    official = module.WordVectorizer(str(glove), "our_vab")
    captions = [
        "a/DET man/NOUN kick/VERB left/ADJ slowly/ADV unseen/NOUN weird/XYZ",
        " ".join(["walk/VERB", "left/NOUN", "a/DET"] * 9),
        " ".join(["walk/VERB"] * 20),
    ]
    split = [caption.split(" ") for caption in captions]
    words, tags, lengths = vectors.read(imported(glove), 0).encode(split)
    assert words.dtype == tags.dtype == np.float32
    for row, tokens in enumerate(split):
        framed = ["sos/OTHER", *tokens[:20], "eos/OTHER"]
        assert lengths[row] == len(framed)
        framed += ["unk/OTHER"] * (22 - len(framed))
        for place, token in enumerate(framed):
            vector, tag = official[token]
            assert np.array_equal(words[row, place], vector.astype(np.float32))
            assert np.array_equal(tags[row, place], tag.astype(np.float32))
    assert list(vectors.TAGS) == list(module.POS_enumerator)
    listed = {word: name for name, all_ in module.VIP_dict.items() for word in all_}
    assert listed == vectors.CATEGORY


def test_random_words_belong_to_the_word() -> None:
    one = vectors.WordVectors.from_words(["kick", "walk"], 50, seed=3)
    other = vectors.WordVectors.from_words(["walk"], 50, seed=3)
    wide = vectors.read({}, 3)
    tokens = [["walk/VERB", "kick/VERB", "***s/VERB"]]
    first, tags, lengths = one.encode(tokens)
    second = other.encode(tokens)[0]
    assert np.array_equal(first[0, 1], second[0, 1])
    assert np.allclose(np.linalg.norm(first, axis=-1), 1)
    unknown = first[0, -1]
    assert np.array_equal(second[0, 2], unknown)
    assert not np.array_equal(first[0, 2], unknown)
    assert np.array_equal(first[0, 3], unknown)
    assert vectors.TAGS[int(tags[0, 3].argmax())] == "OTHER"
    assert lengths.tolist() == [5]
    # The open vocabulary knows every word but masked ones, whatever was asked for before.
    opened = wide.encode(tokens)[0]
    again = vectors.read({}, 3).encode([["kick/VERB"], ["walk/VERB"]])[0]
    assert np.array_equal(opened[0, 2], again[0, 1])
    assert np.array_equal(opened[0, 1], again[1, 1])
    assert np.array_equal(opened[0, 3], opened[0, -1])


@pytest.mark.parametrize(
    ("tokens", "keywords", "expected"),
    [
        ("a/DET man/NOUN kick/VERB", ["kick"], "a/DET man/NOUN ***/VERB"),
        ("he/PRON Kicked/VERB", ["kick"], "he/PRON ***ed/VERB"),
        ("punch/VERB kick/NOUN", ["kick", "punch"], "***/VERB ***/NOUN"),
        ("verb/VERB", ["verb"], "***/VERB"),
        ("a/DET", [], "a/DET"),
        ("a/DET", [""], "a/DET"),
        ("a.b/NOUN acb/NOUN", ["a.b"], "***/NOUN acb/NOUN"),
    ],
)
def test_mask_tokens(tokens: str, keywords: list[str], expected: str) -> None:
    assert vectors.mask_tokens(tokens, keywords) == expected


def saved(array: np.ndarray) -> bytes:
    """The bytes of an npy file."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def test_token_without_tag_is_refused() -> None:
    with pytest.raises(InputError, match="word/POS"):
        vectors.read({}, 0).encode([["walk"]])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("our_vab_words.pkl", pickle.dumps(Hostile())),
        ("our_vab_idx.pkl", pickle.dumps(Hostile())),
        ("our_vab_words.pkl", b""),
        ("our_vab_words.pkl", pickle.dumps("words")),
        ("our_vab_words.pkl", pickle.dumps([*WORDS, 3])),
        ("our_vab_idx.pkl", pickle.dumps(dict.fromkeys(WORDS, 99))),
        ("our_vab_idx.pkl", pickle.dumps(dict.fromkeys(WORDS, True))),
        ("our_vab_idx.pkl", pickle.dumps([1, 2])),
        ("our_vab_idx.pkl", b"}N" + b"\x85" * 10**6 + b"Ns."),  # tuples in tuples, as a key
        ("our_vab_idx.pkl", b"}N" + b"2\x86" * 60 + b"Ns."),  # each twice in the next
        ("our_vab_words.pkl", pickle.dumps([*WORDS, "x" * 10**6])),
        ("our_vab_words.pkl", b"](X\3\0\0\0\xed\xa0\x80e."),  # half a character
        ("our_vab_words.pkl", b"cos\n" + b"x" * 10**5 + b"\n."),
        ("our_vab_data.npy", saved(np.zeros((20, 300), np.longdouble))),
        (
            "our_vab_data.npy",
            saved(np.zeros((20, 300))).replace(b"(20, 300), }  ", b"(2000, 300), }"),
        ),
        ("our_vab_data.npy", b"\x93NUMPY"),
        ("our_vab_data.npy", pickle.dumps(Hostile())),
        ("our_vab_data.npy", None),
        ("our_vab_data.npy", saved(np.zeros((20, 50)))),
        ("our_vab_idx.pkl", None),
    ],
)
def test_bad_vocabulary_is_refused(glove: Path, name: str, content: bytes | None) -> None:
    path = glove / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=rf"^[^\n]*{name}[^\n]*: (copy|give)[^\n]*$") as told:
        imported(glove)
    assert len(str(told.value)) < 500


def test_vectors_stay_as_they_are_in_any_order(glove: Path) -> None:
    path = glove / "our_vab_data.npy"
    table = np.load(path)
    for order in ("C", "F"):
        np.save(path, np.asarray(table, order=order).astype(">f4", order="K"))
        words = vectors.read(imported(glove), 0)
        found = words.encode([["kick/VERB"]])[0][0, 1]
        assert np.array_equal(found, table[WORDS.index("kick") + 2].astype(np.float32))


def test_words_need_no_torch() -> None:
    code = "import sys, hmu.text.vectors; sys.exit('torch' in sys.modules)"
    workflow = Path(vectors.__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(workflow)}
    assert os.spawnve(os.P_WAIT, sys.executable, [sys.executable, "-c", code], environment) == 0
