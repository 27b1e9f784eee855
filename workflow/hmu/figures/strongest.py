"""Which codes of a concept are looked at: the strongest that enough motions show."""

import pandas as pd

_SHARE = 0.05
"""Of the forget motions: a code that fewer contain shows too little of itself."""


def strongest(statistics: pd.DataFrame, count: int) -> pd.DataFrame:
    """The rows of the ``count`` codes of the first layer with the highest score, best first.

    ``statistics``: the frame of `hmu.unlearning.code_statistics`. On small data the highest scores
    are those of codes that two motions contain; codes in less than 5% of the forget motions come
    after all others.
    """
    first = statistics[(statistics["layer"] == 0) & (statistics["forget"] > 0)].sort_values("rank")
    common = first["forget_share"] >= _SHARE
    return pd.concat([first[common], first[~common]])[:count]
