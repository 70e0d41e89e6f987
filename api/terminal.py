"""What the commands share: the books, the options, and how answers are shown."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.text import Text

from api import points
from api.settings import Settings
from api.tables import as_json, printable
from ledger.errors import Fault, Invalid
from ledger.facts.book import Purpose
from ledger.facts.entry import RefValue
from ledger.law.law import Law
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
RulebookOption = Annotated[
    str | None, typer.Option("--rulebook", help="et andet regelsæt: version, fingeraftryk eller mappe")
]
PurposeOption = Annotated[Purpose, typer.Option("--purpose", help="formålet med at se oplysningerne")]
PurposeTextOption = Annotated[str | None, typer.Option("--purpose-text", help="formålet med egne ord")]
RequestIdOption = Annotated[
    str | None, typer.Option("--request-id", help="samme id igen giver den første kvittering igen")
]


def now() -> datetime:
    """The clock of the command line."""
    return datetime.now(UTC)


def law_of(books: Books, municipality: str) -> Law:
    """The law a municipality works under: with the rates of its book, when it has one."""
    book = books.made(municipality)
    return book.law() if book else Law(books.rulebook, books.rulebook.municipalities[municipality])


@contextmanager
def open_books() -> Iterator[Books]:
    """The books that the settings name. Says so when it made a master key."""
    settings = Settings()
    with Books(settings.database_url, now, settings.master_key) as books:
        try:
            yield books
        finally:
            if books.new_key_at:
                say(f"Ny hovednøgle i {books.new_key_at}: gem en kopi et andet sted end sagsbogen.")


def show(value: Any, as_table: Callable[[Console], None], how: Format) -> None:
    """Prints an answer: JSON alone on stdout, or what `as_table` draws."""
    if how is Format.JSON:
        sys.stdout.buffer.write(as_json(value, indented=True))
        sys.stdout.buffer.flush()
    else:
        as_table(console())


class _Plain(Console):
    """A console that takes every text as it is: no markup, no emoji codes, nothing that steers the terminal."""

    def render_str(self, text: str, **how: Any) -> Text:
        return super().render_str(printable(text), **how)


def console() -> Console:
    """Standard output for people: as wide as the terminal, or wide enough when it goes to a file."""
    return _Plain(markup=False, emoji=False, highlight=False, width=None if sys.stdout.isatty() else _WIDE)


_WIDE: Final = 120


def say(sentence: str) -> None:
    """One line on standard error."""
    sys.stderr.write(printable(" ".join(sentence.split())) + "\n")


def first_line(error: Exception) -> str:
    """What an error says first."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def check_arguments(arguments: list[str]) -> None:
    """Refuses bytes that are not UTF-8: they arrive as lone surrogates, which can neither be kept nor shown."""
    before = ""
    for number, argument in enumerate(arguments, 1):
        try:
            argument.encode()
        except UnicodeEncodeError:
            option = f" (efter {before})" if before.startswith("--") else ""
            raise Invalid(Fault("", f"Argument {number}{option} er ikke gyldig UTF-8.")) from None
        before = argument


def point(as_of: str | None, known_at: str | None, rulebook: str | None = None) -> Point:
    """The point in time that the options name."""
    return points.point(as_of, known_at, rulebook, called=lambda name: f"--{name.replace('_', '-')}")


_VERSION: Final = re.compile(r"[0-9]{1,9}")


def read_refs(options: list[str]) -> dict[str, RefValue]:
    """Refs from NAME=VERSION or NAME=VERSION,VERSION. A trailing comma makes a list of one."""
    found: dict[str, RefValue] = {}
    for option in options:
        name, _, versions = option.partition("=")
        numbers = [part for part in versions.split(",") if part]
        if not name or not numbers or not all(_VERSION.fullmatch(part) for part in numbers):
            raise Invalid(Fault("--ref", f"{option!r} skal have formen NAVN=VERSION eller NAVN=VERSION,VERSION"))
        if name in found:
            raise Invalid(Fault("--ref", f"{name} er givet to gange; skriv versionerne i én: {name}=1,2"))
        many = tuple(int(part) for part in numbers)
        found[name] = many if "," in versions else many[0]
    return found
