"""What answers about parts of a case share: which entry is meant, what came before, and what that makes of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from ledger.errors import NotFound
from ledger.facts.entry import Entry
from ledger.facts.fact import Fact
from ledger.facts.sentence import danish_day
from replay.answers import Found

F = TypeVar("F", bound=Fact)


def on(day: date) -> str:
    """`den 9. juni 2022`."""
    return f"den {danish_day(day)}"


def joined(*parts: str | None) -> str:
    """The sentences there are, one after the other."""
    return " ".join(part for part in parts if part)


def verdict(found: Sequence[bool | None]) -> str:
    """Nej when it fails for one, Ja when it holds for all; None = it cannot be said (yet)."""
    if False in found:
        return "Nej."
    return "Ja." if found and all(found) else "Det kan ikke siges endnu."


def headed(lead: str, found: Found) -> Found:
    """An answer that begins with what it comes down to."""
    return replace(found, sentence=joined(lead, found.sentence))


def was_before(one: Entry[Any], other: Entry[Any]) -> bool:
    """Whether an entry was on record, and had happened, when another was made."""
    return one.version < other.version and one.occurred_on <= other.occurred_on


def chosen(entries: Sequence[Entry[F]], version: int | None) -> Entry[F] | None:
    """The entry asked about: that of the version, else the newest; None when there is none at all."""
    if version is None:
        return entries[-1] if entries else None
    found = next((entry for entry in entries if entry.version == version), None)
    if found is None:
        raise NotFound(f"Nr. {version} er ikke en registrering, som spørgsmålet kan handle om.")
    return found


def versions_of(*groups: Iterable[Entry[Any]]) -> set[int]:
    """The versions of entries."""
    return {entry.version for group in groups for entry in group}
