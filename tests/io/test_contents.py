"""What a file is by its first bytes: pointers and pages are named, marks and separators read."""

import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from hmu import config as configuration
from hmu.errors import InputError
from hmu.generation import prompts
from hmu.io import arrays, contents, files, npz, parquet, pickles
from hmu.io.codes import CodeTable
from hmu.models import storage
from hmu.motion import modelfile
from hmu.motion.bodymodel import BodyModel
from hmu.motion.normalise import statistics
from hmu.official import archive, clip, glove, options
from hmu.prompts import _answers, file
from hmu.sources import features, humanml3d, joints
from hmu.sources._raw import fit
from hmu.tables import layout_files
from hmu.text import captions
from hmu.text.label_files import BadText, TextFiles
from hmu.text.lists import read_lists
from hmu.text.token_embeddings import TokenEmbeddings
from hmu.unlearning import code_lists

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 353976522\n"
STANDING = {
    "is a Git LFS pointer": POINTER.encode(),
    "is a git-annex pointer": b"/annex/objects/SHA256E-s353976522--abab.npy\n",
    "is a web page": b"\xef\xbb\xbf\n<!DOCTYPE HTML><html>Sign in</html>",
}


def split_list(path: Path) -> None:
    for split in captions.SPLITS:
        path.with_name(f"{split}.txt").write_bytes(path.read_bytes())
    read_lists(path.parent)


def caption(path: Path) -> None:
    (path.parent / "texts").mkdir()
    path.rename(path.parent / "texts" / "a.txt")
    TextFiles(path.parent).read("a")


def caption_archive(path: Path) -> None:
    path.rename(path.with_name("texts.zip"))
    TextFiles(path.parent)


READERS: dict[str, Callable[[Path], object]] = {
    "an array": arrays.read_array,
    "an archive of arrays": lambda path: arrays.read_members(path, ("poses",)),
    "a pickle": pickles.read,
    "a body model": lambda path: modelfile.read(path.rename(path.with_suffix(".pkl")), ("a",)),
    "official weights": archive.read,
    "official options": options.Options.read,
    "weights": storage.read_tensors,
    "JSON": files.read_json,
    "an index": humanml3d.read_index,
    "a file of prompts": prompts.read,
    "a split list": split_list,
    "a caption file": caption,
    "an archive of captions": caption_archive,
    "an official body model": lambda path: BodyModel.read(path.rename(path.with_suffix(".npz"))),
    "an official body model of old": lambda path: BodyModel.read(
        path.rename(path.with_suffix(".pkl"))
    ),
    "CLIP": clip.read,
    "a published scale": lambda path: statistics(path, "download it again"),
    "word vectors": lambda path: glove.read(dict.fromkeys(("vectors", "words", "rows"), path)),
    "token embeddings": lambda path: TokenEmbeddings.read(
        {f"token_{each}": path for each in ("vectors", "slices", "index")}
    ),
    "options of TMR": lambda path: files.read_json(path, "copy it again"),
    "a list of codes": lambda path: code_lists.read(path, 2, 8),
    "a configuration": configuration.read,
    "a layout": layout_files.load,
    "prompts to measure": lambda path: list(file.prompts(Asked({"path": path}))),
    "answers": _answers.read,
    "a table": parquet.read,
    "codes": CodeTable.read,
    "a result": arrays.read_result,
    "values of motions": lambda path: npz.read(path, "fid"),
}


class Asked(NamedTuple):
    """What a source of prompts is told, as far as one reads its file."""

    files: Mapping[str, Path]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("said", STANDING)
