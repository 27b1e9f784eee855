"""One edit as a configuration and an address in it: what is asked for, over a file or without."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hmu import config as configuration
from hmu.errors import InputError
from hmu.generation.bundle import Model
from hmu.interface.methods import Planned
from hmu.io import files
from hmu.jobs.preparing import READABLE
from hmu.raw_data.inspection import recognise
from hmu.unlearning import checks, declaration
from hmu.unlearning.declaration import Declaration

NO_DATASET = "none"
"""What the address calls the dataset where there is none."""


UNKNOWN = ["(unknown)"]
"""The keywords of a concept of which only its codes are given."""


def named(folder: Path) -> str:
    """What results call what lies in a folder: as the folder, with no letters that names lack."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).strip("._-") or "folder"


@dataclass(frozen=True)
class Asked:
    """One edit of one model.

    ``backbone`` is how results call the model. ``method`` and ``params`` make the variant anew,
    or, with no method, ``params`` change the one that the configuration has. ``data`` is a raw
    directory; without one, ``dataset`` is a name of the configuration, None for its only one. What
    else is None is the configuration's.
    """

    backbone: str
    concept: str
    variant: str
    method: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    keywords: Sequence[str] | None = None
    data: Path | None = None
    dataset: str | None = None
    seed: int | None = None
    device: str | None = None

    def configured(
        self, given: Mapping[str, Any], where: str, model: Model
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """The validated configuration that this and what was ``given`` make, and the address.

        Raises InputError for all that is wrong with it, ``where`` naming it.
        """
        address = {
            "backbone": self.backbone,
            "concept": self.concept,
            "dataset": self._dataset(given),
            "variant": self.variant,
        }
        place = {name: address[name] for name in ("dataset", "concept")}
        own = {"seed": self.seed, "device": self.device}
        whole = {
            "tables": {"none": {"layout": "main", **place}},
            **given,
            "datasets": {**_names(given, "datasets"), **self._new_dataset(address["dataset"])},
            "concepts": {**_names(given, "concepts"), **self._new_concept(given)},
            "variants": {**_names(given, "variants"), self.variant: self._variant(given)},
            # Of a model that the configuration lacks, only how its parts are trained is read.
            "backbones": {self.backbone: {"kind": model.kind}, **_names(given, "backbones")},
            **{name: value for name, value in own.items() if value is not None},
        }
        config = configuration.validate(whole, where)
        self._check(config, model, address)
        reads = {*Declaration.of(config["variants"][self.variant]).inputs}
        by_dataset = READABLE & reads and address["dataset"] != NO_DATASET
        if config["concepts"][self.concept]["keywords"] == UNKNOWN and (
            by_dataset or "keywords" in reads
        ):
            raise InputError(
                f"There is no concept {self.concept!r} in the configuration: give its words with "
                "--keywords."
            )
        return config, address

    def _dataset(self, given: Mapping[str, Any]) -> str:
        if self.data is not None:
            return named(self.data)
        known = [*_names(given, "datasets")]
        if self.dataset is None:
            return known[0] if len(known) == 1 else NO_DATASET
        if self.dataset not in known:
            raise InputError(
                f"There is no dataset {self.dataset!r} in the configuration "
                f"({', '.join(known) or 'which has none'}): correct --dataset, or give --data DIR."
            )
        return self.dataset

    def _new_dataset(self, name: str) -> dict[str, Any]:
        """The section of a raw directory, or of a dataset that nobody reads."""
        if self.data is not None:
            return {name: {"source": recognise(self.data), "raw": self.data.as_posix()}}
        return {name: {"source": "features", "raw": name}} if name == NO_DATASET else {}

    def _new_concept(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The section of a concept by its keywords, or of one whose words nobody reads."""
        if self.keywords is not None:
            return {self.concept: {"keywords": [*self.keywords]}}
        known = self.concept in _names(given, "concepts")
        return {} if known else {self.concept: {"keywords": [*UNKNOWN]}}

    def _variant(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if self.method is not None:
            return {"method": self.method, **self.params}
        variants = _names(given, "variants")
        if self.variant not in variants:
            raise InputError(
                f"There is no variant {self.variant!r} in the configuration "
                f"({', '.join(variants) or 'which has none'}): correct --variant, or give --method."
            )
        return {**variants[self.variant], **self.params}

    def _check(self, config: Mapping[str, Any], model: Model, address: Mapping[str, str]) -> None:
        """Raise InputError for what the configuration alone does not show."""
        own = {self.variant: config["variants"][self.variant]}
        sizes = {
            part: files.read_json(model.inputs[f"{part}_config"])["sizes"]
            for part in (*model.transformers, "tokenizer")
        }
        faults = [
            *declaration.faults(own, config["concepts"], list(sizes)),
            *declaration.out_of_bounds(
                own, {self.backbone: sizes}, [(self.backbone, self.variant)]
            ),
        ]
        if not faults:
            faults = [*checks.faults([self._planned(config, model, address, sizes)])]
        if faults:
            raise InputError("\n".join(faults))

    def _planned(
        self,
        config: Mapping[str, Any],
        model: Model,
        address: Mapping[str, str],
        sizes: Mapping[str, Any],
    ) -> Planned:
        """What is known of the edit."""
        declared = Declaration.of(config["variants"][self.variant])
        encoder = model.inputs.get("text_encoder_config")
        return Planned(
            declared.method,
            declared.params,
            address,
            configuration.keywords(config, self.concept, address["dataset"])
            if "keywords" in declared.inputs
            else (),
            sizes,
            files.read_json(encoder).get("sizes", {}).get("dim") if encoder else None,
            {name: [Path(each) for each in paths] for name, paths in declared.files.items()},
        )


def _names(given: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    """The entries of a section, if it has such."""
    found = given.get(section)
    return found if isinstance(found, Mapping) else {}
