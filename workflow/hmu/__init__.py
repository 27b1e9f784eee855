"""Human motion unlearning: the package behind the pipeline, usable alone.

Raw motion becomes joints (``datasets``) and features (``motion``), text becomes captions, concepts
and embeddings (``text``); ``models`` turn text into motion codes and motion into embeddings,
``methods`` make a model forget, ``metrics`` measure what is left. ``steps`` are the jobs of the
pipeline, one thin file each. It never imports Snakemake.
"""
