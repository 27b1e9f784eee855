"""`hmu data fetch`: the public files of the datasets, and what to do for the rest."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from hmu.raw_data import registration
from hmu.raw_data.fetch import PUBLIC, SERVER, get


def fetch_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the datasets go")
    parser.add_argument(
        "--only", nargs="+", choices=list(PUBLIC), default=list(PUBLIC), help="only these"
    )
    parser.add_argument(
        "--server", default=SERVER, metavar="URL", help="a mirror of %(default)s with its paths"
    )


def fetch(arguments: Namespace) -> int:
    """Download what is public of the datasets, and print how to get the rest.

    DIR/humanml3d gets index.csv, the split lists, Mean.npy and Std.npy, texts.zip, and humanact12/
    unpacked; DIR/motionx the split lists; DIR/keywords the keyword lists of the benchmark. Every
    file is pinned to a commit and a hash: another file is refused. What has arrived is kept when
    the connection breaks, and the next call goes on from there. fetched.json beside the files
    records their origin. Exit status: 0 all is there, 2 something could not be had.
    """
    for dataset in arguments.only:
        get(PUBLIC[dataset], arguments.folder / dataset, arguments.server)
    for dataset in arguments.only:
        if dataset in registration.INSTRUCTIONS:
            folder = arguments.folder / dataset
            print("", registration.INSTRUCTIONS[dataset].format(folder=folder), sep="\n")
            print(f"\nThen: hmu data check {folder}")
    return 0
