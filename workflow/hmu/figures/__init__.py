"""Pictures of results: each draws a table that is already made."""
