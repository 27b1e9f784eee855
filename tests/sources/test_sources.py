"""Texts in folders and archives: nothing outside is read, and damage is an answer."""

import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu.errors import InputError
from hmu.io.names import is_safe
from hmu.text import captions
from hmu.text.label_files import BadText, TextFiles

LINE = "a man kicks.#a/DET man/NOUN kick/VERB#0.0#0.0\n"
CLIPS = ("a", "b", "c")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Three clips, one in each split, with their texts in texts.zip."""
    folder = tmp_path / "raw"
    folder.mkdir()
    for clip, split in zip(CLIPS, captions.SPLITS, strict=True):
        (folder / f"{split}.txt").write_text(f"{clip}\n", encoding="utf-8")
    with zipfile.ZipFile(folder / "texts.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for clip in CLIPS:
            archive.writestr(f"texts/{clip}.txt", LINE)
    return folder


def add(raw: Path, name: str, content: str = LINE) -> None:
    with zipfile.ZipFile(raw / "texts.zip", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)


def read(raw: Path) -> captions.Read:
    def never() -> captions.Tagger:
        raise AssertionError("the tagger is for plain sentences only")

    return captions.read(raw, CLIPS, never)


@pytest.mark.parametrize(
    "name", ["../a.txt", "../../etc/c.txt", "/etc/c.txt", "texts/../../b.txt", "texts\\..\\c.txt"]
)
def test_an_entry_that_leaves_its_directory_is_set_aside_unread(raw: Path, name: str) -> None:
    add(raw, name, "he waves.#he/PRON wave/VERB#0.0#0.0\n")
    result = read(raw)
    assert [(fault.file, fault.reason) for fault in result.faults] == [
        (f"texts.zip:{name}", "the entry leaves its directory")
    ]
    assert set(result.captions["caption"].to_pylist()) == {"a man kicks."}
    with pytest.raises(InputError, match=r"texts\.zip:.*the entry leaves its directory"):
        captions.settle(result, raw, "stop", 1.0)


def test_what_is_no_text_in_an_archive_is_passed_over(raw: Path) -> None:
    for name in ("__MACOSX/texts/._a.txt", "texts/.DS_Store", "texts/readme.md", "texts/more/"):
        add(raw, name, "nothing")
    assert not read(raw).faults
    assert not read(raw).unlisted


def test_a_clip_that_is_twice_in_an_archive_is_set_aside(raw: Path) -> None:
    add(raw, "other/b.txt", "he waves.#he/PRON wave/VERB#0.0#0.0\n")
    (fault,) = read(raw).faults
    assert (fault.clip, fault.reason[:19]) == ("b", "is there 2 times, p")


def test_an_entry_that_swells_is_not_unpacked(raw: Path) -> None:
    (raw / "texts.zip").unlink()
    add(raw, "texts/a.txt", "x" * (1 << 24))  # 16 MiB in 16 KiB
    (fault,) = [fault for fault in read(raw).faults if fault.clip == "a"]
    assert fault.reason == "has 16777216 bytes, which no text file of captions has"


def test_an_entry_with_damaged_bytes_is_set_aside(raw: Path) -> None:
    content = bytearray((raw / "texts.zip").read_bytes())
    start = content.index(b"texts/b.txt") + len(b"texts/b.txt")
    content[start : start + 8] = b"\xff" * 8
    (raw / "texts.zip").write_bytes(content)
    (fault,) = read(raw).faults
    assert (fault.clip, fault.reason[:14]) == ("b", "cannot be read")


def test_an_entry_that_is_not_utf8_is_set_aside(raw: Path) -> None:
    with zipfile.ZipFile(raw / "texts.zip", "w") as archive:
        for clip in CLIPS:
            archive.writestr(f"{clip}.txt", LINE.encode() + b"\xe9" * (clip == "c"))
    (fault,) = read(raw).faults
    assert (fault.clip, fault.reason) == ("c", "line 2 is not UTF-8 text")


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), max_size=5), st.data())
def test_no_damage_to_an_archive_is_a_crash(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    for clip in CLIPS:
        add(folder, f"texts/{clip}.txt")
    content = bytearray((folder / "texts.zip").read_bytes())
    for place, byte in changes:
        content[place % len(content)] = byte
    length = data.draw(st.integers(len(content) - 2, len(content)))
    (folder / "texts.zip").write_bytes(content[:length])
    with suppress(InputError):
        texts = TextFiles(folder)
        for clip in CLIPS:
            with suppress(BadText):
                texts.read(clip)


@pytest.mark.parametrize("name", ["", "../a", "a/../../b", "/a", "a\\b", "a\0b", "a\x1b[2J"])
def test_names_that_lead_elsewhere(name: str) -> None:
    assert not is_safe(name)


@pytest.mark.parametrize("name", ["000001", "M000001", "kungfu/subset_0/kick 1", "größe"])
def test_names_that_stay(name: str) -> None:
    assert is_safe(name)


@pytest.mark.parametrize(
    ("lists", "clip", "reason"),
    [
        ({"train": "a\na\n"}, "a", "the clip is listed in train.txt already"),
        ({"test": "c\na\n"}, "a", "the clip is listed in train.txt already"),
        ({"val": "b\n../x\n"}, "../x", "the name leaves its directory"),
        ({"val": "b\nx\0y\n"}, r"x\x00y", "the name leaves its directory"),
        ({"val": "b\nnobody\n"}, "nobody", "the clip is listed but has no motion"),
    ],
)
def test_a_name_that_a_list_should_not_have(
    raw: Path, lists: dict[str, str], clip: str, reason: str
) -> None:
    for split, text in lists.items():
        (raw / f"{split}.txt").write_text(text, encoding="utf-8")
    result = read(raw)
    (fault,) = result.faults
    assert fault.reason == reason
    assert clip in {fault.clip, fault.clip.replace("__", "/")}
    with pytest.raises(InputError, match=f"{reason}.*on_bad_clip: quarantine"):
        captions.settle(result, raw, "stop", 1.0)
    captions.settle(result, raw, "quarantine", 0.25)
    with pytest.raises(InputError, match=r"1 of 4 clips are bad, above `quarantine_limit: 0\.2`"):
        captions.settle(result, raw, "quarantine", 0.2)


def test_clips_that_no_list_names_are_reported_and_never_stop(raw: Path) -> None:
    add(raw, "texts/d.txt")
    result = captions.read(raw, (*CLIPS, "e"), lambda: str)
    assert [(fault.clip, fault.file) for fault in result.unlisted] == [
        ("d", "texts.zip:d.txt"),
        ("e", ""),
    ]
    assert not result.faults
    captions.settle(result, raw, "stop", 0.0)
