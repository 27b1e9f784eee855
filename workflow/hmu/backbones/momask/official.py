"""MoMask's official files: where its download has each part, and what opt.txt says of it.

Reference: EricGuo5513/momask-codes (prepare/download_models.sh; load_vq_model, load_trans_model and
load_res_model in gen_t2m.py; options/).
"""

from collections.abc import Mapping
from typing import Any

from hmu.errors import InputError
from hmu.official.options import BLOCKS, Options, shown
from hmu.official.parts import Export, Files, Part, Place
from hmu.official.sources import Download, drive
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes

DOWNLOADS = {"momask": Download(drive("1vXS7SHJBgWPt59wupQ5UUzhFObrnGkQ0"), "humanml3d_models.zip")}

_TOKENIZER = Place(
    "rvq_nq6_dc512_nc512_noshare_qdp0.2",
    ("net_best_fid.tar", "base.tar", "finest.tar", "latest.tar"),
    "momask",
    short="rvq",
    pattern="rvq_nq*",
    scaled=True,
)
_TOKENIZER_FIXED = {
    "vq_act": "relu",
    "vq_norm": "None",
    "stride_t": "2",
    "shared_codebook": "False",
}


def _tokenizer_sizes(files: Files) -> TokenizerSizes:
    options = files.options
    for name, wanted in _TOKENIZER_FIXED.items():
        options.only(name, wanted)
    return TokenizerSizes(
        features=files.extent("encoder.model.0.weight", 1),
        codes=options.integer("nb_code"),
        code_dim=options.integer("code_dim"),
        width=options.integer("width"),
        depth=options.integer("depth", BLOCKS),
        down=options.integer("down_t", BLOCKS),
        dilation=options.integer("dilation_growth_rate"),
        quantizers=options.integer("num_quantizers", BLOCKS),
        quantizer_dropout=options.share("quantize_dropout_prob"),
        ema=options.share("mu"),
    )


def _tokenizer_options(sizes: TokenizerSizes, export: Export) -> dict[str, str]:
    return {
        "nb_code": shown(sizes.codes),
        "code_dim": shown(sizes.code_dim),
        "output_emb_width": shown(sizes.code_dim),
        "width": shown(sizes.width),
        "depth": shown(sizes.depth),
        "down_t": shown(sizes.down),
        "dilation_growth_rate": shown(sizes.dilation),
        "num_quantizers": shown(sizes.quantizers),
        "quantize_dropout_prob": shown(sizes.quantizer_dropout),
        "mu": shown(sizes.ema),
        **_TOKENIZER_FIXED,
    }


def transformer_sizes(files: Files) -> TransformerSizes:
    """Those of a transformer, by its options and its tokenizer's. Raises InputError where the two
    are not of one model."""
    options, tokenizer = files.options, files.tokenizer
    _check_tokenizer(options, tokenizer)
    latent, heads = options.integer("latent_dim"), options.integer("n_heads")
    if latent % heads:
        raise InputError(
            f"{options.source}: {heads} n_heads cannot share a latent_dim of {latent}: copy the "
            "file again."
        )
    return TransformerSizes(
        latent=latent,
        heads=heads,
        layers=options.integer("n_layers", BLOCKS),
        feedforward=options.integer("ff_size"),
        dropout=options.share("dropout"),
        text_dim=files.extent("cond_emb.weight", 1),
        cond_drop=options.share("cond_drop_prob"),
        codes=tokenizer.integer("nb_code"),
        code_dim=tokenizer.integer("code_dim"),
        quantizers=tokenizer.integer("num_quantizers", BLOCKS),
    )


def _check_tokenizer(options: Options, tokenizer: Options) -> None:
    """A transformer speaks the codes of one tokenizer; shapes alone do not tell which."""
    folder = tokenizer.source.parent.name
    usual = _TOKENIZER.folders
    names = {folder, tokenizer.text("name", folder), *(usual if folder in usual else ())}
    wanted = options.text("vq_name", folder)
    if wanted not in names:
        raise InputError(
            f"{options.source}: the model was trained on the tokenizer {wanted}, and "
            f"{tokenizer.source.parent} holds {tokenizer.text('name', folder)}: "
            "give both of one model."
        )


def transformer_options(sizes: TransformerSizes, export: Export) -> dict[str, str]:
    """The options from which the official code builds a transformer of these sizes."""
    return {
        "vq_name": export.folders["tokenizer"],
        "latent_dim": shown(sizes.latent),
        "n_heads": shown(sizes.heads),
        "n_layers": shown(sizes.layers),
        "ff_size": shown(sizes.feedforward),
        "dropout": shown(sizes.dropout),
        "cond_drop_prob": shown(sizes.cond_drop),
    }


def _residual_sizes(files: Files) -> ResidualSizes:
    share = files.options.flag("share_weight")
    return ResidualSizes.of(transformer_sizes(files), share_weight=share)


def _residual_options(sizes: ResidualSizes, export: Export) -> dict[str, str]:
    share = {"share_weight": shown(sizes.share_weight)}
    return {**transformer_options(sizes, export), **share}


FIRST_LAYER = (("t2m_transformer", "trans"),)
"""Under which key a file has the transformer of the first layer."""
CLIP_DIM = {"text_dim": 512}
"""Values in the embedding of a caption, which nothing in a file can tell otherwise."""

PARTS: Mapping[str, Part] = {
    "tokenizer": Part(
        _TOKENIZER,
        (("vq_model", "net"),),
        TokenizerSizes,
        _tokenizer_sizes,
        _tokenizer_options,
        fixed={"features": 263, "stride": 2},
    ),
    "masked": Part(
        Place(
            "t2m_nlayer8_nhead6_ld384_ff1024_cdp0.1_rvq6ns",
            ("latest.tar", "base.tar", "net_best_fid.tar"),
            "momask",
            short="mtrans",
            pattern="t2m_nlayer*",
            tokenizer=True,
        ),
        FIRST_LAYER,
        TransformerSizes,
        transformer_sizes,
        transformer_options,
        fixed=CLIP_DIM,
    ),
    "residual": Part(
        Place(
            "tres_nlayer8_ld384_ff1024_rvq6ns_cdp0.2_sw",
            ("net_best_fid.tar", "base.tar", "latest.tar"),
            "momask",
            short="rtrans",
            pattern="tres_nlayer*",
            tokenizer=True,
        ),
        (("res_transformer",),),
        ResidualSizes,
        _residual_sizes,
        _residual_options,
        fixed=CLIP_DIM,
    ),
}


def folders(sizes: Mapping[str, Any]) -> dict[str, str]:
    """The folders of the parts, whose official names tell their ``sizes``."""
    tokenizer, masked, residual = (sizes[name] for name in PARTS)
    layers, dropout = tokenizer.quantizers, shown(tokenizer.quantizer_dropout)
    size = f"dc{tokenizer.code_dim}_nc{tokenizer.codes}"
    return {
        "tokenizer": f"rvq_nq{layers}_{size}_noshare_qdp{dropout}",
        "masked": f"t2m_nlayer{masked.layers}_nhead{masked.heads}_ld{masked.latent}"
        f"_ff{masked.feedforward}_cdp{shown(masked.cond_drop)}_rvq{layers}ns",
        "residual": f"tres_nlayer{residual.layers}_ld{residual.latent}_ff{residual.feedforward}"
        f"_rvq{layers}ns_cdp{shown(residual.cond_drop)}" + ("_sw" if residual.share_weight else ""),
    }