def test_what_stands_for_a_file_is_called_what_it_is(
    tmp_path: Path, reader: str, said: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(STANDING[said])
    with pytest.raises((InputError, arrays.BadArray, BadText)) as error:
        READERS[reader](path)
    message = str(error.value)
    assert said in message
    assert "pickled" not in message
    # One remedy: nothing is downloaded, copied or made again that lies elsewhere.
    assert message.count(" again") == (said == "is a web page")
    assert not re.search("Download|make ", message)


def test_the_thing_itself_is_not_taken_for_another(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(3))
    assert contents.form_of(tmp_path / "a.npy") == contents.form_of(tmp_path / "absent") == ""
    assert contents.form(b"a person reads a web page") == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_an_index_is_read_as_spreadsheets_save_it(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    rows = [
        ("source_path", "start_frame", "end_frame", "new_name"),
        ("./pose_data/KIT/3/kick_poses.npy", "0", "117", "000000.npy"),
    ]
    text = "".join(separator.join(row) + "\r\n" for row in rows)
    (tmp_path / "index.csv").write_bytes(text.encode(encoding))
    (entry,) = humanml3d.read_index(tmp_path / "index.csv")
    assert (entry.clip, entry.source) == ("000000", "amass/KIT/3/kick_poses.npz")
    assert (entry.start, entry.end) == (0, 117)


def write_lists(raw: Path, *names: str, encoding: str = "utf-8") -> None:
    for split, name in zip(captions.SPLITS, names, strict=True):
        (raw / f"{split}.txt").write_bytes(f"{name}\r\n".encode(encoding))


def test_lists_that_windows_wrote_are_read(tmp_path: Path) -> None:
    write_lists(tmp_path, r"fitness\subset_0000\a", r"fitness\b", "c", encoding="utf-16")
    splits, faults = read_lists(tmp_path)
    assert list(splits) == ["fitness/subset_0000/a", "fitness/b", "c"]
    assert faults == []


def test_a_backslash_leads_nowhere_else(tmp_path: Path) -> None:
    write_lists(tmp_path, r"..\..\a", "b", r"\etc\c")
    splits, faults = read_lists(tmp_path)
    assert list(splits) == ["b"]
    assert {fault.reason for fault in faults} == {"the name leaves its directory"}


@pytest.mark.parametrize("listed", ["NFC", "NFD"])
@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("zipped", [False, True])
def test_accents_are_the_same_however_they_are_written(
    tmp_path: Path, listed: str, stored: str, zipped: bool
) -> None:
    names = ("é", "ü", "ñ")
    form = {key: [unicodedata.normalize(key, name) for name in names] for key in ("NFC", "NFD")}
    write_lists(tmp_path, *form[listed])
    for folder in ("joints", "texts"):
        (tmp_path / folder).mkdir()
    for name in form[stored]:
        np.save(tmp_path / "joints" / f"{name}.npy", np.zeros((40, 22, 3), np.float32))
        line = "a man kicks.#a/DET man/NOUN kick/VERB#0.0#0.0\n"
        (tmp_path / "texts" / f"{name}.txt").write_text(line, encoding="utf-8")
    if zipped:
        with zipfile.ZipFile(tmp_path / "texts.zip", "w") as made:
            for path in (tmp_path / "texts").iterdir():
                made.write(path, f"texts/{path.name}")
                path.unlink()
        (tmp_path / "texts").rmdir()
    motions = [fit(item).clip for item in joints.ingest(tmp_path, {})]
    found = captions.read(tmp_path, motions, lambda: str)
    assert (found.faults, found.unlisted) == ([], [])
    assert found.captions["clip"].to_pylist() == form["NFC"]


def test_two_files_that_look_alike_are_not_both_taken(tmp_path: Path) -> None:
    (tmp_path / "new_joint_vecs").mkdir()
    for key in ("NFC", "NFD"):
        name = unicodedata.normalize(key, "é")
        np.save(tmp_path / "new_joint_vecs" / f"{name}.npy", np.zeros((40, 263), np.float32))
    with pytest.raises(InputError, match=r"2 files whose names all look like é\.npy"):
        features.ingest(tmp_path, {})


MARKED = ("utf-8", "utf-8-sig", "utf-16")


@pytest.mark.parametrize("encoding", MARKED)
def test_marks_of_byte_order_change_nothing(tmp_path: Path, encoding: str) -> None:
    """Options of official models, JSON, lists of codes and configurations that Windows saved."""
    path = tmp_path / "file"
    path.write_bytes("------------ Options -------------\r\nname: é\r\n".encode(encoding))
    assert options.Options.read(path).values == {"name": "é"}
    path.write_bytes('{"name": "é"}'.encode(encoding))
    assert files.read_json(path) == {"name": "é"}
    path.write_bytes(b"- [3]\r\n- [1]\r\n".decode().encode(encoding))
    assert [each.tolist() for each in code_lists.read(path, 2, 8)] == [[3], [1]]
    path.write_bytes("seed: 1\r\n".encode(encoding))
    assert configuration.read(path) == {"seed": 1}


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x1c", "\x0c"])
def test_a_line_ends_where_files_end_lines(tmp_path: Path, mark: str) -> None:
    """And not at what str.splitlines takes for an end: it may stand in a text of JSON."""
    path, texts = tmp_path / "file", [f"a man{mark}kicks", "a man waves"]
    path.write_text("\r\n".join(f"{text}#60" for text in texts), encoding="utf-8", newline="")
    assert [each.text for each in prompts.read(path)] == texts
    given = [json.dumps({"prompt": text, "frames": 60}, ensure_ascii=False) for text in texts]
    path.write_text("\n".join(given), encoding="utf-8")
    with pytest.raises(InputError, match="line 1: prompt has the control character"):
        list(file.prompts(Asked({"path": path})))
    path.write_text(f"name: a{mark}b\r\nother: c\r", encoding="utf-8", newline="")
    assert options.Options.read(path).values == {"name": f"a{mark}b", "other": "c"}
