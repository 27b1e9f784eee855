"""BAMM's official files: a transformer of its own, and MoMask's other parts.

Reference: exitudio/BAMM (prepare/download_model.sh; load_trans_model in gen_t2m.py).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hmu.backbones.momask import official as momask
from hmu.official.parts import Export, Files, Part, Place
from hmu.official.sources import Download, drive
from hmu.sections.transformer import TransformerSizes

DOWNLOADS = {"bamm": Download(drive("1vo0PcYOHzCdPoDk5SpBA1llvK_50GTlv"), "bamm.zip")}


def _sizes(files: Files) -> TransformerSizes:
    files.options.only("trans", "official")
    return momask.transformer_sizes(files)


def _options(sizes: TransformerSizes, export: Export) -> dict[str, str]:
    return {
        **momask.transformer_options(sizes, export),
        "trans": "official",
        # BAMM's own code looks elsewhere than the unlearning reference's.
        "checkpoints_dir": "./checkpoints" if export.short else "./log/t2m",
    }


PARTS: Mapping[str, Part] = {
    **momask.PARTS,
    "masked": replace(
        momask.PARTS["masked"],
        place=Place(
            "2024-02-14-14-27-29_8_GPT_officialTrans_2iterPrdictEnd",
            ("latest.tar", "base.tar", "net_best_fid.tar"),
            "bamm",
            short="bamm",
            tokenizer=True,
        ),
        read_sizes=_sizes,
        options=_options,
    ),
}


def folders(sizes: Mapping[str, Any]) -> dict[str, str]:
    """Those of the parts that are MoMask's; the name of its own tells no sizes."""
    found = momask.folders(sizes)
    del found["masked"]
    return found
