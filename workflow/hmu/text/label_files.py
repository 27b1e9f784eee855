"""The text files of a raw directory: in a folder or in ``texts.zip``, never outside of it."""

import unicodedata
import zipfile
import zlib
from collections import Counter
from pathlib import Path, PurePosixPath

from hmu.errors import InputError
from hmu.io import contents
from hmu.io.names import composed, is_safe, printable
from hmu.io.walk import is_left
from hmu.text.lists import Fault

# As the README of Motion-X has them, and as its archives unpack.
_LABEL_FOLDERS = ("texts/semantic_labels", "texts/semantic_label", "semantic_labels",
                  "motionx_seq_text_v1.1", "motionx_seq_text")  # fmt: skip
_LARGEST_FILE = 1 << 20  # bytes; the longest text file of the datasets has a few thousand
_SUFFIX = ".txt"


class BadText(ValueError):
    """A text file that cannot be used; the message says what is wrong and where."""


class MissingText(BadText):
    """A text file that is not there."""


class TextFiles:
    """The text files of a raw directory, by the name in the split lists.

    ``plain``: sentences without tokens, as Motion-X has them. ``faults``: entries of the archive
    that lead out of it; nothing is ever unpacked.
    """

    def __init__(self, raw: Path) -> None:
        """Find out where the texts are. Raises InputError when there are none."""
        if not raw.is_dir():
            raise InputError(f"{raw} is missing: set the dataset's `raw` to the directory.")
        self.raw = raw
        folders = [raw / name for name in _LABEL_FOLDERS]
        self.folder = next((path for path in folders if path.is_dir()), raw / "texts")
        self.plain = self.folder in folders
        self.faults: list[Fault] = []
        self._zip: zipfile.ZipFile | None = None
        if not self.folder.is_dir():
            self._open(raw / "texts.zip")

    def _open(self, archive: Path) -> None:
        if not archive.is_file():
            raise InputError(
                f"{self.raw} has neither texts/ nor texts.zip: put the dataset's captions there."
            )
        try:
            self._zip = zipfile.ZipFile(archive)
        # A damaged directory of entries makes zipfile raise nearly anything.
        except Exception as error:
            said = contents.form_of(archive) or f"is damaged ({error}): download it again"
            raise InputError(f"{archive} {said}.") from error
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._times: Counter[str] = Counter()
        for entry in self._zip.infolist():
            path = PurePosixPath(entry.filename)
            if entry.is_dir() or path.suffix != _SUFFIX or any(map(is_left, path.parts)):
                continue
            if is_safe(entry.filename):
                name = composed(path.name)
                self._entries[name] = entry
                self._times[name] += 1
            else:
                file = f"{archive.name}:{printable(entry.filename)}"
                reason = "the entry leaves its directory"
                self.faults.append(Fault(printable(path.stem), file, reason))

    def clips(self) -> list[str]:
        """The clips that have a file of their own; none when the texts are plain sentences, whose
        folders hold more than one dataset."""
        if self._zip is not None:
            return [name.removesuffix(_SUFFIX) for name in self._entries]
        paths = () if self.plain else self.folder.glob(f"*{_SUFFIX}")
        return [composed(path.stem) for path in paths if not is_left(path.name)]

    def name(self, listed: str) -> str:
        """Where the text of a listed clip belongs, relative to the raw directory."""
        if self._zip is not None:
            return f"texts.zip:{listed}{_SUFFIX}"
        return f"{self.folder.relative_to(self.raw).as_posix()}/{listed}{_SUFFIX}"

    def read(self, listed: str) -> bytes:
        """The content of a clip's text file. Raises MissingText, or BadText if it is unreadable."""
        try:
            if self._zip is not None:
                content = self._unzip(f"{listed}{_SUFFIX}")
            else:
                path = self._path(listed)
                _check_size(path.stat().st_size)
                content = path.read_bytes()
        except (KeyError, FileNotFoundError):
            raise MissingText(f"is missing{self._hint(listed)}") from None
        except (OSError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise BadText(f"cannot be read ({error})") from None
        if said := contents.form(content):
            raise BadText(said)
        return content

    def _unzip(self, name: str) -> bytes:
        assert self._zip is not None
        entry = self._entries[name]
        if self._times[name] > 1:
            raise BadText(f"is there {self._times[name]} times, perhaps in different folders")
        # Reading stops at the size that the entry claims, so it cannot claim too little.
        _check_size(entry.file_size)
        return self._zip.read(entry)

    def _path(self, listed: str) -> Path:
        """The file of a listed clip, perhaps with accents as macOS writes them. Texts of
        ``humanml`` may lie a folder deeper, as HumanML3D's texts.zip unpacks."""
        path = self.folder / f"{listed}{_SUFFIX}"
        others = [self.folder / f"{unicodedata.normalize('NFD', listed)}{_SUFFIX}"]
        if self.plain:
            others.append(path.parent / "texts" / path.name)
        return path if path.is_file() else next((it for it in others if it.is_file()), path)

    def _hint(self, listed: str) -> str:
        """A folder that is spelled otherwise than in the lists (GRAB_txt, Humman)."""
        subset = listed.partition("/")[0]
        if not self.plain or (self.folder / subset).is_dir():
            return ""
        wanted = subset.casefold()
        near = sorted(
            path.name for path in self.folder.iterdir() if path.name.casefold().startswith(wanted)
        )
        return f"; there is a folder {near[0]}: should it be {subset}?" if near else ""


def _check_size(size: int) -> None:
    if size > _LARGEST_FILE:
        raise BadText(f"has {size} bytes, which no text file of captions has")
