"""Where the public files come from: the addresses that the official download scripts name.

MoMask's prepare/*.sh, and clip/clip.py, whose address holds the file's SHA-256. Of the others no
hash is published: it is noted when a file is first downloaded, and holds ever after. The files of
each kind of backbone stand in its module ``official``.
"""

from dataclasses import dataclass
from pathlib import Path

DOWNLOAD = "download"
"""Stands in the configuration for a path: take the public files."""


@dataclass(frozen=True)
class Download:
    """A file of the web; an archive is unpacked."""

    url: str
    file: str
    sha256: str | None = None


def drive(identity: str) -> str:
    """A file on Google Drive itself, without the page that asks whether to go on."""
    host = "https://drive.usercontent.google.com"
    return f"{host}/download?id={identity}&export=download&confirm=t"


_CLIP = "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af"
SOURCES = {
    "evaluator": Download(drive("19C_eiEr0kMGlYVJy_yFL6_Dhk3RvmwhM"), "humanml3d_evaluator.zip"),
    "glove": Download(drive("1cmXKUT31pqd7_XpJAiWEo1K81TMYHA5n"), "glove.zip"),
    "clip": Download(
        f"https://openaipublic.azureedge.net/clip/models/{_CLIP}/ViT-B-32.pt", "ViT-B-32.pt", _CLIP
    ),
}


def folder_of(name: str) -> Path:
    """Where the files of a source are inside the folder that a download makes."""
    return Path("glove") if name == "glove" else Path()
