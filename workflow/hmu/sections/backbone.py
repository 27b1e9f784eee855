"""What every backbone's section says, whatever its kind."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

from pydantic import Field

from hmu import registry
from hmu.sections.base import Section
from hmu.sections.training import Schedule


class Part(Section):
    """A part of a backbone, which is trained by itself."""

    training: Schedule


class Backbone(Section):
    """A text-to-motion model.

    Each kind has a class of its own, ``Section`` in ``hmu/backbones/KIND/sections.py``. Its fields
    of type :class:`Part` are the parts of the backbone, in the order in which they are trained.
    """

    shared: ClassVar[tuple[str, ...]] = ()
    """The parts that may be those of another backbone."""
    in_paper: ClassVar[bool] = False
    """Whether the paper has numbers of this kind."""

    kind: str = Field(
        default="momask",
        description="What kind of model it is: momask, or another folder in "
        "workflow/hmu/backbones.",
    )

    def parts(self) -> dict[str, Part]:
        """The parts by name, in the order in which they are trained."""
        return {name: value for name, value in self if isinstance(value, Part)}

    def fewest_frames(self) -> tuple[int, str]:
        """Frames of the shortest motion that it can be trained on, and which setting says so."""
        return 1, ""


class Trained(Backbone):
    """A text-to-motion model: sizes and training of its parts, or official weights."""

    official: ClassVar[Mapping[str, str]] = {}
    """What `hmu.official.layout` calls the official files of each part; empty: there are none."""
    shares: str | None = Field(
        default=None,
        description="Name of the backbone whose tokenizer and residual transformer it uses, as "
        "the paper's BAMM uses MoMask's; null means its own.",
    )
    weights: str | None = Field(
        default=None,
        min_length=1,
        description="Directory of official weights to take instead of training, as the authors' "
        "download has them or under the short names of the unlearning reference, or download for "
        "the public ones, which are HumanML3D's; null trains them. Sizes must be those of the "
        "files. "
        "Retrained variants are trained all the same.",
    )
    file: str | None = Field(
        default=None,
        min_length=1,
        description="Name of the weights to take where a part has some of this name, UCE_0.5.tar "
        "say, as the paper's code leaves what it has unlearned; null takes the authors'.",
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        description="Seed of its training, to train another model of the same settings; null "
        "takes the run's seed.",
    )

    def sharing(self, owner: "Trained") -> Self:
        """The same with the parts of ``owner`` in place of those that may be shared."""
        theirs = owner.parts()
        return self.model_copy(update={name: theirs[name] for name in self.shared})

    def faults(self, key: str) -> Iterator[str]:
        """The faults of the parts."""
        for name, part in self.parts().items():
            yield from part.faults(f"{key}.{name}")


def of_kind(kind: str) -> type[Backbone]:
    """The section of a kind of backbone. Raises InputError for an unknown one."""
    section: type[Backbone] = registry.load("backbones", kind, "sections").Section
    return section


def with_parts() -> list[str]:
    """The kinds of backbones that have parts, which are trained or imported."""
    kinds = registry.names("backbones")
    return [kind for kind in kinds if registry.literals("backbones", kind)["PARTS"]]


def of_its_kind(given: Any) -> Any:
    """A mapping made into the section of the kind that it says; anything else as it is."""
    if not isinstance(given, Mapping):
        return given
    kind = given.get("kind", Backbone.model_fields["kind"].default)
    known = registry.names("backbones")
    return of_kind(kind).model_validate(given, strict=False) if kind in known else given
