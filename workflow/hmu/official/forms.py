"""What a file is that should have held weights, by its first bytes and the names inside it."""

import zipfile
from pathlib import Path

from hmu.io import contents

_KINDS = (
    (b"\x1f\x8b", "is a gzip archive: unpack it"),
    (b"BZh", "is a bzip2 archive: unpack it"),
    (b"\xfd7zXZ\x00", "is an xz archive: unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive: unpack it"),
    (b"Rar!", "is a RAR archive: unpack it"),
    (b"\x28\xb5\x2f\xfd", "is a Zstandard archive: unpack it"),
    (b"\x93NUMPY", "is an array of NumPy: give the weights that it came with"),
    (b"\x89HDF", "is an HDF5 file: save its weights by torch.save"),
    (b"GGUF", "is a GGUF file: give the weights that it was made from"),
    (b"{", "is a text of JSON: give the file of weights that it describes"),
)
_TAR = slice(257, 262)


def said(path: Path) -> str:
    """The form and the remedy, the end of "this file ..."; nothing where neither is known."""
    if found := contents.form_of(path):
        return found
    try:
        with path.open("rb") as stream:
            first = stream.read(512)
        if first[_TAR] == b"ustar":
            return "is a tar archive of files: unpack it"
        if first.startswith(b"PK\x03\x04"):
            return _zipped(path)
    except (OSError, zipfile.BadZipFile):
        return ""
    return next((form for mark, form in _KINDS if first.startswith(mark)), "")


def _zipped(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    inside = {name.partition("/")[2] for name in names}
    if "constants.pkl" in inside:
        return "is a TorchScript program: save its state_dict() by torch.save"
    if "data.pkl" in inside:
        return ""
    listed = ascii(", ".join(names[:3])[:100])[1:-1]
    return f"is a zip archive of other files ({listed}): unpack it"
