"""What is measured: the plan of an evaluation, and descriptions of motions."""
