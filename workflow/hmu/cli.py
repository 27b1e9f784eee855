"""The command `hmu`. Each subcommand is a function in a module of its own, imported when used."""

import argparse
import importlib
import inspect
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from hmu.errors import InputError
from hmu.io import inert, streams


@dataclass(frozen=True)
class Command:
    """One subcommand: its words, ``module:function`` and one line of help.

    The module's ``function(arguments) -> int`` runs it and returns the exit status;
    ``function_arguments(parser)`` beside it declares the options.
    """

    words: tuple[str, ...]
    function: str
    help: str


COMMANDS = (
    Command(("step",), "hmu.commands.step:step", "run one job, as a rule does"),
    Command(("cells",), "hmu.commands.cells:cells", "list every table cell, with its value"),
    Command(("plan",), "hmu.commands.plan:plan", "say what a run would do, and what it would take"),
    Command(
        ("track",), "hmu.commands.track:track", "write trainings and cells down for TensorBoard"
    ),
    Command(("lineage",), "hmu.commands.lineage:lineage", "show what a result was made from"),
    Command(
        ("verify",),
        "hmu.commands.lineage:verify",
        "compare every file behind a result with its record",
    ),
    Command(
        ("data", "check"), "hmu.commands.check:check", "report what a run would find in raw data"
    ),
    Command(
        ("data", "fetch"), "hmu.commands.fetch:fetch", "download the public files of the datasets"
    ),
    Command(("unlearn",), "hmu.commands.unlearn:unlearn", "make a model forget a concept"),
    Command(("import",), "hmu.commands.official:take", "convert official model files"),
    Command(("export",), "hmu.commands.official:give", "write a checkpoint for the official code"),
    Command(("codes",), "hmu.commands.codes:codes", "list the codes that a checkpoint replaced"),
    Command(
        ("rephrase",), "hmu.commands.rephrase:rephrase", "describe motions instead of naming them"
    ),
    Command(("generate",), "hmu.commands.generate:generate", "make motions from prompts"),
    Command(("inject",), "hmu.commands.inject:inject", "put codes into a motion, and look"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the command line, run the subcommand, return its exit status."""
    streams.speak_utf8()
    words = list(sys.argv[1:] if argv is None else argv)
    chosen = _choose(words)
    if chosen is None:
        return _overview(words)
    module, _, function = chosen.function.partition(":")
    home = importlib.import_module(module)
    parser = argparse.ArgumentParser(
        prog=" ".join(["hmu", *chosen.words]),
        description=inspect.getdoc(getattr(home, function)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    getattr(home, f"{function}_arguments")(parser)
    arguments = parser.parse_args(words[len(chosen.words) :])
    try:
        return int(getattr(home, function)(arguments))
    except InputError as error:
        print(f"hmu: {inert.visible(str(error))}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader (head, less) has seen enough
        sys.stderr.close()
        return 0


def _choose(words: list[str]) -> Command | None:
    fitting = [each for each in COMMANDS if tuple(words[: len(each.words)]) == each.words]
    return max(fitting, key=lambda each: len(each.words), default=None)


def _overview(words: list[str]) -> int:
    """The top level: `--version`, `--help`, and what to say about an unknown word."""
    width = max(len(" ".join(each.words)) for each in COMMANDS)
    lines = [f"  {' '.join(each.words):{width}}  {each.help}" for each in COMMANDS]
    parser = argparse.ArgumentParser(
        prog="hmu",
        usage="hmu [--version] [--help] COMMAND ...",
        description="Human motion unlearning: the commands behind the pipeline.",
        epilog="\n".join(["commands (each explains itself with --help):", *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"hmu {version()}")
    parser.add_argument("command", nargs="*", help=argparse.SUPPRESS)
    found = parser.parse_args(words)
    if found.command:
        parser.error(f"there is no command {' '.join(found.command)!r}; see `hmu --help`")
    parser.print_help()
    return 0 if not words else 2


def version() -> str:
    """The installed package's version, or ``unknown`` when it runs from a bare checkout."""
    from importlib import metadata  # takes longer than the rest of this module

    try:
        return metadata.version("hmu")
    except metadata.PackageNotFoundError:
        return "unknown"


if __name__ == "__main__":
    sys.exit(main())
