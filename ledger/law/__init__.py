"""The law the facts happened under: numbers are data, each with a date range and a source."""
