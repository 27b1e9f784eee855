"""The subcommands of `hmu`, thin: they parse, call the library and print."""
