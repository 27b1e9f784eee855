"""Forms of raw data, one file each.

A file ``hmu/datasets/<source>.py`` holds

- ``STAGE``: what its clips are, "joints" or already "features";
- ``ingest(raw, settings) -> Work``: what there is to read in the directory ``raw``, and the
  function that reads it clip by clip (:class:`hmu.datasets._raw.Work`).

``demo`` is no such form: it writes the built-in dataset in those of HumanML3D and Motion-X.
"""
