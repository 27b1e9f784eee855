"""Where prompts come from, one source a file; :mod:`hmu.interface` says what a file must hold."""
