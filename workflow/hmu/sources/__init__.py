"""Forms of raw data, one file each.

A file ``hmu/sources/<source>.py`` holds

- ``STAGE``: what its clips are, "joints" or already "features";
- ``ingest(raw, settings) -> Work``: what there is to read in the directory ``raw``, and the
  function that reads it clip by clip (:class:`hmu.sources._raw.Work`).
"""
