"""`hmu generate`: motions from prompts, as arrays, as BVH and as animations."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from hmu.commands.sampling import count, sampling_arguments, sampling_settings
from hmu.errors import InputError


def generate_arguments(parser: ArgumentParser) -> None:
    models = parser.add_mutually_exclusive_group(required=True)
    models.add_argument("--checkpoint", type=Path, metavar="DIR", help="the model")
    models.add_argument(
        "--compare", type=Path, nargs=2, metavar=("A", "B"), help="two models, side by side"
    )
    parser.add_argument(
        "--base", type=Path, metavar="DIR", help="models of a checkpoint outside of its results"
    )
    asked = parser.add_argument_group("what to make")
    asked.add_argument("--prompt", action="append", default=[], metavar="TEXT", help="repeatable")
    asked.add_argument(
        "--prompts", type=Path, metavar="FILE", help="a prompt a line: `text` or `text#frames`"
    )
    asked.add_argument(
        "--length", type=count, metavar="FRAMES", help="20 a second, in fours (default: predicted)"
    )
    asked.add_argument(
        "--repeats", type=count, default=1, metavar="N", help="motions a prompt (default 1)"
    )
    asked.add_argument(
        "--seed", type=int, default=0, metavar="N", help="the same gives the same (default 0)"
    )
    asked.add_argument("--out", type=Path, default=Path("generated"), metavar="DIR")
    asked.add_argument(
        "--animation", choices=("gif", "mp4", "none"), default="gif", help="mp4 needs ffmpeg"
    )
    sampling_arguments(parser)


def generate(arguments: Namespace) -> int:
    """Make motions from prompts with a model, or with two side by side.

    A model is an unlearned checkpoint (results/checkpoints/DATASET/BACKBONE/CONCEPT/VARIANT), what
    the workflow trained (results/models/DATASET/backbones/BACKBONE/all), or what `hmu import` made.

    For each motion, --out gets NAME.features.npy (frames, 263), NAME.joints.npy (frames, 22, 3) in
    metres, y up, 20 frames a second, NAME.bvh, and NAME.gif; of two models each has a folder of its
    own, and the animations show both. generated.json says how all was made.
    """
    settings = sampling_settings(arguments)
    from hmu.generation import prompts
    from hmu.generation import writing as generated

    asked = [prompts.Prompt(text.strip(), arguments.length) for text in arguments.prompt]
    if arguments.prompts is not None:
        asked += prompts.read(arguments.prompts, arguments.length)
    if not asked:
        raise InputError("There is no prompt: give --prompt TEXT or --prompts FILE.")
    prompts.check(asked)
    generated.make(
        arguments.compare or [arguments.checkpoint],
        asked,
        arguments.out,
        repeats=arguments.repeats,
        seed=arguments.seed,
        settings=settings,
        animation=None if arguments.animation == "none" else arguments.animation,
        device_name=arguments.device,
        base=arguments.base,
    )
    print(arguments.out)
    return 0
