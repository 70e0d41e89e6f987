"""The commands of `sagsbog`. Errors are one line on stderr: what, and what to do; never a traceback."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console

from api import access_log, acting, in_book, listing, logs, reading, recording, tables, tokens, usage
from api import demo as tour
from api.settings import Settings, wrong_settings
from api.terminal import (
    Format,
    FormatOption,
    app,
    check_arguments,
    console,
    first_line,
    open_books,
    say,
    show,
)
from commands.reading import why_unreadable
from ledger.errors import Fault, Invalid, SagsbogError
from ledger.store.books import database_errors
from projections.follower import Follower
from replay.rebuild import rebuild as rebuild_book
from replay.sweep import sweep as sweep_book
from replay.verify import verify as verify_book

__all__ = ["access_log", "acting", "in_book", "listing", "main", "reading", "recording", "tokens"]

T = TypeVar("T")


@app.command()
def verify(how: FormatOption = Format.TABLE) -> None:
    """Efterprøver segl, kæder og log ud fra de gemte registreringer."""
    with open_books() as books:
        found = [verify_book(book) for book in books.existing()]
        _show_books(found, tables.print_verified, how)
    if any(one.faults for one in found):
        raise typer.Exit(1)


@app.command()
def sweep(how: FormatOption = Format.TABLE) -> None:
    """Fjerner nøgler, som ingen registrering bruger, når sagsbogen er hel."""
    with open_books() as books:
        found = [sweep_book(book) for book in books.existing()]
        _show_books(found, tables.print_swept, how)
    if any(one.why_not for one in found):
        raise typer.Exit(1)


@app.command()
def rebuild(
    approve: Annotated[bool, typer.Option("--approve", help="tag de nye i brug, selv om de er anderledes")] = False,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, help="hvor mange der fortæller på én gang (ellers en pr. kerne)")
    ] = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Fortæller alle læsemodeller forfra, sammenligner dem og tager dem i brug."""
    with open_books() as books:
        found = [rebuild_book(book, approved=approve, processes=processes) for book in books.existing()]
        _show_books(found, tables.print_rebuilt, how)
    if not all(one.swapped for one in found):
        raise typer.Exit(1)


@app.command()
def status(how: FormatOption = Format.TABLE) -> None:
    """Viser, hvor langt læsemodellerne er fulgt med loggen."""
    with open_books() as books:
        found = [Follower(book).status() for book in books.existing()]
        _show_books(found, tables.print_status, how)


def _show_books(found: Sequence[T], draw: Callable[[Console, Sequence[T]], None], how: Format) -> None:
    """Shows something of every book; with none, an empty screen could be taken for a clean bill."""
    no_books = "Der er ingen sagsbog her endnu. Se SAGSBOG_DATABASE_URL."
    show(found, lambda console: draw(console, found) if found else console.print(no_books), how)


@app.command()
def demo(
    data: Annotated[Path | None, typer.Option("--data", metavar="DIR", help="mappe, der ikke findes endnu")] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="port til tjenesten")] = 8000,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="slut efter rundvisningen")] = False,
) -> None:
    """Lægger to opdigtede sager i en ny sagsbog, viser rundt i dem og kører tjenesten, til der trykkes Ctrl-C."""
    directory = data or Path(tempfile.mkdtemp(prefix="sagsbog-demo-"))
    if data is not None and data.exists():
        raise Invalid(Fault("--data", f"{data} findes allerede; vælg en mappe, der ikke findes"))
    tour.show(directory, console())
    if not no_serve:
        tour.serve(directory, port)


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="adressen, der lyttes på")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="porten; 0 = en ledig")] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="hvor mange processer")] = 1,
) -> None:
    """Kører tjenesten, til den får besked på at standse."""
    from api import serving  # noqa: PLC0415 - reading it in takes longer than most commands

    def told(address: str) -> None:
        say(f"Tjenesten kører på {address}. Dokumentation: {address}/docs. Stop med Ctrl-C.")

    serving.serve(Settings(), host, port, workers, told)


def main() -> None:
    """Runs a command and turns every error into one line and an exit code: 1 refused or failed, 2 wrong usage."""
    try:
        check_arguments(sys.argv[1:])
        logs.configure(Settings().log_level)
        code = app(standalone_mode=False)
    except typer.TyperException as error:
        sys.exit(_say(usage.told(error), 2))
    except SagsbogError as error:
        sys.exit(_say(str(error), 1))
    except (ValidationError, SettingsError) as error:
        sys.exit(_say(wrong_settings(error), 2))
    except database_errors() as error:
        sys.exit(_say(f"Databasen svarer ikke ({first_line(error)}). Intet halvt er gemt; prøv igen.", 1))
    except OSError as error:  # of the data directory, or of a rulebook's
        look = "Se SAGSBOG_DATABASE_URL, --data og --rulebook."
        sys.exit(_say(f"{error.filename or 'Filen'} {why_unreadable(error)}. {look}", 1))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    sys.exit(code or 0)


def _say(sentence: str, code: int) -> int:
    say(sentence)
    return code
