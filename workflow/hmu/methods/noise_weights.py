"""A control: the weights of all transformers replaced by noise of the same scale.

Each tensor keeps its mean and its standard deviation, and nothing of what was learned. A tensor of
which all values are one keeps it.
"""

import torch
from torch import Tensor

from hmu import rng
from hmu.interface.methods import Context, Edit

CONTROL = True
INPUTS: tuple[str, ...] = ()
CHANGES = ("transformers",)
PARAMS: dict[str, object] = {}


def unlearn(context: Context) -> Edit:
    """Draw every floating tensor of every transformer anew."""
    address = context.address.values()

    def drawn(part: str, name: str, tensor: Tensor) -> Tensor:
        noise = rng.generator(context.seed, "noise_weights", *address, part, name)
        values = torch.from_numpy(noise.standard_normal(tuple(tensor.shape)).astype("float32"))
        return tensor.mean() + tensor.std(correction=0) * values

    return Edit(
        {
            part: {
                name: drawn(part, name, tensor)
                for name, tensor in context.state(part).items()
                if tensor.is_floating_point()
            }
            for part in context.transformers
        }
    )
