"""`hmu inject`: codes put into the sequence that a model makes for a prompt."""

from argparse import ArgumentParser, Namespace
from collections.abc import Collection
from pathlib import Path

from hmu.commands.sampling import count, sampling_arguments, sampling_settings
from hmu.errors import InputError


def inject_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoint", type=Path, required=True, metavar="DIR", help="the model, as for generate"
    )
    parser.add_argument(
        "--base", type=Path, metavar="DIR", help="models of a checkpoint outside of its results"
    )
    asked = parser.add_argument_group("what to make")
    asked.add_argument(
        "--prompt", required=True, metavar="TEXT", help="what the motion is made for"
    )
    asked.add_argument(
        "--put",
        nargs="+",
        default=[],
        metavar="CODE@PLACE",
        help="codes of the first layer and the tokens that they replace, from 0: 140@5 344@8-11",
    )
    asked.add_argument(
        "--length", type=count, metavar="FRAMES", help="20 a second, in fours (default: predicted)"
    )
    asked.add_argument(
        "--seed", type=int, default=0, metavar="N", help="the same gives the same (default 0)"
    )
    asked.add_argument("--out", type=Path, default=Path("injected"), metavar="DIR")
    sampling_arguments(parser)


PICTURE, RECORD = "picture.png", "injection.json"


def inject(arguments: Namespace) -> int:
    """Put codes of the first layer into the sequence that a model makes for a prompt, let it make
    the further layers anew, and decode: what do these codes bring? (The paper's Figure 7.)

    Prints the codes of the first layer, those that were put there in brackets; without --put those
    of the motion as it is made, and writes nothing. --out gets picture.png (before and after, with
    these codes below), before and after as .features.npy, .joints.npy and .bvh, and injection.json,
    which says how all was made; files of an earlier run are replaced. Where the model's results
    have detectors of concepts, each says whether it finds its concept before and after, and how
    often it does in real clips that show it and in others. Numbers of codes belong to one
    tokenizer: results/figures/codes shows those of a concept.
    """
    settings = sampling_settings(arguments)
    from hmu.generation import brought, bundle, detected, injecting, prompts
    from hmu.generation.text_to_motion import TextToMotion
    from hmu.generation.writing import ARRAYS, description, say_what_differs, write_motion
    from hmu.io import files, foreign
    from hmu.motion import render
    from hmu.motion.recover import to_joints
    from hmu.run import device
    from hmu.tables import detection

    put = injecting.read(arguments.put)
    prompt = prompts.Prompt(arguments.prompt.strip(), arguments.length)
    prompts.check([prompt])
    model = TextToMotion.open(arguments.checkpoint, device.choose(arguments.device), arguments.base)
    asked = model.plan([prompt], 1, arguments.seed)
    say_what_differs(model, [prompt], asked)
    before = model.codes(asked, settings, arguments.seed)[0]
    if not put:
        print(_line(before[:, 0].tolist(), ()))
        return 0
    wanted = [arguments.out / f"{name}{end}" for name in ("before", "after") for end in ARRAYS]
    wanted += [arguments.out / name for name in (PICTURE, RECORD)]
    noted = files.read_note(arguments.out / RECORD)
    earlier = isinstance(noted, dict) and noted.keys() >= {"model", "prompt", "put", "codes"}
    foreign.refuse(wanted, wanted if earlier else (), "give another --out")
    after = model.inject(asked[0], before, put, settings, arguments.seed)
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{arguments.out} cannot be a directory ({error.strerror}).") from error
    strips = []
    marks: dict[str, Collection[int]] = {"before": (), "after": put}
    motions = model.motions(asked * 2, [before, after], arguments.seed)
    joints = [to_joints(features) for features in motions]
    detectors = bundle.detectors(bundle.find(arguments.checkpoint, arguments.base))
    margins = {
        concept: detected.margins(inputs, joints, arguments.seed, model.device)
        for concept, inputs in detectors.items()
    }
    for number, (name, marked) in enumerate(marks.items()):
        first = (before, after)[number][:, 0].tolist()
        print(f"{name}: {_line(first, marked)}")
        write_motion(arguments.out, name, motions[number])
        said = [
            f"{concept} {brought.of_one(found[number, 0])}" for concept, found in margins.items()
        ]
        strips.append(render.Strip(name, joints[number], first, marked, "; ".join(said)))
    known = {
        concept: files.read_json(inputs["calibration"])[0] for concept, inputs in detectors.items()
    }
    worth = {concept: detection.worth(concept, each) for concept, each in known.items()}
    for concept, found in margins.items():
        told = [brought.of_one(margin) for margin in found[:, 0]]
        print(f"detector of {concept}: before {told[0]}, after {told[1]}\n{worth[concept]}")
    title, about = str(arguments.checkpoint), " ".join(worth.values())
    render.grid([(prompt.text, strips)], arguments.out / PICTURE, title, about=about)
    record = {
        "model": description(arguments.checkpoint, model),
        "prompt": prompt.text,
        "put": {str(place): code for place, code in put.items()},
        "codes": {"before": before.tolist(), "after": after.tolist()},
        "detectors": {
            concept: {
                "margins": dict(zip(marks, found.tolist(), strict=True)),
                "test": known[concept]["test"],
                "sha256": {
                    name: files.sha256(path) for name, path in sorted(detectors[concept].items())
                },
            }
            for concept, found in margins.items()
        },
        "seed": arguments.seed,
        "settings": settings,
    }
    files.write_json(arguments.out / RECORD, record)
    print(arguments.out)
    return 0


def _line(codes: list[int], marked: Collection[int]) -> str:
    """The codes in a line, those at marked places in brackets."""
    return " ".join(
        f"[{code}]" if place in marked else f"{code}" for place, code in enumerate(codes)
    )
