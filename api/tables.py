"""Read models as JSON for scripts and as tables for people."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Final
from unicodedata import category

import orjson
from pydantic import BaseModel
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ledger.facts.case import STATES
from ledger.facts.sentence import danish_day, listed, read_aloud
from ledger.facts.values import HIDDEN, Erased
from projections.cases import CasePage, CaseRow
from projections.decisions import DecisionRow
from projections.follower import Progress
from projections.history import HistoryRow
from replay.rebuild import Rebuilt
from replay.sweep import Swept
from replay.verify import Verified


def as_json(value: Any, *, indented: bool = False) -> bytes:
    """As JSON. An erased value is null, a hidden one absent; what could steer a terminal is escaped.

    `indented`: for people at a terminal, with a newline at the end.
    """
    option = orjson.OPT_UTC_Z | (orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE if indented else 0)
    try:
        told = orjson.dumps(value, _plain, option)
    except orjson.JSONEncodeError as error:
        if not isinstance(error.__cause__, _SomethingHiddenError):
            raise
        told = orjson.dumps(_without_hidden(value), _plain, option)
    return _RAW_CONTROL.sub(lambda found: b"\\u%04x" % ord(found[0].decode()), told)


_RAW_CONTROL: Final = re.compile(rb"\x7f|\xc2[\x80-\x9f]")
"""The control characters that JSON does not escape by itself, in UTF-8."""


class _SomethingHiddenError(Exception):
    """A hidden value was met: only the one who builds the object around it can leave it out."""


def _plain(value: Any) -> Any:
    if value is HIDDEN:
        raise _SomethingHiddenError
    if isinstance(value, Erased):
        return None
    if isinstance(value, BaseModel):
        return dict(value)
    if hasattr(value, "_asdict"):
        return value._asdict()
    raise TypeError(type(value).__name__)


def _without_hidden(value: Any) -> Any:
    """The value as plain lists and objects, without what is hidden."""
    if isinstance(value, list | tuple) and not hasattr(value, "_asdict"):
        return [_without_hidden(one) for one in value if one is not HIDDEN]
    if isinstance(value, Mapping):
        return {name: _without_hidden(one) for name, one in value.items() if one is not HIDDEN}
    if is_dataclass(value):
        return _without_hidden({one.name: getattr(value, one.name) for one in fields(value)})
    if isinstance(value, BaseModel) or hasattr(value, "_asdict"):
        return _without_hidden(_plain(value))
    return value


def printable(text: str) -> str:
    """The text as a terminal may get it: whatever could steer the terminal is a dot. Lines and spaces stay."""
    if text.isprintable():
        return text
    return "".join(char if char == "\n" or char.isprintable() or category(char) == "Zs" else "·" for char in text)


def styled(*parts: str | tuple[str, str]) -> Text:
    """A Text of values, each alone or with its style."""
    told = Text()
    for part in parts:
        value, style = (part, "") if isinstance(part, str) else part
        told.append(printable(value), style)
    return told


def print_cases(console: Console, rows: Sequence[CaseRow]) -> None:
    """The list of cases."""
    table = new_table("Sagsnummer", "Kommune", "Tilstand", "Siden", "Version", "Oprettet")
    for row in rows:
        since = danish_day(row.state_since) if row.state_since else "–"
        table.add_row(
            row.case_number, row.municipality, STATES[row.state], since, str(row.version), danish_day(row.opened_on)
        )
    console.print(table if rows else "Der er ingen sager.")


def print_case(console: Console, page: CasePage) -> None:
    """A case on one page."""
    console.print(styled((page.case_number, "bold"), f" · {page.municipality} · {STATES[page.state]}"))
    since = f" siden {danish_day(page.state_since)}" if page.state_since else ""
    console.print(f"Pr. {danish_day(page.as_of)}: {STATES[page.state]}{since}; version {page.version}.")
    table = new_table("Part", "Rolle", "Navn", "Fødselsdag", "Forældremyndighed")
    for party in page.parties:
        born = party.birth_date
        table.add_row(
            party.party,
            party.kind.dansk,
            str(party.name),
            danish_day(born) if born and not isinstance(born, Erased) else str(born or "–"),
            party.custody.dansk if party.custody else "–",
        )
    console.print(table)
    if not page.metrics:  # the reader may not see them
        return
    days = page.metrics.get("first_decision_days")
    waited = "" if days is None else f"Fra ansøgning til første afgørelse: {days} dage. "
    console.print(f"{waited}Tilsyn holdt: {page.metrics['tilsyn_held']}. Klager: {page.metrics['complaints']}.")


def print_history(console: Console, rows: Iterable[HistoryRow]) -> None:
    """The timeline; what was corrected or annulled stays, struck through."""
    table = new_table("Dag", "Ver.", "Hændelse", "Registreret af")
    for row in rows:
        told: list[str | tuple[str, str]] = []
        if row.original_sentence:
            told += [(row.original_sentence, "strike"), f" rettet i {_versions(row.corrected_by)}\n"]
        told.append((row.sentence, "strike" if row.annulled_by else ""))
        if row.annulled_by:
            told.append(f" annulleret i {_versions([row.annulled_by])}")
        by = f"{row.actor.name}{' (ifølge filen)' if row.imported else ''}"
        table.add_row(row.occurred_on.isoformat(), str(row.version), styled(*told), by)
    console.print(table)


def print_register(console: Console, rows: Sequence[DecisionRow], units: Mapping[str, str]) -> None:
    """The decision register, a line each."""
    table = new_table("Sendt", "Afgørelse", "Resultat", "Afgjort af", "Hjemmel")
    for row in rows:
        title = f"{row.title}: {row.subject}" if row.subject else row.title
        hjemmel = "; ".join(row.hjemmel) or "–"
        table.add_row(row.sent_on.isoformat(), title, read_aloud(row.resultat), _unit(row.decided_by, units), hjemmel)
    console.print(table if rows else "Der er ikke truffet afgørelser.")


def print_decisions(console: Console, rows: Sequence[DecisionRow], units: Mapping[str, str]) -> None:
    """The decision register in full."""
    for row in rows:
        console.print(styled((f"{danish_day(row.sent_on)} · {row.title}", "bold"), f" (version {row.version})"))
        console.print(Padding(styled(row.sentence), _INDENT))
        _print(console, "Resultat", f"{read_aloud(row.resultat)} – {read_aloud(row.favourable)}")
        _print(console, "Hjemmel", listed(row.hjemmel))
        _print(console, "Begrundelse", read_aloud(row.begrundelse))
        when = f", truffet {danish_day(row.decided_on)}" if row.decided_on else ""
        _print(console, "Afgjort af", f"{read_aloud(row.decided_by_name)}, {_unit(row.decided_by, units)}{when}")
        by = row.recorded_by
        claimed = " (ifølge kilden)" if row.recorded_by_is_claimed else ""
        _print(console, "Registreret af", f"{by.name}, {_unit(by.unit, units)}{claimed}")
        _print(console, "Klagevejledning", _guidance(row, units))
        console.print()
    if not rows:
        console.print("Der er ikke truffet afgørelser.")


_INDENT = (0, 0, 0, 2)


def _unit(slug: str | None, units: Mapping[str, str]) -> str:
    return "–" if slug is None else units.get(slug, slug)


def _guidance(row: DecisionRow, units: Mapping[str, str]) -> str:
    guide = row.klagevejledning
    if guide is None:
        return "ingen"
    return f"{str(guide.instans).capitalize()}, {guide.frist_uger} uger, sendes til {_unit(guide.sendes_til, units)}"


def _print(console: Console, label: str, value: str) -> None:
    console.print(Padding(styled((f"{label}: ", "dim"), value), _INDENT))


def print_verified(console: Console, found: Sequence[Verified]) -> None:
    """What verification found."""
    for one in found:
        verdict = "intet er ændret" if not one.faults else f"{len(one.faults)} fejl"
        console.print(
            f"{one.municipality}: {one.entries} registreringer i {one.streams} forløb er efterprøvet: {verdict}."
        )
        for fault in one.faults:
            console.print(f"  {fault}")
        if one.not_numbered:
            console.print(f"  {one.not_numbered} registreringer venter på deres nummer i loggen.")


def print_swept(console: Console, found: Sequence[Swept]) -> None:
    """What a sweep removed, or why it did not."""
    for one in found:
        console.print(one.told)


def print_rebuilt(console: Console, found: Sequence[Rebuilt]) -> None:
    """What a rebuild told, and whether it was put into use."""
    for one in found:
        whole = "alt i loggen er med" if one.complete else "noget i loggen er ikke med"
        console.print(f"{one.municipality}: {one.cases} sager, {one.versions} registreringer; {whole}.")
        table = new_table("Læsemodel", "Rækker", "Før", "Ens")
        for model in one.models:
            table.add_row(model.model, str(model.rows), str(model.live_rows), read_aloud(model.equal))
        console.print(table)
        console.print(
            "Taget i brug." if one.swapped else "Ikke taget i brug: se forskellene, og kør evt. med --approve."
        )


def print_status(console: Console, found: Sequence[Progress]) -> None:
    """How far the read models have followed the log."""
    table = new_table(
        "Kommune", "Log", "Fortalt til", "Mangler", "Uden nummer", "Sager", "Fortælles igen", "Gældende lov"
    )
    for one in found:
        numbers = (one.log_size, one.cursor, one.lag, one.not_numbered, one.cases, one.to_tell_again)
        table.add_row(one.municipality, *map(str, numbers), read_aloud(one.current_law))
    console.print(table)


def _versions(versions: Iterable[int]) -> str:
    return f"version {counted(versions)}"


def new_table(*columns: str, right: Collection[str] = ()) -> Table:
    """An empty table whose cells wrap; the columns named in `right` hold numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column in right else "left")
    return table


def by_number(name: str) -> tuple[str, int, str]:
    """The key that puts P2 before P10 in a table for people."""
    letters = name.rstrip("0123456789")
    return letters, int(name.removeprefix(letters)[:_DIGITS] or 0), name


_DIGITS: Final = 9


def counted(versions: Iterable[int]) -> str:
    """Versions as people write them: 3, 5-9 and 12."""
    runs: list[list[int]] = []
    for version in sorted(set(versions)):
        if runs and runs[-1][-1] == version - 1:
            runs[-1][1:] = [version]
        else:
            runs.append([version])
    return listed("-".join(map(str, run)) for run in runs)
