"""What backbones say of their official files."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from hmu import registry
from hmu.errors import InputError
from hmu.official import releases


@pytest.mark.parametrize("kind", releases.kinds())
def test_a_release_has_every_part_of_its_backbone(kind: str) -> None:
    declared = registry.literals("backbones", kind)["PARTS"]
    parts = releases.parts(kind)
    assert parts.keys() == declared.keys()
    for name, part in parts.items():
        module, _, sizes = declared[name]["sizes"].rpartition(".")
        assert part.sizes is getattr(importlib.import_module(module), sizes)
        assert part.fixed.keys() <= part.sizes.model_fields.keys()
        assert part.place.download in releases.downloads()


def test_a_backbone_without_official_files_says_so() -> None:
    assert "generations" not in releases.kinds()
    with pytest.raises(InputError, match="no official files of the kind 'generations', only of"):
        releases.parts("generations")


def test_planning_knows_the_files_without_torch(root: Path) -> None:
    code = (
        "import sys; from hmu.official import layout, releases;"
        "[releases.parts(kind) for kind in (None, *releases.kinds())]; releases.downloads();"
        "print(sorted({'torch', 'pandas', 'numpy', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(root / "workflow")},
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
