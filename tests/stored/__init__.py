"""Real stored entries, one per fact type and schema version, kept for ever: what is stored must stay readable."""
