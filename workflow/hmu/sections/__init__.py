"""The sections of a configuration: what each may say, its bounds and its defaults.

The networks take their sizes from here and the training loop its schedule, so that every default
stands once. Nothing here imports torch.
"""
