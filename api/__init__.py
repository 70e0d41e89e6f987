"""How it is asked. Translates, decides nothing."""
