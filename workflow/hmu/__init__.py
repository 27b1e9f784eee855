"""Human motion unlearning: the library behind the pipeline, usable without Snakemake.

``sources`` and ``ingest`` turn raw files into clips of joints, ``motion`` turns those into
features, ``text`` reads captions and concepts. ``models`` and ``backbones`` turn text into motion
codes, ``methods`` make a model forget; ``prompts`` say what it is asked, ``descriptors`` what there
is to say of its motions, ``metrics`` measure what is left and ``tables`` show it. ``official``
imports and exports the files of the official code, ``provenance`` says where every file came from.
``steps`` are the jobs of the pipeline, one thin file each. CONTRIBUTING.md has the map.
"""
