"""One page for people: what was forgotten and kept, with moving skeletons."""
