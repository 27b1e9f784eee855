"""Each file of the folder `whole` does something to a finished run of the whole workflow.

To add a fault, add a file: ``fault(project)`` does it; then ``SAID`` is what `hmu verify
results/tables` must say, once, or ``holds(project)`` looks for itself.
"""

from pathlib import Path

import pytest

from support.faults import load
from support.project import Project, shown

FOLDER = Path(__file__).with_name("whole")

pytestmark = [pytest.mark.corpus, pytest.mark.faults]


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.py")))
def test_fault_of_the_whole(name: str, project: Project) -> None:
    module = load(FOLDER / f"{name}.py")
    module.fault(project)
    if hasattr(module, "holds"):
        module.holds(project)
        return
    done = project.hmu("verify", "results/tables")
    assert done.returncode == 1, shown(done)
    assert "Traceback" not in done.stderr
    assert [line.startswith(module.SAID) for line in done.stdout.splitlines()].count(True) == 1, (
        shown(done)
    )
