"""Five motions of three codes, and what of them belongs to the forget set."""

import numpy as np
import pandas as pd

from hmu.io.codes import CodeTable
from hmu.unlearning.code_statistics import code_statistics

MOTIONS = {
    "kick-1": ([3, 3, 0], True),
    "kick-2": ([3, 1, 1], True),
    "walk-1": ([0, 0, 1], False),
    "walk-2": ([1, 3, 2], False),
    "walk-3": ([0, 1, 0], False),
}


def statistics() -> pd.DataFrame:
    codes = [np.array(values, np.int16)[:, None] for values, _ in MOTIONS.values()]
    table = CodeTable(pd.DataFrame({"motion": list(MOTIONS)}), codes, 1)
    forget = pd.Series([flag for _, flag in MOTIONS.values()])
    return code_statistics(table, forget, codebook=5)
