"""Which of the environments in envs/ a job needs, for Snakemake to make with conda."""

import shutil


def name(device: str) -> str:
    """``cpu`` or ``gpu``, for a configured ``device``.

    With ``auto``, ``gpu`` where this machine has the driver of a GPU or is part of a Slurm cluster.
    A login node has no GPU itself, and all jobs of a run must come to the same answer.
    """
    if device == "auto":
        return "gpu" if shutil.which("nvidia-smi") or shutil.which("srun") else "cpu"
    return "cpu" if device == "cpu" else "gpu"
