"""Job 4: the live follower in batches of 1,000 against the library's ProjectionRunner, and a rebuild against reading.

A round of catching up records new cases first, outside the clock, on the ledger's side and on the library's.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple

from ledger.store.ledger import Ledger
from projections.follower import Follower
from replay.rebuild import rebuild
from tests.benchmarks.course import make_cases
from tests.benchmarks.facts import MUNICIPALITY
from tests.benchmarks.figures import Ratio, mid, table
from tests.benchmarks.library import Library
from tests.benchmarks.places import Engine, Place, place_on
from tests.benchmarks.raw import ENGINES, read_all, timed

CATCH_UP: Final = ("catch up all read models", "entries", "acts of", "of the library", "entries /s", "library /s")
REBUILD: Final = (
    "rebuild all read models", "entries", "processes", "of cursor + loads", "of 1 process", "µs/entry", "raw",
)  # fmt: skip
PROCESSES: Final = (1, 2)
ENTRIES: Final = 60
"""Entries of a case."""
ACTS: Final = (60, 20)
"""Facts recorded of a case before it is the next one's turn: with fewer, a case is told in several batches."""


class Size(NamedTuple):
    """How much is measured."""

    rounds: int
    cases: int
    """Recorded in each round of catching up."""
    events: int
    """What the library's side catches up with in a round."""
    rebuilds: tuple[int, ...]
    """Cases in each rebuild, the least first."""


class Round(NamedTuple):
    """Entries a second of either side, measured right after each other."""

    ledger: float
    library: float


FULL: Final = Size(5, 50, 500, (50, 400))
QUICK: Final = Size(5, 17, 200, (17,))


@dataclass
class _Sides:
    place: Place
    book: Ledger
    library: Library
    raw: Any
    made: int = 0

    def record(self, cases: int, act: int = ENTRIES) -> None:
        """New cases, numbered in the log as the sequencer does it."""
        make_cases(self.book, [f"sag-{self.made + n}" for n in range(cases)], ENTRIES, act)
        self.made += cases
        while self.book.number():
            pass

    def catch_up(self, size: Size, act: int) -> Round:
        """One round."""
        self.record(size.cases, act)
        newest = self.book.recorder.max_notification_id() or 0
        new = self.book.recorder.select_notifications(newest - size.events, size.events, inclusive_of_start=False)
        self.library.record([event.state for event in new])
        follower, moved = Follower(self.book), []
        taken = timed(lambda: moved.append(follower.catch_up()))
        assert moved == [size.cases * ENTRIES]
        return Round(moved[0] / taken * 1e6, self.library.caught_up())

    def rebuild(self, cases: int) -> list[float]:
        """Microseconds per entry to read so many cases, and to rebuild them by each number of processes."""
        self.record(cases - self.made)
        Follower(self.book).catch_up()
        jobs = [read_all(self.place, self.raw), *(partial(rebuild, self.book, processes=many) for many in PROCESSES)]
        return [timed(job) / (self.made * ENTRIES) for job in jobs]


def measure(size: Size) -> str:
    """The tables of the job."""
    caught_up = [(engine, act, _caught_up(engine, act, size)) for engine in ENGINES for act in ACTS]
    rebuilt = [row for engine in ENGINES for row in _rebuilt(engine, size)]
    rows = [
        (engine, f"{size.cases * ENTRIES:,}", str(act), str(Ratio.of(*_columns(rounds))), *map(mid, _columns(rounds)))
        for engine, act, rounds in caught_up
    ]
    return (
        f"{table(CATCH_UP, rows)}\n\n{table(REBUILD, rebuilt)}\n\n{size.rounds} rounds after one that warms up;"
        f" cases of {ENTRIES} entries, batches of 1,000; the library's side catches up with {size.events:,} events.\n"
        "The library's projection keeps a row of each event. On SQLite it is lent the subscription it lacks there."
    )


def _caught_up(engine: Engine, act: int, size: Size) -> list[Round]:
    with _sides_on(engine) as sides:
        return [sides.catch_up(size, act) for _ in range(size.rounds + 1)][1:]


def _rebuilt(engine: Engine, size: Size) -> Iterator[tuple[str, ...]]:
    with _sides_on(engine) as sides:
        for cases in size.rebuilds:
            rounds = [sides.rebuild(cases) for _ in range(size.rounds + 1)][1:]
            raw, *ours = zip(*rounds, strict=True)
            for many, by_many in zip(PROCESSES, ours, strict=True):
                ratios = (str(Ratio.of(raw, by_many)), str(Ratio.of(ours[0], by_many)))
                yield engine, f"{cases * ENTRIES:,}", str(many), *ratios, mid(by_many, 1), mid(raw, 1)


def _columns(rounds: list[Round]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    ledger, library = zip(*rounds, strict=True)
    return ledger, library


@contextmanager
def _sides_on(engine: Engine) -> Iterator[_Sides]:
    with place_on(engine) as place, place.books() as books, ExitStack() as stack:
        raw, library = (stack.enter_context(closing(one)) for one in (place.raw_book(), Library(place)))
        yield _Sides(place, books.book(MUNICIPALITY), library, raw)
