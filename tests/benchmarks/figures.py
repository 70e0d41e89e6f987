"""Figures: two sides measured in turn, told as the median of the rounds' ratios with the span beside it."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Ratio(NamedTuple):
    """One side over another, round by round: both sides of a round ran right after each other."""

    rounds: tuple[float, ...]

    @classmethod
    def of(cls, side: Sequence[float], over: Sequence[float]) -> "Ratio":
        """The ratio in every round."""
        return cls(tuple(one / other for one, other in zip(side, over, strict=True)))

    @property
    def median(self) -> float:
        """The figure that is quoted."""
        return median(self.rounds)

    def __str__(self) -> str:
        return f"**{self.median:.2f}x** ({min(self.rounds):.2f}–{max(self.rounds):.2f})"


def mid(values: Sequence[float], digits: int = 0) -> str:
    """The median of a side's own measurements; for reading the ratio, not for comparing between runs."""
    return f"{median(values):,.{digits}f}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns aligned as they are read in a terminal."""
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = [f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |" for row in cells]
    return "\n".join([lines[0], f"|{'|'.join('-' * (width + 2) for width in widths)}|", *lines[1:]])
