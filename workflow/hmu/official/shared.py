"""Official files of the models that all backbones share: length estimator and evaluator.

Both are MoMask's way of keeping them: the estimator lies in its download, the evaluator
(text-to-motion) in one of its own, whose three state dicts have a key each.
"""

from collections.abc import Mapping

from hmu.official.options import shown
from hmu.official.parts import Export, Files, Part, Place
from hmu.sections.evaluator import CONTACTS, EvaluatorSizes
from hmu.sections.length import LengthSizes


def _length_sizes(files: Files) -> LengthSizes:
    return LengthSizes(
        text_dim=files.extent("output.0.weight", 1), classes=files.extent("output.11.weight", 0)
    )


def _evaluator_sizes(files: Files) -> EvaluatorSizes:
    return EvaluatorSizes(
        features=files.extent("movement_encoder.main.0.weight", 1) + CONTACTS,
        movement_hidden=files.extent("movement_encoder.main.0.weight", 0),
        movement_latent=files.extent("movement_encoder.main.3.weight", 0),
        word_dim=files.extent("text_encoder.input_emb.weight", 1),
        pos_dim=files.extent("text_encoder.pos_emb.weight", 1),
        text_hidden=files.extent("text_encoder.input_emb.weight", 0),
        motion_hidden=files.extent("motion_encoder.input_emb.weight", 0),
        embedding=files.extent("motion_encoder.output_net.3.weight", 0),
    )


def _evaluator_options(sizes: EvaluatorSizes, export: Export) -> dict[str, str]:
    return {
        "max_text_len": "20",
        "unit_length": "4",
        "dim_movement_enc_hidden": shown(sizes.movement_hidden),
        "dim_movement_latent": shown(sizes.movement_latent),
    }


PARTS: Mapping[str, Part] = {
    "length": Part(
        Place("length_estimator", ("finest.tar", "latest.tar"), "momask", described=None),
        (("estimator",),),
        LengthSizes,
        _length_sizes,
        fixed={"text_dim": 512, "classes": 50},
        counters=("epoch", "niter"),
    ),
    "evaluator": Part(
        Place(
            "text_mot_match",
            ("finest.tar", "latest.tar"),
            "evaluator",
            described="Comp_v6_KLD005",
            scaled=True,
        ),
        (("movement_encoder",), ("text_encoder",), ("motion_encoder",)),
        EvaluatorSizes,
        _evaluator_sizes,
        _evaluator_options,
        fixed={
            "features": 263,
            "word_dim": 300,
            "pos_dim": 15,
            "text_hidden": 512,
            "motion_hidden": 1024,
            "embedding": 512,
        },
        counters=("epoch", "iter"),
    ),
}
