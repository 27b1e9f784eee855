"""What a backbone says of itself, and what follows from it."""

import pytest
import torch

from hmu import registry
from hmu.backbones import opening
from hmu.errors import InputError
from hmu.provenance.code import Code
from hmu.sections.backbone import with_parts

KINDS = with_parts()


def code(kind: str, part: str, step: str = "train_part") -> set[str]:
    """The files that the training of a part, or another step with it, is made of."""
    says = registry.literals("backbones", kind)["PARTS"][part]
    modules = [says["network"].rpartition(".")[0], says["sizes"].rpartition(".")[0]]
    if step == "train_part":
        modules.append(says["recipe"])
    found = Code().closure(f"hmu.steps.{step}", *modules)
    return {path.relative_to(registry.PACKAGE).as_posix() for path in found}


@pytest.mark.parametrize("kind", KINDS)
def test_a_configuration_says_something_of_each_part(kind: str) -> None:
    section = registry.load("backbones", kind, "sections").Section()
    says = registry.literals("backbones", kind)
    assert list(section.parts()) == list(says["PARTS"])
    assert set(section.shared) <= set(says["PARTS"])
    for part in says["PARTS"]:
        found = opening.declared(kind, part)
        assert issubclass(found.network, torch.nn.Module)
        assert callable(found.recipe)
        assert found.sizes.of(section.parts()[part])


def test_a_part_that_a_backbone_has_not_is_refused() -> None:
    with pytest.raises(InputError, match="kind 'momask' has no part 'decoder': tokenizer, masked"):
        opening.declared("momask", "decoder")


def test_a_part_is_trained_anew_for_its_own_code_only() -> None:
    tokenizer, masked, residual = (
        code("momask", part) for part in ("tokenizer", "masked", "residual")
    )
    theirs = code("bamm", "masked")
    own = {
        "models/quantizer.py": tokenizer,
        "models/batches/windows.py": tokenizer,
        "backbones/momask/masked.py": masked,
        "backbones/bamm/masked.py": theirs,
        "models/residual.py": residual,
    }
    for file, only in own.items():
        assert [each for each in (tokenizer, masked, theirs, residual) if file in each] == [only]
    for each in (masked, theirs, residual):
        assert {"models/transformer.py", "models/batches/codes.py"} <= each
    assert not {"models/transformer.py", "models/batches/codes.py"} & tokenizer
    assert not {name for name in tokenizer | masked if name.startswith("official/")}


@pytest.mark.parametrize("step", ["codes", "describe"])
def test_what_a_tokenizer_does_depends_on_no_transformer(step: str) -> None:
    assert "models/quantizer.py" in code("momask", "tokenizer", step)
    assert not {"models/transformer.py", "models/training.py"} & code("momask", "tokenizer", step)


def test_motions_are_generated_without_the_code_of_training_and_of_decoding() -> None:
    found = code("momask", "masked", "generate")
    assert not {"models/tokenizer.py", "models/training.py", "models/batches/codes.py"} & found
