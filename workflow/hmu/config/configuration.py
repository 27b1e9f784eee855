"""The whole configuration, of typed sections."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SerializeAsAny, model_validator

from hmu.config import arithmetic
from hmu.sections import prompts as standard
from hmu.sections.backbone import Backbone, Trained, of_its_kind, of_kind
from hmu.sections.base import Section
from hmu.sections.concept import ConceptSection
from hmu.sections.curve import CurveSection
from hmu.sections.dataset import DatasetSection
from hmu.sections.detector import DetectorSection
from hmu.sections.evaluation import EvaluationSection
from hmu.sections.evaluator import EvaluatorSection
from hmu.sections.generation import GenerationSection
from hmu.sections.injection import InjectionSection
from hmu.sections.length import LengthSection
from hmu.sections.names import Name
from hmu.sections.prompts import PromptsSection, SetSection
from hmu.sections.table import TableSection
from hmu.sections.text_encoder import TextEncoderSection
from hmu.sections.tmr import TmrSection
from hmu.sections.variant import VariantSection

AnyBackbone = Annotated[SerializeAsAny[Backbone], BeforeValidator(of_its_kind)]


class Configuration(Section):
    """Every key of a configuration. A key that is left out takes its default, and the defaults are
    the paper's settings (HumanML3D, MoMask)."""

    seed: int = Field(
        default=3407,
        ge=0,
        description="The one seed. Every random number is drawn from it and from the address of "
        "what it is for.",
    )
    arithmetic: Literal["paper", "reference"] = Field(
        default="paper",
        description="Whose arithmetic is the default where the paper's text and its code differ. "
        "reference: that of its code in every key that has both (bias and adversarial of UCE and "
        "RECE, counts, selection, replacement and part_counts of LCR, mm_safe, decoded and "
        "last_pool of the evaluation, min_lines of concepts); a key that is written holds "
        "nevertheless.",
    )
    threads: int = Field(
        default=1,
        ge=1,
        description="CPU threads of a job that computes with models: generation and embedding "
        "give each batch one of them, training shares them. Results are bitwise the same for the "
        "same number.",
    )
    processes: int = Field(
        default=2,
        ge=1,
        description="Processes that read raw data and compute features side by side, if Snakemake "
        "has as many cores; results are the same for any number.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto",
        description="Where models run: auto takes a CUDA device when there is one, and the CPU "
        "otherwise.",
    )
    longest_job: int | None = Field(
        default=None,
        ge=1,
        description="Minutes that a cluster lets one job run; null where it sets no bound. No job "
        "asks for more, and a training that takes longer goes on in the next job.",
    )
    datasets: dict[Name, DatasetSection] = Field(min_length=1, description="Datasets by name.")
    concepts: dict[Name, ConceptSection] = Field(
        min_length=1, description="Concepts to forget, by name."
    )
    backbones: dict[Name, AnyBackbone] = Field(
        default={"momask": of_kind("momask")()},
        min_length=1,
        description="Text-to-motion models by name, each trained in the pipeline; {} is MoMask at "
        "the paper's sizes, {kind: bamm, shares: momask} its BAMM.",
    )
    length: LengthSection = Field(
        default=LengthSection(),
        description="The estimator of a motion's length from its caption.",
    )
    text_encoder: TextEncoderSection = Field(
        default=TextEncoderSection(),
        description="The CLIP text tower that encodes captions for the transformers and the "
        "length estimator.",
    )
    evaluator: EvaluatorSection = Field(
        default=EvaluatorSection(),
        description="The text and motion encoders behind every metric, trained as in "
        "text-to-motion.",
    )
    tmr: TmrSection = Field(
        default=TmrSection(),
        description="The second evaluator, of its own network and training: text-to-motion "
        "retrieval (TMR). It is made where a table has a metric of it.",
    )
    detector: DetectorSection = Field(
        default=DetectorSection(),
        description="The small network that says whether a motion shows a concept, from its joints "
        "alone.",
    )
    generation: GenerationSection = Field(
        default=GenerationSection(), description="How motions are generated."
    )
    evaluation: EvaluationSection = Field(
        default=EvaluationSection(), description="How generated motions are measured."
    )
    prompts: dict[Name, PromptsSection] = Field(
        default={},
        description="Where prompts come from, by name, beside the captions of the dataset. All "
        "prompts of a name are a set of that name.",
    )
    sets: dict[Name, SetSection] = Field(
        default={},
        description="Sets of prompts to measure on, by name, beside forget, retain and all, which "
        "are the captions of these clips of the test split.",
    )
    variants: dict[Name, VariantSection] = Field(
        min_length=1,
        description="Unlearning variants by name: a method and its parameters. Names are the rows "
        "of tables.",
    )
    tables: dict[Name, TableSection] = Field(min_length=1, description="Tables to make, by name.")
    curves: dict[Name, CurveSection] = Field(
        default={}, description="Pictures of what a parameter of a method does, by name."
    )
    injections: dict[Name, InjectionSection] = Field(
        default={},
        description="Pictures of what codes of a concept bring into other motions, by name.",
    )

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return arithmetic.completed(standard.completed(given))

    def trained(self) -> dict[str, Trained]:
        """The backbones that are trained here, or imported."""
        return {k: each for k, each in self.backbones.items() if isinstance(each, Trained)}

    def shared(self) -> "Configuration":
        """The same, in which backbones that share parts of others have the sections of those."""
        trained = self.trained()
        sharing = {
            name: each.sharing(trained[each.shares])
            for name, each in trained.items()
            if each.shares is not None
        }
        return self.model_copy(update={"backbones": {**self.backbones, **sharing}})

    def plain(self) -> dict[str, Any]:
        """As mappings, lists, text and numbers, every default filled in."""
        return self.model_dump(mode="json")
