"""The public files of the datasets, pinned by commit and hash."""

import hashlib
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hmu.errors import InputError
from hmu.io import files, foreign
from hmu.io.download import fetch as download
from hmu.io.progress import each
from hmu.io.walk import is_left

SERVER = "https://raw.githubusercontent.com"
RECORD = "fetched.json"

_HUMANML3D = "EricGuo5513/HumanML3D/9176e8fb446b71c7d2a725eb5cf6fec1ae3b3c23"
_MOTIONX = "IDEA-Research/Motion-X/2a7db28fc624af736c3eaaa8c10ff375ed69991e"
_HMU = "Mamiglia/hmu/e8912ba7bee5aa9025fc707b40229831b15d8341"


@dataclass(frozen=True)
class Public:
    """A file of a repository at a commit: where it goes below the folder, and its hash.

    ``sha256`` is that of the file; where only the commit's tree was at hand, ``blob`` is the name
    that Git gives the content (a SHA-1), and the SHA-256 is noted when the file comes.
    """

    name: str
    source: str
    sha256: str | None = None
    blob: str | None = None


PUBLIC = {
    "humanml3d": (
        Public(
            "index.csv",
            f"{_HUMANML3D}/index.csv",
            "80226910d7259655ab5f411fd807b7651037341b4806fde025946a74d62b1065",
        ),
        Public(
            "all.txt",
            f"{_HUMANML3D}/HumanML3D/all.txt",
            "49fa084e75a7896dde9f6af735979c9430d19feb84bed2d36a39024baf096663",
        ),
        Public(
            "train.txt",
            f"{_HUMANML3D}/HumanML3D/train.txt",
            "e3e6975099b19964ee085db3e1d1160365a27e275f4f2b3d37c8ef24cccf4ce9",
        ),
        Public(
            "val.txt",
            f"{_HUMANML3D}/HumanML3D/val.txt",
            "effa9e866f7c2bd3e5bb518600f95a5fd780a2dcf72c3cdb1e0caf5c93051e17",
        ),
        Public(
            "test.txt",
            f"{_HUMANML3D}/HumanML3D/test.txt",
            "b89bc7df558df6246840702d0976a5d37ecbc4f055642b5c99e509a2d85ac12e",
        ),
        Public(
            "Mean.npy",
            f"{_HUMANML3D}/HumanML3D/Mean.npy",
            "26e136555dab04c94a129d446c26e6b9939cbf045fbf77bcf5462c1fb5a2001c",
        ),
        Public(
            "Std.npy",
            f"{_HUMANML3D}/HumanML3D/Std.npy",
            "6565a65ed9b31e23c328829a309e1c482be8b85fd23b43d65451a9b19a917f40",
        ),
        Public(
            "texts.zip",
            f"{_HUMANML3D}/HumanML3D/texts.zip",
            blob="7e061edb480f78f6732e58c5d3e6ca5e535cf15b",
        ),
        Public(
            "humanact12.zip",
            f"{_HUMANML3D}/pose_data/humanact12.zip",
            blob="4d112496d51efdca6b8ca06e64d9cc0e3d5d76de",
        ),
    ),
    "motionx": (
        Public(
            "all.txt",
            f"{_MOTIONX}/datasets/all.txt",
            "970647e62153ea3b283e274109f272c8ce23ff99ea1b871692fbf4240466287d",
        ),
        Public(
            "train.txt",
            f"{_MOTIONX}/datasets/train.txt",
            "8f5ef6083c2c8929c0d10f2be0330826d37236f980df7bba10e4ef957a70f524",
        ),
        Public(
            "val.txt",
            f"{_MOTIONX}/datasets/val.txt",
            "5f8ca6d6eb94532de9250100a4c440ade3219f051d783a07c76c356692a02f80",
        ),
        Public(
            "test.txt",
            f"{_MOTIONX}/datasets/test.txt",
            "7524576c20d73445a9a2ba5251686b42e9207655e1541eb5791cac201c22e8fa",
        ),
    ),
    "keywords": (
        Public(
            "splits.json",
            f"{_HMU}/assets/splits.json",
            "4588a19c83ace098e228ac76e8b11d5838352c8b36c9e432c005f4c3e18cf398",
        ),
    ),
}
"""The public files by dataset, each in a folder of that name."""


def get(wanted: Iterable[Public], folder: Path, server: str = SERVER) -> None:
    """Download files into ``folder`` and note their origin in ``fetched.json``.

    Raises InputError when one cannot be downloaded or is another file than expected.
    """
    noted = files.read_note(folder / RECORD)
    own = isinstance(noted, dict) and all(isinstance(each, dict) for each in noted.values())
    foreign.refuse([folder / RECORD], [folder / RECORD] if own else (), "name another folder")
    noted = noted or {}
    for public in wanted:
        path, url = folder / public.name, f"{server.rstrip('/')}/{public.source}"
        fresh = not path.exists()
        sha256 = download(url, path, public.sha256)
        if public.blob is not None and blob(path) != public.blob:
            if fresh:
                path.unlink()
            raise InputError(
                f"{path if not fresh else url} is not the expected file: its Git blob hash is not "
                f"{public.blob}. {'Nothing was kept' if fresh else 'Move it away to download it'}."
            )
        noted[public.name] = {
            "url": f"{SERVER}/{public.source}",
            "sha256": sha256,
            "bytes": path.stat().st_size,
        }
        files.write_json(folder / RECORD, noted)
        print(f"{path}  {path.stat().st_size:,} bytes  sha256 {sha256}")
        if path.name == "humanact12.zip":
            unpack(path, folder / "humanact12")


def blob(path: Path) -> str:
    """What Git calls the content of a file: the SHA-1 of its kind, size and bytes."""
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def unpack(archive: Path, folder: Path) -> None:
    """The arrays of HumanAct12 into ``folder``, by file name alone, whatever their path inside.

    Files that are there already with the right size stay. Raises InputError for a damaged archive,
    and for a file of such a name that has another size.
    """
    try:
        with zipfile.ZipFile(archive) as content:
            folder.mkdir(parents=True, exist_ok=True)
            for entry in each(_arrays(content), f"unpack {archive.name}", "files"):
                path = folder / _inside(entry).name
                if path.is_file() and path.stat().st_size == entry.file_size:
                    continue
                foreign.refuse([path], (), "name another folder")
                with (
                    files.atomic(path) as temporary,
                    content.open(entry) as stream,
                    temporary.open("wb") as out,
                ):
                    shutil.copyfileobj(stream, out)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            f"{archive} is damaged ({error}): delete it, and fetch it again."
        ) from error


def _inside(entry: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(entry.filename.replace("\\", "/"))


def _arrays(content: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The entries that are arrays; macOS adds hidden ones of the same name."""
    return [
        entry
        for entry in content.infolist()
        if _inside(entry).suffix == ".npy"
        and not any(part == ".." or is_left(part) for part in _inside(entry).parts[-2:])
    ]
