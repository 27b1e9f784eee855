"""The pipeline's steps: ``run(job)`` reads inputs, calls the library, writes outputs."""
