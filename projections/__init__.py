"""What it looks like: one module per read model, each a pure function from a history to its rows."""
