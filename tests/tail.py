"""What the tests of the log start as processes of their own, so that these can be many, and be killed.

    python -m tests.tail write URL PLACE WRITERS ENTRIES   so many processes append so many entries in all, each
                                                           telling what it committed in a file at PLACE
    python -m tests.tail number URL                        numbers for ever, prints a line when it begins
    python -m tests.tail die URL CASE REQUEST              appends an act, and is killed before it can say so

The master key is taken from the environment, as the settings name it.
"""

import logging
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from random import Random
from time import monotonic
from typing import TextIO

import psycopg
import structlog

from ledger.errors import Conflict
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry, Request
from ledger.facts.lifecycle import CaseOpened, NoteRecorded, PartyRegistered
from ledger.store.books import Books
from ledger.store.head import Head
from ledger.store.ledger import Ledger, case_id_of
from ledger.store.sequencer import number_batch

MUNICIPALITY = "aarhus"
DAY = date(2026, 1, 5)
KAREN = Actor("u-fc-01", "Karen Lindholt", "familiecentret", "fc_raadgiver")
OWN_CASES, SHARED_CASES = 4, 6
CASE_LENGTH = 60
PATIENCE = 20  # seconds; a server's own housekeeping may hold numbering back for a moment
SMALL_BATCH = 3  # so that a kill often falls inside one


def opening(case_number: str) -> list[Draft]:
    """The first act of a case: the case and its child."""
    opened = CaseOpened(case_number=case_number, opened_on=DAY, subject="hjemmetraening", child="p-barn")
    child = PartyRegistered(party="p-barn", kind="child", name="Alma Vestergaard", cpr="010116-4444")
    return [Draft(opened, DAY, KAREN, "api"), Draft(child, DAY, KAREN, "api")]


def notes(*texts: str) -> list[Draft]:
    """An act of notes."""
    return [Draft(NoteRecorded(text=text, about="other", internal=False), DAY, KAREN, "api") for text in texts]


def after(ledger: Ledger, case_number: str) -> Head:
    """The head of a case as it is now."""
    case_id = case_id_of(ledger.municipality, case_number)
    return Head.of(case_id, ledger.entries(case_id))


def numbered(ledger: Ledger, count: int) -> int:
    """Numbers until so many are, and once more; says how many it was in all."""
    total, until = 0, monotonic() + PATIENCE
    while total < count and monotonic() < until:
        total += ledger.number()
    return total + ledger.number()


def log(ledger: Ledger) -> list[tuple[int, str, int]]:
    """Number, case and version of everything in the log."""
    return [(seq, str(entry.case_id), entry.version) for seq, entry in ledger.read_after(0, 100_000)]


def rows_gone_through(ledger: Ledger, url: str) -> int:
    """How many entries PostgreSQL has read by going through all there are, or through the log."""
    with ledger.recorder.datastore.get_connection() as asked:
        asked.execute("SELECT pg_stat_force_next_flush()")
    with psycopg.connect(url) as connection:
        counted = "SELECT sum(seq_tup_read)::int FROM pg_stat_user_tables WHERE relname IN ('entries', 'log')"
        ((read,),) = connection.execute(counted).fetchall()
        return read


class Writer:
    """Appends to cases of its own and to cases that other writers append to, knowing those as it last left them."""

    def __init__(self, ledger: Ledger, own: str, report: TextIO) -> None:
        self.ledger = ledger
        self.own = own
        self.report = report
        self.random = Random(own)  # noqa: S311  # which case comes next, not a secret
        self.heads: dict[str, Head] = {}
        self.lengths: dict[str, int] = {}

    def act(self) -> Sequence[Entry]:
        """Appends an act of one to five entries; after a lost race the case is read and the act tried again."""
        shared = self.random.random() < 0.2
        place = (
            f"alle-{self.random.randrange(SHARED_CASES)}"
            if shared
            else f"{self.own}-{self.random.randrange(OWN_CASES)}"
        )
        while True:
            number = f"{place}-{self.lengths.get(place, 0)}"
            head = self.heads.get(number, Head(case_id_of(MUNICIPALITY, number)))
            if head.version >= CASE_LENGTH:
                self.lengths[place] = self.lengths.get(place, 0) + 1
                continue
            many = self.random.choice((1, 1, 1, 1, 3, 5))
            drafts = opening(number) if head.version == 0 else notes(*["Moderen ringede om planen."] * many)
            try:
                done = self.ledger.append(head, drafts)
            except Conflict:
                print("conflict", file=self.report)
                self.heads[number] = after(self.ledger, number)
                continue
            last, subjects = done[-1], dict(head.subjects)
            for entry in done:
                subjects |= entry.subjects
            self.heads[number] = Head(head.case_id, last.version, last.seal, last.recorded_at, subjects, "p-barn")
            return done


def write(url: str, place: str, own: str, entries: int) -> None:
    """Appends at least so many entries, and names each that was committed."""
    written = 0
    with _book(url) as books, (Path(place) / own).open("w") as report:
        writer = Writer(books.book(MUNICIPALITY), own, report)
        while written < entries:
            done = writer.act()
            written += len(done)
            print(*(f"{entry.case_id} {entry.version}" for entry in done), sep="\n", file=report)


def write_together(url: str, place: str, writers: int, entries: int) -> None:
    """Processes that make the book and append to it at the same time."""
    fork = get_context("fork")  # before anything is open: they start at once, and start cheaply
    work = [fork.Process(target=write, args=(url, place, f"egen-{n}", entries // writers)) for n in range(writers)]
    for one in work:
        one.start()
    for one in work:
        one.join()
    sys.exit(any(one.exitcode for one in work))


def _reports(place: Path) -> list[list[str]]:
    return [line.split() for report in place.glob("egen-*") for line in report.read_text().splitlines()]


def committed(place: Path) -> list[tuple[str, int]]:
    """Case and version of every entry that a writer says it committed."""
    return [(line[0], int(line[1])) for line in _reports(place) if len(line) == 2]


def lost_races(place: Path) -> int:
    """How often a writer was told that another was first."""
    return _reports(place).count(["conflict"])


def number(ledger: Ledger) -> None:
    """Numbers in small batches until killed."""
    sys.stdout.write("numbering\n")
    sys.stdout.flush()
    while True:
        number_batch(ledger.recorder.datastore, SMALL_BATCH)


def die(ledger: Ledger, case_number: str, request: str) -> None:
    """Commits an act and is gone before anyone hears of it."""
    ledger.append(after(ledger, case_number), notes("Et", "To"), request=Request(request, "00"))
    os.kill(os.getpid(), signal.SIGKILL)


def _book(url: str) -> Books:
    return Books(url, lambda: datetime.now(UTC), os.environ["SAGSBOG_MASTER_KEY"])


def main(what: str, url: str, *more: str) -> None:
    """Does one of the above, and keeps its log to itself: nobody reads it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    if what == "write":
        write_together(url, more[0], int(more[1]), int(more[2]))
    with _book(url) as books:
        if what == "die":
            die(books.book(MUNICIPALITY), *more)
        else:
            number(books.book(MUNICIPALITY))


if __name__ == "__main__":
    main(*sys.argv[1:])
