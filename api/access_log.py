"""The command that tells who has looked at a case: a parent's extract, or what staff may see of it."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from api.looking import look_at
from api.looks import access_log
from api.reading import reading
from api.tables import new_table
from api.terminal import (
    ActorOption,
    AsOfOption,
    Case,
    Format,
    FormatOption,
    KnownAtOption,
    PurposeOption,
    PurposeTextOption,
    app,
    open_books,
    point,
    show,
)
from ledger.facts.book import Purpose
from projections.access import moment


@app.command()
def access(
    case: Case,
    party: Annotated[str | None, typer.Option("--party", help="som denne part må se listen, fx p-mor")] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    purpose_text: PurposeTextOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Viser, hvem der har set sagen: hvornår, hvorfra, med hvilket formål og hvad de så."""
    reader, at = reading(as_, purpose, purpose_text), point(as_of, known_at)
    with open_books() as books:
        rows = list(access_log(look_at(books, reader, case, at, "access"), party))
        show(rows, lambda console: print_looks(console, rows), how)


def print_looks(console: Console, rows: Sequence[dict[str, Any]]) -> None:
    """The looks, newest first; with names when they may be told."""
    if not rows:
        console.print("Der er ikke registreret, at nogen har set sagen.")
        return
    named = "name" in rows[0]
    table = new_table("Tidspunkt", *(["Hvem"] if named else []), "Enhed", "Rolle", "Formål", "Hvad de så")
    for row in rows:
        who = [row["name"] or _A_CITIZEN] if named else []
        why = f"{row['purpose'].dansk}: {row['purpose_text']}" if row.get("purpose_text") else row["purpose"].dansk
        table.add_row(moment(row["at"]), *who, row["unit_name"], row["role_name"], why, row["what_names"])
    console.print(table)


_A_CITIZEN: Final = "en borger"
