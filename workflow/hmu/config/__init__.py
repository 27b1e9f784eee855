"""The configuration: read, checked, and completed with defaults.

Its sections (:mod:`hmu.sections`) say what a key means, what it may be and what it defaults to; the
parameters of a plugin stand in the plugin's file. All that is wrong with a configuration is said
at once, in words; what the files that it names hold, :mod:`hmu.config.planning` looks at.
"""

from hmu.config.checking import load, parse, validate
from hmu.config.configuration import Configuration
from hmu.config.files import missing_paths
from hmu.config.lookup import keywords, min_lines, owner, prompt_concepts, shortest
from hmu.config.paper import paper_comparable
from hmu.config.reading import read

__all__ = [
    "Configuration",
    "keywords",
    "load",
    "min_lines",
    "missing_paths",
    "owner",
    "paper_comparable",
    "parse",
    "prompt_concepts",
    "read",
    "shortest",
    "validate",
]
