"""How the tables came to be what they are, step by step. `versions/` has one file per step, which never changes."""
