"""What a file is by its first bytes: pointers and pages are named, marks and separators read."""

import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hmu.errors import InputError
from hmu.generation import prompts
from hmu.io import arrays, contents, files, pickles
from hmu.models import storage
from hmu.motion import modelfile
from hmu.official import archive, options
from hmu.sources import features, humanml3d, joints
from hmu.sources._raw import fit
from hmu.text import captions
from hmu.text.label_files import BadText, TextFiles
from hmu.text.lists import read_lists

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
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("said", STANDING)
def test_what_stands_for_a_file_is_called_what_it_is(
    tmp_path: Path, reader: str, said: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(STANDING[said])
    with pytest.raises((InputError, arrays.BadArray, BadText)) as error:
        READERS[reader](path)
    assert said in str(error.value)
    assert "pickled" not in str(error.value)


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
