"""The parts of a model: their keys in official files, and their sizes in official options.

An official state dict has the names of ours, part by part; of the evaluator there are three state
dicts, whose keys come before the names.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from hmu.backbones import opening
from hmu.errors import InputError
from hmu.models.evaluator import CONTACTS, Evaluator
from hmu.models.length import LengthEstimator
from hmu.models.residual import ResidualTransformer
from hmu.models.tokenizer import Tokenizer
from hmu.official import layout
from hmu.official.options import BLOCKS, LARGEST, Options, shown
from hmu.sections.evaluator import EvaluatorSizes
from hmu.sections.length import LengthSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes

State = Mapping[str, Tensor]
Sizes = TokenizerSizes | TransformerSizes | LengthSizes | EvaluatorSizes


@dataclass(frozen=True)
class Source:
    """What the sizes of a part are read from: its tensors, its options and its tokenizer's."""

    weights: Path
    state: State
    options: Options | None
    tokenizer: Options | None

    def extent(self, name: str, axis: int) -> int:
        """The extent of a tensor along one axis. Raises InputError when there is none, or one that
        no model has: to see that it does not fit, one of that size would be built."""
        tensor = self.state.get(name)
        if tensor is None or tensor.dim() <= axis or not 0 < tensor.shape[axis] <= LARGEST:
            raise InputError(
                f"{self.weights} lacks tensor {name} of a model's size: give the file of this "
                "model."
            )
        return tensor.shape[axis]


@dataclass(frozen=True)
class Part:
    """One part: the keys that hold it in a file (each with its other spellings), and our module.

    ``counters`` are what the official code wants to find beside them: epochs and steps. ``name`` is
    what we call the part, and ``kind`` that of a masked transformer: each backbone's has its own
    place in official directories, and its module is loaded by name.
    """

    name: str

    keys: tuple[tuple[str, ...], ...]
    build: Callable[[Any], nn.Module]
    sizes: type[Any]
    read_sizes: Callable[[Source], Sizes]
    counters: tuple[str, str] = ("ep", "total_it")
    kind: str | None = None

    @property
    def grouped(self) -> bool:
        """Whether the names of the state carry the key in front."""
        return len(self.keys) > 1


def _options(source: Source) -> Options:
    if source.options is None:
        raise InputError(f"{source.weights} came without opt.txt: copy the whole directory.")
    return source.options


def _only(options: Options, name: str, wanted: str) -> None:
    """Raise InputError when an option of the architecture has another value than ours."""
    found = options.text(name, wanted)
    if found != wanted:
        raise InputError(
            f"{options.source}: {name} is {found}; models of this kind are not supported, only "
            f"those with {wanted}, as the paper's."
        )


def _tokenizer_sizes(source: Source) -> TokenizerSizes:
    options = _options(source)
    for name, wanted in _TOKENIZER_FIXED.items():
        _only(options, name, wanted)
    return TokenizerSizes(
        features=source.extent("encoder.model.0.weight", 1),
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


def _transformer_sizes(source: Source) -> TransformerSizes:
    options, tokenizer = _options(source), source.tokenizer
    if tokenizer is None:
        raise InputError(f"{source.weights} came without its tokenizer: copy the whole directory.")
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
        text_dim=source.extent("cond_emb.weight", 1),
        cond_drop=options.share("cond_drop_prob"),
        codes=tokenizer.integer("nb_code"),
        code_dim=tokenizer.integer("code_dim"),
        quantizers=tokenizer.integer("num_quantizers", BLOCKS),
    )


def _check_tokenizer(options: Options, tokenizer: Options) -> None:
    """A transformer speaks the codes of one tokenizer; shapes alone do not tell which."""
    folder = tokenizer.source.parent.name
    usual = layout.PLACES["tokenizer"].folders
    names = {folder, tokenizer.text("name", folder), *(usual if folder in usual else ())}
    wanted = options.text("vq_name", folder)
    if wanted not in names:
        raise InputError(
            f"{options.source}: the model was trained on the tokenizer {wanted}, and "
            f"{tokenizer.source.parent} holds {tokenizer.text('name', folder)}: "
            "give both of one model."
        )


def _bamm_sizes(source: Source) -> TransformerSizes:
    _only(_options(source), "trans", "official")
    return _transformer_sizes(source)


def _residual_sizes(source: Source) -> ResidualSizes:
    share = _options(source).flag("share_weight")
    return ResidualSizes.of(_transformer_sizes(source), share_weight=share)


def _length_sizes(source: Source) -> LengthSizes:
    return LengthSizes(
        text_dim=source.extent("output.0.weight", 1), classes=source.extent("output.11.weight", 0)
    )


def _evaluator_sizes(source: Source) -> EvaluatorSizes:
    return EvaluatorSizes(
        features=source.extent("movement_encoder.main.0.weight", 1) + CONTACTS,
        movement_hidden=source.extent("movement_encoder.main.0.weight", 0),
        movement_latent=source.extent("movement_encoder.main.3.weight", 0),
        word_dim=source.extent("text_encoder.input_emb.weight", 1),
        pos_dim=source.extent("text_encoder.pos_emb.weight", 1),
        text_hidden=source.extent("text_encoder.input_emb.weight", 0),
        motion_hidden=source.extent("motion_encoder.input_emb.weight", 0),
        embedding=source.extent("motion_encoder.output_net.3.weight", 0),
    )


_TRANSFORMER = (("t2m_transformer", "trans"),)
PARTS: Mapping[str, Part] = {
    "tokenizer": Part(
        "tokenizer", (("vq_model", "net"),), Tokenizer, TokenizerSizes, _tokenizer_sizes
    ),
    "masked": Part(
        "masked",
        _TRANSFORMER,
        lambda sizes: opening.declared("momask", "masked").network(sizes),
        TransformerSizes,
        _transformer_sizes,
        kind="momask",
    ),
    "bamm": Part(
        "masked",
        _TRANSFORMER,
        lambda sizes: opening.declared("bamm", "masked").network(sizes),
        TransformerSizes,
        _bamm_sizes,
        kind="bamm",
    ),
    "residual": Part(
        "residual",
        (("res_transformer",),),
        ResidualTransformer,
        ResidualSizes,
        _residual_sizes,
    ),
    "length": Part(
        "length",
        (("estimator",),),
        LengthEstimator,
        LengthSizes,
        _length_sizes,
        ("epoch", "niter"),
    ),
    "evaluator": Part(
        "evaluator",
        (("movement_encoder",), ("text_encoder",), ("motion_encoder",)),
        Evaluator,
        EvaluatorSizes,
        _evaluator_sizes,
        ("epoch", "iter"),
    ),
}
"""By what `layout.PLACES` calls them."""

_TOKENIZER_FIXED = {
    "vq_act": "relu",
    "vq_norm": "None",
    "stride_t": "2",
    "shared_codebook": "False",
}


def tokenizer_options(sizes: TokenizerSizes) -> dict[str, str]:
    """The options from which the official code builds a tokenizer of these sizes."""
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


def transformer_options(sizes: TransformerSizes) -> dict[str, str]:
    """The options from which the official code builds a transformer of these sizes."""
    return {
        "latent_dim": shown(sizes.latent),
        "n_heads": shown(sizes.heads),
        "n_layers": shown(sizes.layers),
        "ff_size": shown(sizes.feedforward),
        "dropout": shown(sizes.dropout),
        "cond_drop_prob": shown(sizes.cond_drop),
    }
