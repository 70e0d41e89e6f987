"""What the commands share: the books, the options, and how answers are shown."""

import getpass
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from api.settings import Settings
from api.tables import as_json
from ledger.errors import Fault, Invalid
from ledger.facts.book import Purpose
from ledger.facts.entry import Actor, RefValue
from ledger.store.books import Books
from replay.as_of import Point

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they would print the values of variables
    help="Sagsbogen for hjemmetræning.",
)


class Format(StrEnum):
    """How an answer is shown."""

    TABLE = "table"
    JSON = "json"


Case = Annotated[str, typer.Argument(metavar="CASE", help="sagsnummer eller sags-id")]
FormatOption = Annotated[Format, typer.Option("--format", help="table til mennesker, json til programmer")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="hvad der var sket på den dag")]
KnownAtOption = Annotated[
    str | None, typer.Option("--known-at", metavar="INSTANT", help="hvad man vidste da (dag eller tidspunkt med zone)")
]
ActorOption = Annotated[str | None, typer.Option("--as", metavar="USER:UNIT:ROLE", help="hvem du er")]
PurposeOption = Annotated[Purpose, typer.Option("--purpose", help="formålet med at se oplysningerne")]
RequestIdOption = Annotated[
    str | None, typer.Option("--request-id", help="samme id igen giver den første kvittering igen")
]


@contextmanager
def open_books() -> Iterator[Books]:
    """The books that the settings name. Says so when it made a master key."""
    settings = Settings()
    with Books(settings.database_url, lambda: datetime.now(UTC), settings.master_key) as books:
        try:
            yield books
        finally:
            if books.new_key_at:
                typer.echo(f"Ny hovednøgle i {books.new_key_at}: gem en kopi et andet sted end sagsbogen.", err=True)


def show(value: Any, as_table: Callable[[Console], None], how: Format) -> None:
    """Prints an answer: JSON alone on stdout, or what `as_table` draws."""
    if how is Format.JSON:
        sys.stdout.buffer.write(as_json(value))
        sys.stdout.buffer.flush()
    else:
        as_table(console())


def console() -> Console:
    """Standard output for people: as wide as the terminal, or wide enough when it goes to a file."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)


_WIDE: Final = 120


def read_day(text: str, option: str) -> date:
    """A day from the command line."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise Invalid(Fault(option, f"{text!r} er ikke en dato, der findes (ÅÅÅÅ-MM-DD)"))
    return day


def point(as_of: str | None, known_at: str | None) -> Point:
    """The point in time that the options name."""
    day = read_day(as_of, "--as-of") if as_of is not None else None
    if known_at is None:
        return Point(day)
    if len(known_at) == len("2026-01-31"):
        return Point(day, read_day(known_at, "--known-at"))
    try:
        instant = datetime.fromisoformat(known_at)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Invalid(Fault("--known-at", "skal være en dag eller et tidspunkt med zone (fx 2026-01-31T12:00:00Z)"))
    return Point(day, instant)


_PARTS: Final = 3


def read_actor(text: str | None) -> Actor:
    """The one who records, as claimed on the command line."""
    if text is None:
        raise Invalid(Fault("--as", "mangler: BRUGER:ENHED:ROLLE, fx u-fc-01:familiecentret:fc_raadgiver"))
    parts = text.split(":")
    if len(parts) != _PARTS or not all(parts):
        raise Invalid(Fault("--as", f"{text!r} skal have formen BRUGER:ENHED:ROLLE"))
    user, unit, role = parts
    return Actor(user, user, unit, role, claimed=True)


def reader(text: str | None) -> Actor:
    """The one who reads: as claimed, else the operating system's user."""
    if text is not None:
        return read_actor(text)
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        user = f"uid-{os.getuid()}"
    return Actor(user, user, "drift", "drift", claimed=True)


def read_refs(options: list[str]) -> dict[str, RefValue]:
    """Refs from NAME=VERSION or NAME=VERSION,VERSION. A trailing comma makes a list of one."""
    found: dict[str, RefValue] = {}
    for option in options:
        name, _, versions = option.partition("=")
        numbers = [part for part in versions.split(",") if part]
        if not name or not numbers or not all(part.isascii() and part.isdecimal() for part in numbers):
            raise Invalid(Fault("--ref", f"{option!r} skal have formen NAVN=VERSION eller NAVN=VERSION,VERSION"))
        if name in found:
            raise Invalid(Fault("--ref", f"{name} er givet to gange; skriv versionerne i én: {name}=1,2"))
        many = tuple(int(part) for part in numbers)
        found[name] = many if "," in versions else many[0]
    return found
