"""TMR's embedding of a motion or of a caption, the second evaluator's: the mean of its Gaussian."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from hmu.errors import InputError
from hmu.interface.descriptors import Descriptor, DescriptorContext, Motion
from hmu.models import storage
from hmu.models.batches.captioned import padded
from hmu.models.stored import Stored
from hmu.models.tmr import Tmr
from hmu.motion.normalise import Normaliser
from hmu.sections.tmr import TmrSizes
from hmu.text.token_embeddings import TokenEmbeddings

SEES = ("features",)
MODELS = ("tmr",)
SETTINGS: tuple[str, ...] = ()
TEXTS = "caption"

_BATCH = 128


def load(context: DescriptorContext) -> Descriptor:
    """The encoders among the inputs; and, of texts, their token embeddings. Raises InputError when
    these are not what the text encoder was trained on."""
    own = Stored.among(context.inputs, "tmr")
    network = storage.load(Tmr, TmrSizes, own, context.device)
    scale = Normaliser.of_model(own.config)
    if not {"token_vectors", "embeddings"} & {*context.inputs}:
        return Embedding(network, scale, None, context.device)
    tokens = TokenEmbeddings.read(context.inputs)
    if tokens.dim != network.sizes.text_dim:
        raise InputError(
            f"{tokens.source}: its captions have tokens of {tokens.dim} values, and {own.weights} "
            f"reads {network.sizes.text_dim}: give the embeddings that it was trained on."
        )
    return Embedding(network, scale, tokens, context.device)


class Embedding:
    """Means float32 (rows, ``sizes.latent``)."""

    def __init__(
        self,
        network: Tmr,
        scale: Normaliser,
        tokens: TokenEmbeddings | None,
        device: torch.device,
    ) -> None:
        self.network, self.tokens, self.device = network, tokens, device
        self.mean, self.std = (
            torch.from_numpy(each.astype(np.float32)).to(device) for each in (scale.mean, scale.std)
        )

    @torch.no_grad()
    def motions(self, batch: Sequence[Motion]) -> np.ndarray:
        """Each motion as it is, whatever others it comes with."""
        seen = [(_features(each) - self.mean) / self.std for each in batch]
        lengths = torch.tensor([len(each) for each in seen], device=self.device)
        found = self.network.embed_motion(pad_sequence(seen, batch_first=True), lengths)
        embeddings: np.ndarray = found.cpu().numpy()
        return embeddings

    @torch.no_grad()
    def texts(self, tokens: Sequence[str]) -> np.ndarray:
        """Captions, by the embeddings of their tokens. Raises InputError where some have none."""
        if self.tokens is None:
            raise TypeError("there are no token embeddings among the inputs")
        self.tokens.check(tokens)
        found = []
        for begin in range(0, len(tokens), _BATCH):
            embedded = [self.tokens.of(each) for each in tokens[begin : begin + _BATCH]]
            found.append(self.network.embed_text(*padded(embedded, self.device)).cpu().numpy())
        return np.concatenate(found)


def _features(motion: Motion) -> Tensor:
    if motion.features is None:
        raise TypeError("TMR sees features")
    return motion.features
