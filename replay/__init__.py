"""Telling it again: as of a day, as known at an instant; and proving that nothing was changed."""
