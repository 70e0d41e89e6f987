"""Job 3: the as-of answer: every read model of a case told at once, against reading its entries.

Cases of growing size show whether the cost of an entry grows with them; a pass of its own shows what each model costs.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import UUID

from ledger.store.ledger import Ledger
from replay.as_of import Point, Sight, sight
from replay.tellings import TELLINGS, tell_all
from tests.benchmarks.course import AS_OF, make_case
from tests.benchmarks.facts import MUNICIPALITY
from tests.benchmarks.figures import Ratio, mid, table
from tests.benchmarks.places import Engine, place_on
from tests.benchmarks.raw import ENGINES, read_case, timed

HEADER: Final = (
    "load and tell all", "entries", "of SELECT + loads", "of SELECT + decode", "cost per entry, of the least",
    "µs/entry", "decode", "raw",
)  # fmt: skip
STAGES: Final = ("µs/entry by stage", "entries", "load", *TELLINGS)


class Size(NamedTuple):
    """How much is measured."""

    rounds: int
    cases: tuple[int, ...]
    """Entries of each case, the least first."""
    told: int
    """Entries that a side reads in a round, at least: a small case is told many times."""


@dataclass
class Measured:
    """A case and what was measured of it: microseconds per entry, round by round."""

    case_id: UUID
    entries: int
    raw: list[float] = field(default_factory=list)
    decode: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    stages: list[list[float]] = field(default_factory=list)


FULL: Final = Size(7, (60, 500, 5_000), 1_000)
QUICK: Final = Size(5, (60, 500), 500)


def measure(size: Size) -> str:
    """The tables of the job."""
    measured = [(engine, case) for engine in ENGINES for case in _cases(engine, size)]
    least = dict(reversed(measured))
    rows = [
        (engine, f"{case.entries:,}", str(Ratio.of(case.told, case.raw)), str(Ratio.of(case.told, case.decode)),
         str(Ratio.of(case.told, least[engine].told)), *(mid(one, 1) for one in (case.told, case.decode, case.raw)))
        for engine, case in measured
    ]  # fmt: skip
    stages = [
        (engine, f"{case.entries:,}", *(mid(stage, 1) for stage in zip(*case.stages, strict=True)))
        for engine, case in measured
    ]
    return (
        f"{table(HEADER, rows)}\n\n{table(STAGES, stages)}\n\n{size.rounds} rounds after one that warms up;"
        f" at least {size.told:,} entries told by each side in a round.\n"
        "Models are timed one after another in a pass of their own: what several share, the first of them pays."
    )


def _cases(engine: Engine, size: Size) -> list[Measured]:
    with place_on(engine) as place, place.books() as books, closing(place.raw_book()) as connection:
        book = books.book(MUNICIPALITY)
        cases = [Measured(make_case(book, f"sag-{entries}", entries), entries) for entries in size.cases]
        for _ in range(size.rounds + 1):
            for case in cases:
                _round(case, max(1, size.told // case.entries), book, read_case(place, connection, case.case_id))
    for case in cases:
        for kept in (case.raw, case.decode, case.told, case.stages):
            del kept[0]  # the first round warms up
    return cases


def _round(case: Measured, times: int, book: Ledger, raw: Callable[[], None]) -> None:
    case.raw.append(timed(raw, times) / case.entries)
    case.decode.append(timed(lambda: book.entries(case.case_id), times) / case.entries)
    case.told.append(timed(lambda: tell_all(_seen(book, case.case_id)), times) / case.entries)
    stages = [_stages(book, case.case_id) for _ in range(times)]
    case.stages.append([sum(stage) / times / case.entries for stage in zip(*stages, strict=True)])


def _stages(book: Ledger, case_id: UUID) -> list[float]:
    """Microseconds of loading, and of each model."""
    load = timed(lambda: _seen(book, case_id))
    seen = _seen(book, case_id)
    return [load, *(timed(lambda: list(tell(seen))) for tell in TELLINGS.values())]  # noqa: B023  (called now)


def _seen(book: Ledger, case_id: UUID) -> Sight:
    return sight(book, case_id, Point(AS_OF))
