"""Text-to-motion models, a package each; :mod:`hmu.interface` says what it must hold."""
