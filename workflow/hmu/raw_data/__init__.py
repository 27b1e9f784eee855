"""Raw directories: fetching what is public, registering for the rest, looking before a run."""
