"""`hmu codes`: which codes a checkpoint replaced, as a list that LCR and the paper's code read."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from hmu.errors import InputError
from hmu.io import files, foreign
from hmu.unlearning import code_lists


def codes_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="an unlearned folder")
    parser.add_argument("file", type=Path, metavar="FILE", help="the YAML file to write")


def codes(arguments: Namespace) -> int:
    """Write the codes that a checkpoint of LCR replaced as YAML, one list a layer.

    The paper's code reads it as --censor_codes_files, and a variant as `codes: FILE`.
    """
    origin = arguments.checkpoint / "origin.json"
    layers = code_lists.replaced(files.read_json(origin))
    if not layers:
        raise InputError(f"{origin} names no replaced codes: give the folder of an LCR variant.")
    file = arguments.file
    if not (file.is_file() and file.read_bytes() == code_lists.text(layers).encode("utf-8")):
        foreign.refuse([file], (), "name another")
    code_lists.write(file, layers)
    print(f"{file}: {', '.join(str(len(each)) for each in layers)} codes by layer")
    return 0
