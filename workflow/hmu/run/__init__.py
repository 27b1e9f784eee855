"""How a step runs: the job, the runner that keeps outputs whole, threads and devices."""
