"""A dataset on disk: raw files in, one array of clips out.

Raw files are read by a plugin (:mod:`hmu.datasets`). ``streaming`` runs it in several processes,
``store`` holds the clips in one memory-mapped array, ``quarantine`` lists the bad ones and
``coverage`` what is missing; ``names`` are clip names. ``fetch`` and ``check`` are `hmu data fetch`
and `hmu data check`: the first downloads what is public and prints how to register for the rest
(``registration``), the second reports what a run would find (``inspection``).
"""
