"""What comes before an edit: from raw data to all that a method may read of a dataset."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hmu import config as configuration
from hmu import paths, registry
from hmu.backbones import opening
from hmu.generation.bundle import Model
from hmu.provenance.lineage import Lineage
from hmu.raw_data import patterns
from hmu.run.job import Inputs, Job

OF_CODES = {"statistics", "reference_statistics"}
"""What is counted for each concept, in the codes of the tokenizer or in those of crops."""
READABLE = {*OF_CODES, "clips", "codes", "captions", "motions", "features"}
"""What INPUTS of a method may name that a dataset has."""


@dataclass(frozen=True)
class Preparing:
    """The jobs for a dataset of a validated configuration, and for a model that was trained or
    imported; ``backbone`` is how results call it. Their results lie in the folder ``results``."""

    config: Mapping[str, Any]
    dataset: str
    backbone: str
    model: Model
    results: Path

    def jobs(self, reads: Collection[str], concepts: Collection[str]) -> Iterator[Job]:
        """Those that a method with these INPUTS needs for these concepts, in order."""
        if READABLE.isdisjoint(reads):
            return
        yield from (self.ingest(), self.features(), self.captions(), self.samples())
        for concept in concepts if {*OF_CODES, "clips"} & {*reads} else ():
            yield self.concept(concept)
        if {"codes", "statistics"} & {*reads}:
            yield self.codes()
        if "reference_statistics" in reads:
            yield self.reference_codes()
        for name in OF_CODES & {*reads}:
            yield from (self.counts(name, concept) for concept in concepts)
        if "captions" in reads:
            yield self.embeddings()

    def inputs(self, reads: Collection[str], concepts: Collection[str]) -> dict[str, Path]:
        """The files of what a method reads, named as `hmu.unlearning.context` reads them."""
        found: dict[str, Path] = {}
        for concept in concepts:
            if "clips" in reads:
                found[f"clips/{concept}"] = self.concept(concept).outputs["clips"]
            for name in OF_CODES & {*reads}:
                found[f"{name}/{concept}"] = self.counts(name, concept).outputs["statistics"]
        if "codes" in reads:
            found["codes"] = self.codes().outputs["codes"]
        if "captions" in reads:
            embedded = self.embeddings().outputs
            found |= {"samples": self.samples().outputs["samples"], **embedded}
        if "motions" in reads:
            found["motions"] = self.samples().outputs["motions"]
        if "features" in reads:
            found |= _store(self.features())
        return found

    # Each is named as its step.

    def ingest(self) -> Job:
        source, raw = self._section["source"], self._raw
        return self._job(
            "ingest",
            {"raw": raw},
            self._files(
                paths.data(self.dataset, "joints"),
                data="data.npy",
                index="index.parquet",
                quarantine="quarantine.csv",
                coverage="coverage.json",
                coverage_table="coverage.md",
            ),
            self._told("source", "on_bad_clip", "quarantine_limit"),
            plugins=(f"hmu.sources.{source}",),
            only=self._only(patterns.MOTIONS),
            threads=self.config["processes"],
        )

    def features(self) -> Job:
        published = {f"published_{name.lower()}": self._raw / f"{name}.npy" for name in _PUBLISHED}
        given = all(path.is_file() for path in published.values())
        stage = registry.literals("sources", self._section["source"])["STAGE"]
        return self._job(
            "features",
            {**(published if given else {}), **_store(self.ingest())},
            self._files(
                paths.data(self.dataset, "features"),
                data="data.npy",
                index="index.parquet",
                mean="mean.npy",
                std="std.npy",
                report="report.json",
                quarantine="quarantine.csv",
            ),
            {**self._told("statistics", "on_bad_clip", "quarantine_limit"), "stage": stage},
            threads=self.config["processes"],
        )

    def captions(self) -> Job:
        stages = self.ingest().outputs, self.features().outputs
        aside = [outputs["quarantine"] for outputs in stages]
        return self._job(
            "captions",
            {"raw": self._raw, "index": stages[1]["index"], "aside": aside},
            self._files(
                paths.data(self.dataset, "text"),
                captions="captions.parquet",
                splits="splits.parquet",
                quarantine="quarantine.csv",
                labels="label_report.csv",
            ),
            self._told("tagger", "on_bad_clip", "quarantine_limit"),
            plugins=(f"hmu.taggers.{self._section['tagger']}",),
            only=self._only(patterns.TEXTS),
        )

    def samples(self) -> Job:
        texts = self.captions().outputs
        return self._job(
            "samples",
            {
                "captions": texts["captions"],
                "splits": texts["splits"],
                "index": self.features().outputs["index"],
            },
            self._files(
                paths.data(self.dataset, "text"),
                motions="motions.parquet",
                samples="samples.parquet",
            ),
            {"shortest": configuration.shortest(self.config, self.dataset)},
        )

    def concept(self, name: str) -> Job:
        texts = self.captions().outputs
        return self._job(
            "concept",
            {
                "captions": texts["captions"],
                "splits": texts["splits"],
                "motions": self.samples().outputs["motions"],
            },
            self._files(
                paths.concept(self.dataset, name),
                clips="clips.parquet",
                matches="matches.parquet",
                disagreements="disagreements.csv",
                shares="shares.csv",
                lists="lists",
            ),
            {
                "concept": name,
                "dataset": self.dataset,
                "keywords": configuration.keywords(self.config, name, self.dataset),
                "matching": self.config["concepts"][name]["matching"],
                "min_lines": configuration.min_lines(self.config, name, self.dataset),
            },
        )

    def codes(self) -> Job:
        return self._job(
            "codes",
            {
                **_store(self.features()),
                **self._stored("tokenizer"),
                "motions": self.samples().outputs["motions"],
            },
            {"codes": self._path(paths.codes(self.dataset, self._counting, paths.EVERYTHING))},
            {"device": self.config["device"]},
            plugins=opening.declared(self.model.kind, "tokenizer").modules,
            threads=self.config["threads"],
        )

    def reference_codes(self) -> Job:
        tables = self.samples().outputs
        return self._job(
            "reference_codes",
            {
                **_store(self.features()),
                **self._stored("tokenizer"),
                "motions": tables["motions"],
                "samples": tables["samples"],
            },
            {"codes": self._path(paths.reference_codes(self.dataset, self._counting))},
            {"device": self.config["device"]},
            plugins=opening.declared(self.model.kind, "tokenizer").modules,
            threads=self.config["threads"],
        )

    def counts(self, name: str, concept: str) -> Job:
        """The step ``code_statistics`` of a concept, for one of OF_CODES."""
        by_crops = name == "reference_statistics"
        codes = self.reference_codes() if by_crops else self.codes()
        file = "reference" if by_crops else "statistics"
        place = (self.dataset, self._counting, concept)
        return self._job(
            "code_statistics",
            {
                **self._stored("tokenizer"),
                "codes": codes.outputs["codes"],
                "clips": self.concept(concept).outputs["clips"],
                "motions": self.samples().outputs["motions"],
            },
            {
                "statistics": self._path(paths.code_statistics(*place, f"{file}.parquet")),
                "figure": self._path(paths.code_statistics(*place, f"{file}.svg")),
            },
        )

    def embeddings(self) -> Job:
        encoder = self.model.inputs
        return self._job(
            "text_embeddings",
            {
                "model": encoder["text_encoder"],
                "config": encoder["text_encoder_config"],
                "texts": self.samples().outputs["samples"],
            },
            self._files(
                paths.embeddings(self.dataset, "captions"),
                captions="captions.parquet",
                embeddings="embeddings.npy",
            ),
            {"device": self.config["device"]},
            threads=self.config["threads"],
        )

    @property
    def _section(self) -> Mapping[str, Any]:
        section: Mapping[str, Any] = self.config["datasets"][self.dataset]
        return section

    @property
    def _raw(self) -> Path:
        """The raw directory: the user's own, or the one that the workflow made."""
        return Path(self._section["raw"] or self._path(paths.data(self.dataset, "raw")))

    def _only(self, files: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """Which files of a user's directory are read; the record of one that a job made has all."""
        lineage = Lineage(self.results)
        return {} if lineage.is_ours(lineage.name(self._raw)) else {"raw": files}

    @property
    def _counting(self) -> str:
        """The backbone whose tokenizer it is."""
        known = self.backbone in self.config["backbones"]
        return (
            configuration.owner(self.config, self.backbone, "tokenizer") if known else self.backbone
        )

    def _told(self, *keys: str) -> dict[str, Any]:
        return {key: self._section[key] for key in keys}

    def _stored(self, part: str) -> dict[str, Path]:
        return {name: self.model.inputs[name] for name in (part, f"{part}_config")}

    def _path(self, path: str) -> Path:
        return self.results / Path(path).relative_to(paths.RESULTS)

    def _files(self, folder: str, **names: str) -> dict[str, Path]:
        return {output: self._path(folder) / name for output, name in names.items()}

    def _job(
        self,
        step: str,
        inputs: Inputs,
        outputs: Mapping[str, Path],
        settings: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Job:
        return Job(
            step,
            inputs,
            outputs,
            settings or {},
            seed=self.config["seed"],
            results=self.results,
            **more,
        )


_PUBLISHED = ("Mean", "Std")


def _store(job: Job) -> dict[str, Path]:
    """The clips that a job wrote."""
    return {name: job.outputs[name] for name in ("data", "index")}
