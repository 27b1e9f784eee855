"""Download public files: resumed where it was left, and the same bytes forever."""

import shutil
import stat
import zipfile
from pathlib import Path

from hmu.errors import InputError
from hmu.io import files
from hmu.io.download import fetch
from hmu.io.names import is_safe
from hmu.run.job import Job

_LARGEST = 20 << 30  # bytes unpacked; the largest of the archives has one or two GB


def run(job: Job) -> None:
    """``url`` -> a directory with the file, or with what the archive holds.

    The SHA-256 is ``sha256``, or else the one in the file ``lock``, which a first download writes
    and later ones check, so that it belongs under version control.
    """
    settings, lock = job.settings, Path(job.settings["lock"])
    noted = files.read_json(lock) if lock.is_file() else {}
    wanted = settings["sha256"] or noted.get("sha256")
    archive = job.scratch / settings["file"]
    try:
        found = fetch(settings["url"], archive, wanted)
    except InputError as error:
        if noted:
            raise InputError(f"{error} ({lock} has the hash of the first download.)") from error
        raise
    folder = job.outputs["folder"]
    folder.mkdir()
    if archive.suffix == ".zip":
        try:
            _unpack(archive, folder)
        except InputError:
            archive.unlink()  # otherwise the next run would try it again
            raise
    else:
        shutil.move(archive, folder / archive.name)
    if not noted:
        files.write_json(lock, {"url": settings["url"], "sha256": found})


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack plain files, none of which may leave ``folder``. Raises InputError otherwise."""
    try:
        with zipfile.ZipFile(archive) as stream:
            entries = stream.infolist()
            for entry in entries:
                mode = entry.external_attr >> 16
                if not is_safe(entry.filename) or stat.S_ISLNK(mode):
                    raise InputError(f"{archive} has {entry.filename!r}, which leaves its folder.")
            if sum(entry.file_size for entry in entries) > _LARGEST:
                raise InputError(f"{archive} would unpack to more than any of the public files.")
            stream.extractall(folder)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise InputError(f"{archive} cannot be unpacked ({error}): download it again.") from error
