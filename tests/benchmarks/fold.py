"""Job 2: load and fold a case, against SELECT of the same rows and orjson.loads of each.

Cases of growing size show whether the cost of an entry grows with them; the stages show where it goes.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from ledger.facts.case import fold
from ledger.facts.history import history
from ledger.store.ledger import Ledger
from tests.benchmarks.course import AS_OF, make_case
from tests.benchmarks.facts import MUNICIPALITY
from tests.benchmarks.figures import Ratio, mid, table
from tests.benchmarks.places import Engine, place_on
from tests.benchmarks.raw import ENGINES, read_case, timed

HEADER: Final = ("load and fold", "entries", "of SELECT + loads", "cost per entry, of the least", "µs/entry", "raw")
STAGES: Final = ("µs/entry by stage", "entries", "select", "loads", "decode", "history", "fold")


class Size(NamedTuple):
    """How much is measured."""

    rounds: int
    cases: tuple[int, ...]
    """Entries of each case, the least first."""
    loaded: int
    """Entries that a side loads in a round, at least: a small case is loaded many times."""


@dataclass
class Measured:
    """A case and what was measured of it: microseconds per entry, round by round."""

    case_id: UUID
    entries: int
    ours: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    stages: list[tuple[float, ...]] = field(default_factory=list)


FULL: Final = Size(7, (60, 500, 5_000), 1_000)
QUICK: Final = Size(5, (60, 500), 500)


def measure(size: Size) -> str:
    """The tables of the job."""
    measured = [(engine, case) for engine in ENGINES for case in _cases(engine, size)]
    least = dict(reversed(measured))
    rows = [
        (engine, f"{case.entries:,}", str(Ratio.of(case.ours, case.raw)),
         str(Ratio.of(case.ours, least[engine].ours)), mid(case.ours, 1), mid(case.raw, 1))
        for engine, case in measured
    ]  # fmt: skip
    stages = [
        (engine, f"{case.entries:,}", *(mid(stage, 1) for stage in zip(*case.stages, strict=True)))
        for engine, case in measured
    ]
    return (
        f"{table(HEADER, rows)}\n\n{table(STAGES, stages)}\n\n{size.rounds} rounds after one that warms up;"
        f" at least {size.loaded:,} entries loaded by each side in a round.\n"
        "decode = open sealed values and build facts, without the loads; stages are timed in a pass of their own."
    )


def _cases(engine: Engine, size: Size) -> list[Measured]:
    with place_on(engine) as place, place.books() as books, closing(place.raw_book()) as connection:
        book = books.book(MUNICIPALITY)
        cases = [Measured(make_case(book, f"sag-{entries}", entries), entries) for entries in size.cases]
        for number in range(size.rounds + 1):
            for case in cases:
                times = max(1, size.loaded // case.entries)
                raw = timed(read_case(place, connection, case.case_id), times)
                ours = timed(lambda: fold(book.load(case.case_id, as_of=AS_OF)), times)  # noqa: B023  (called now)
                stages = [_stages(book, case.case_id) for _ in range(times)]
                if number:  # the first round warms up
                    case.raw.append(raw / case.entries)
                    case.ours.append(ours / case.entries)
                    case.stages.append(tuple(sum(stage) / times / case.entries for stage in zip(*stages, strict=True)))
    return cases


def _stages(book: Ledger, case_id: UUID) -> tuple[float, ...]:
    """Microseconds in select, loads, decode, history and fold."""
    stored, select = _kept(lambda: book.recorder.select_events(case_id))
    _, loads = _kept(lambda: [orjson.loads(event.state) for event in stored])
    entries, decode = _kept(lambda: [book.mapper.to_domain_event(event) for event in stored])
    seen, reading = _kept(lambda: history(entries, as_of=AS_OF))
    _, folding = _kept(lambda: fold(seen))
    return select, loads, decode - loads, reading, folding


def _kept(job: Callable[[], Any]) -> tuple[Any, float]:
    start = perf_counter()
    found = job()
    return found, (perf_counter() - start) * 1e6
