"""MoMask's models and the evaluator, how they are trained, and how they are stored."""
