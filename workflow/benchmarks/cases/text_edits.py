"""UCE and one round of RECE: from words to the edited layers, CLIP's encoding included.

The reference edits in float32 and inverts; ours solves in float64.
"""

import sys
from collections.abc import Iterator
from unittest.mock import MagicMock, patch

import torch
from torch import Tensor, nn

from benchmarks import official, text
from benchmarks.pairs import seeded
from benchmarks.timing import Bench, Case
from hmu import registry
from hmu.methods import rece
from hmu.unlearning.erasing import Layer, Texts

_KEYWORDS = ["kick", "punch", "hit", "beat", "boxe", "boxing", "jab", "uppercut", "hook"]
_LATENT = 384
_UNUSED = (
    *("models.mask_transformer.transformer", "models.mask_transformer.transformer_trainer"),
    *("models.vq.model", "models.loaders", "options.eval_option", "utils.fixseed"),
    *("utils.get_opt", "utils.motion_process", "utils.paramUtil", "utils.plot_script"),
    "visualization.joints2bvh",
)


def cases(bench: Bench) -> Iterator[Case]:
    """Official: what ``main`` of src/methods/rece.py does between loading and saving."""
    folder = official.checkout(bench, "Mamiglia", "hmu")
    tower, package = text.towers(bench)
    their_tower = package.load("ViT-B/32")[0].to(bench.device)
    literals = registry.literals("methods", "rece")["PARAMS"]
    params = {name: each["default"] for name, each in literals.items()}
    words = params["words"][: bench.size(21, 3)]
    keywords = _KEYWORDS[: bench.size(9, 2)]
    layers = [seeded(lambda: nn.Linear(512, _LATENT)).to(bench.device) for _ in range(2)]
    stubs = {f"src.momask_codes.{name}": MagicMock() for name in _UNUSED}
    with official.importing(folder) as load:
        with patch.dict(sys.modules, stubs):
            script = load("src.methods.rece")

        def ours() -> list[Tensor]:
            found = torch.from_numpy(tower.embed([*keywords, "", *words])).double()
            erase, target, kept = found.split([len(keywords), 1, len(words)])
            given = Texts(keywords, words, erase, target[0], kept, [], [])
            own = {
                str(number): Layer(layer.weight.double().cpu(), layer.bias.double().cpu())
                for number, layer in enumerate(layers)
            }
            with torch.no_grad():
                edited, _ = rece.rounds(own, given, params)
            return [layer.weight for layer in edited.values()]

        @torch.no_grad()
        def theirs() -> None:
            edited = [nn.Linear(512, _LATENT, device=bench.device) for _ in layers]
            for new, old in zip(edited, layers, strict=True):
                new.load_state_dict(old.state_dict())
            erase, target, kept = (
                their_tower.encode_text(package.tokenize(texts).to(bench.device)).float()
                for texts in (keywords, [""] * len(keywords), words)
            )
            script.edit_model_adversarial(edited, erase, target, kept, preserve_scale=0.5)
            found = [
                script.close_form_emb_regzero(edited, each, device=bench.device)[1].squeeze()
                for each in erase
            ]
            script.edit_model_adversarial(
                edited, torch.stack(found), target, kept, preserve_scale=0.5
            )

        size = f"{len(keywords)} keywords, {len(words)} words"
        yield Case("UCE and RECE", size, ours, theirs, seconds=2.0)
