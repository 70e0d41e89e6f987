"""Job 1: append with seal, one fact and one commit at a time, against raw INSERTs and the library's recorder."""

from contextlib import closing
from typing import Final, NamedTuple

from tests.benchmarks.figures import Ratio, mid, table
from tests.benchmarks.places import Engine, Place, place_on
from tests.benchmarks.sides import CASES, make_tables
from tests.benchmarks.team import Team, sequencer_at, team_at

HEADER: Final = ("append with seal", "writers", "of raw INSERT", "of the library", "ledger /s", "raw /s", "library /s")
ENTRY_SIZE: Final = "SELECT avg(length(entry)), min(length(entry)), max(length(entry)) FROM plain"


class Size(NamedTuple):
    """How much is measured."""

    rounds: int
    each: dict[Engine, dict[int, int]]
    """By engine and number of writers: how many appends each of them does in a round."""


class Round(NamedTuple):
    """Appends a second of every side, measured right after each other."""

    raw: float
    ledger: float
    library: float


FULL: Final = Size(11, {"SQLite": {1: 120, 8: 30}, "PostgreSQL": {1: 120, 8: 60}})
QUICK: Final = Size(5, {"SQLite": {1: 30}, "PostgreSQL": {2: 30}})


def measure(size: Size) -> str:
    """The table of the job."""
    rows, notes = [], []
    for engine, by_writers in size.each.items():
        with place_on(engine) as place:
            make_tables(place)
            for writers, each in by_writers.items():
                rows += _rows(place, writers, each, size.rounds)
            notes.append(f"{engine} {' and '.join(f'{each} by each of {n}' for n, each in by_writers.items())}")
            with closing(place.raw()) as connection:
                mean, least, most = connection.execute(ENTRY_SIZE).fetchone()
    return (
        f"{table(HEADER, rows)}\n\nAppends in a round: {', '.join(notes)};"
        f" {size.rounds} rounds after one that warms up;\n"
        f"entries of {mean:.0f} bytes ({least}–{most}); each writer goes round {CASES} cases."
    )


def _rows(place: Place, writers: int, each: int, rounds: int) -> list[tuple[str, ...]]:
    with team_at(place, writers) as team:
        rows = [_row(place.engine, writers, _rounds(team, each, rounds))]
        if place.engine == "PostgreSQL":
            with sequencer_at(place):
                rows.append(_row("PostgreSQL, sequencer beside", writers, _rounds(team, each, rounds)))
    return rows


def _rounds(team: Team, each: int, rounds: int) -> list[Round]:
    return [Round(*(team.rate(side, each) for side in Round._fields)) for _ in range(rounds + 1)][1:]


def _row(name: str, writers: int, rounds: list[Round]) -> tuple[str, ...]:
    raw, ledger, library = zip(*rounds, strict=True)
    ratios = str(Ratio.of(ledger, raw)), str(Ratio.of(ledger, library))
    return (name, str(writers), *ratios, mid(ledger), mid(raw), mid(library))
