"""From raw files to one store of clips: in several processes, bad clips set aside."""
