"""From prompts to motions: opening a model, sampling its codes, writing what it made."""
