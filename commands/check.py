"""From what someone wants to record to a draft: the fact, its refs, its parties, and the guards every fact meets.

Invalid (422) is what cannot be understood or points at nothing; Refused (409) is a guard that said no.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter

from commands.reading import NOT_A_DAY, read_as
from commands.so_far import CaseSoFar
from ledger.cpr import holds_cpr
from ledger.errors import Conflict, FailedGuard, Fault, Invalid
from ledger.facts.acts import BY_TWO, approver_fields
from ledger.facts.draft import Draft
from ledger.facts.entry import Entry, RefValue, versions_in
from ledger.facts.fact import Fact, Ref, catalogue
from ledger.facts.history import plain, set_at, value_at
from ledger.facts.lifecycle import CaseOpened, EntryAnnulled, EntryCorrected, PartyRegistered
from ledger.facts.shape import Shape, leaves, shape_of
from ledger.facts.values import CHILD, Day
from ledger.law.guards import Guard, failing
from ledger.law.guards.seen import Seen
from ledger.store.codec import shape_in_case

FUTURE: Final = FailedGuard(
    "G33",
    "Datoen ligger i fremtiden.",
    "sagsbogens regel: det, der er sket, registreres, når det er sket",
    "occurred_on",
)
CPR_IN_TEXT: Final = FailedGuard(
    "G34",
    "Teksten indeholder et CPR-nummer; brug en henvisning til parten.",
    "databeskyttelsesloven § 11 (personnumre); sagsbogens regel: de står kun ved parten",
)


def fact_type(name: str, stream: str = "case") -> type[Fact]:
    """The class of a stored name; Invalid when there is none, or it does not belong in such a stream."""
    found = catalogue().get(name)
    if found is None:
        raise Invalid(Fault("type", f"hændelsestypen {name!r} findes ikke; se docs/events.md"))
    if stream not in found.declared.streams:
        raise Invalid(Fault("type", f"{name} hører ikke til på en sag"))
    return found


@cache
def _adapter(cls: type[Fact]) -> TypeAdapter[Fact]:
    return TypeAdapter(cls)


def read_fact(cls: type[Fact], data: Any) -> Fact:
    """The fact that plain JSON data describes; Invalid names each field that is wrong."""
    fact = read_as(_adapter(cls), data, at="data")
    days = (path for path, value, node in leaves(shape_of(cls), data) if node.kind == "day" and not is_day(value))
    odd = [Fault(path, NOT_A_DAY) for path in days]
    if odd:
        raise Invalid(*odd)
    return fact


def _corrected_day(fact: Fact) -> date | None:
    """The day that a correction gives to an entry."""
    if isinstance(fact, EntryCorrected) and fact.field in ("occurred_on", "sent_on") and fact.new is not None:
        return date.fromisoformat(fact.new)
    return None


def is_day(value: Any) -> bool:
    """Whether a value that reads as a date is written as one: a number of seconds in quotes reads as one, too."""
    return value is None or (isinstance(value, str) and bool(_DAY.fullmatch(value)))


_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def check(
    fact: Fact, occurred_on: date, recorded_on: date, refs: Mapping[str, RefValue], case: CaseSoFar
) -> list[FailedGuard]:
    """What every fact must meet, on the case so far: raises Invalid, and gives G33 and G34 when they say no.

    `recorded_on` is the Danish day it is (or is said to have been) recorded.
    """
    wrong = [*_opening_faults(fact, case), *_ref_faults(fact.declared.refs, refs, case)]
    if wrong:
        raise Invalid(*wrong)
    if isinstance(fact, EntryCorrected):
        check_correction(fact, case, refs)
    if isinstance(fact, EntryAnnulled):
        check_annulment(case, refs)
    data = fact.as_data()
    shape, _ = shape_in_case(type(fact), data, refs, case.at)
    found = list(leaves(shape, data))
    wrong = list(_pointer_faults(fact, found, case))
    if wrong:
        raise Invalid(*wrong)
    guards = [FUTURE] if max(occurred_on, _corrected_day(fact) or occurred_on) > recorded_on else []
    for path, value, node in found:
        replaced = f"{path}.".startswith("data.old.")  # what is taken away may be what should not have stood there
        if node.kind == "text" and isinstance(value, str) and holds_cpr(value) and not replaced:
            guards.append(replace(CPR_IN_TEXT, field=path))
    return guards


def refusing(guards: Iterable[Guard]) -> list[FailedGuard]:
    """The guards among those failing that refuse a live fact."""
    return [guard.failed() for guard in guards if guard.blocks]


def failing_now(fact: Draft | Entry[Any], case: CaseSoFar) -> list[Guard]:
    """Every guard that says no to the next fact of the case so far, blocking or not."""
    seen = Seen(case.told, case.law, len(case.entries) + 1, fact.occurred_on, fact.actor, fact.refs, fact.on_behalf_of)
    return failing(fact.fact, seen)


def _opening_faults(fact: Fact, case: CaseSoFar) -> Iterator[Fault]:
    opens = isinstance(fact, CaseOpened)
    if opens and case.entries:
        yield Fault("type", "sagen er allerede oprettet")
    if not opens and not case.entries:
        yield Fault("type", "den første hændelse på en sag skal være CaseOpened")


def _ref_faults(declared: Mapping[str, Ref], refs: Mapping[str, RefValue], case: CaseSoFar) -> Iterator[Fault]:
    for name in declared:
        if declared[name].required and name not in refs:
            yield Fault(f"refs.{name}", "mangler")
    for name, value in refs.items():
        ref = declared.get(name)
        if ref is None:
            known = ", ".join(declared) or "ingen"
            yield Fault(f"refs.{name}", f"er en ukendt henvisning; typens henvisninger: {known}")
        elif isinstance(value, tuple) != ref.many:
            yield Fault(f"refs.{name}", "skal være en liste af henvisninger" if ref.many else "skal være én henvisning")
        else:
            for version in value if isinstance(value, tuple) else (value,):
                yield from _target_faults(ref, version, case)


def _target_faults(ref: Ref, version: int, case: CaseSoFar) -> Iterator[Fault]:
    if not 1 <= version <= len(case.entries):
        yield Fault(f"refs.{ref.name}", f"peger på version {version}, som ikke findes endnu")
        return
    target = case.at(version)
    if ref.to and target.type not in ref.to:
        yield Fault(f"refs.{ref.name}", f"peger på {target.type}, men skal pege på {' eller '.join(ref.to)}")
    if version in case.annulled and ref.name != "target":
        yield Fault(f"refs.{ref.name}", f"peger på version {version}, som er annulleret")
    if ref.decision and not target.fact.decides:
        yield Fault(f"refs.{ref.name}", f"peger på {target.type}, som ikke er en afgørelse")


def _pointer_faults(fact: Fact, found: Sequence[tuple[str, Any, Shape]], case: CaseSoFar) -> Iterator[Fault]:
    own = {fact.party} if isinstance(fact, PartyRegistered) else {fact.child} if isinstance(fact, CaseOpened) else set()
    for path, value, node in found:
        if node.kind == "party" and value not in case.parties | own:
            yield Fault(path, f"parten {value} er ikke registreret på sagen")
        points = node.kind in ("entry", "entry_or_document")
        if points and isinstance(value, int) and not 1 <= value <= len(case.entries):
            yield Fault(path, f"peger på version {value}, som ikke findes endnu")
        if points and isinstance(value, str) and value not in case.documents:
            yield Fault(
                path, f"peger på {value!r}, som hverken er en tidligere hændelse eller et journaliseret dokument"
            )


def check_correction(fact: EntryCorrected, case: CaseSoFar, refs: Mapping[str, RefValue]) -> None:
    """Whether the field exists, holds the old value now, and can hold the new one."""
    target = _standing(case, refs)
    if isinstance(target.fact, (EntryCorrected, EntryAnnulled, *BY_TWO)):
        raise Invalid(
            Fault("refs.target", f"{target.type} rettes ikke; ret eller annullér den oprindelige registrering")
        )
    if target.erased:
        raise Invalid(Fault("refs.target", f"oplysninger på version {target.version} er slettet og kan ikke rettes"))
    if fact.field.partition(".")[0] in _fixed(type(target.fact)):
        sentence = (
            f"{fact.field} på {target.type} kan ikke rettes, fordi andet bygger på det; annullér, og registrér igen"
        )
        raise Invalid(Fault("data.field", sentence))
    if fact.field == "occurred_on":
        current: Any = target.occurred_on.isoformat()
        read_as(_DAY_READER, fact.new, at="data.new")
        if not is_day(fact.new) or fact.new is None:
            raise Invalid(Fault("data.new", NOT_A_DAY))
    else:
        data = target.fact.as_data()
        current = value_at(data, fact.field)
        _check_new_value(type(target.fact), data, fact)
    if fact.old != current:
        raise Conflict(
            f"{fact.field} på version {target.version} er ikke den gamle værdi, der er angivet; hent sagen igen.",
            len(case.entries),
        )


_DAY_READER: Final = TypeAdapter(Day)


def _fixed(cls: type[Fact]) -> set[str]:
    """Fields that the case, or the sealing of the fact's other fields, is built on; and who approved."""
    nodes = shape_of(cls).fields.values()
    subjects = {node.sealed.subject for node in nodes if node.sealed and node.sealed.subject != CHILD}
    built_on = {"case_number", "child"} if cls is CaseOpened else set()
    return subjects | built_on | set(approver_fields(cls.model_fields))


def _check_new_value(cls: type[Fact], data: dict[str, Any], fact: EntryCorrected) -> None:
    try:
        set_at(data, fact.field.split("."), fact.new)
    except (LookupError, TypeError):
        raise Invalid(Fault("data.field", f"{fact.field} findes ikke på {cls.declared.type}")) from None
    read_fact(cls, data)


def check_annulment(case: CaseSoFar, refs: Mapping[str, RefValue]) -> None:
    """A case cannot lose its opening, nor a party that other entries name."""
    target = _standing(case, refs)
    if isinstance(target.fact, BY_TWO):
        raise Invalid(
            Fault(
                "refs.target",
                f"{target.type} annulleres ikke; afvis forslaget, eller annullér det, der blev registreret",
            )
        )
    if isinstance(target.fact, CaseOpened):
        raise Invalid(Fault("refs.target", "oprettelsen af sagen kan ikke annulleres; luk sagen i stedet"))
    if isinstance(target.fact, PartyRegistered) and _is_needed(target.fact.party, target.version, case):
        raise Invalid(
            Fault("refs.target", f"parten {target.fact.party} bruges af andre registreringer og kan ikke annulleres")
        )


def _standing(case: CaseSoFar, refs: Mapping[str, RefValue]) -> Entry[Any]:
    (version,) = versions_in(refs["target"])
    target = case.now_reads(version)
    if target is None:
        raise Invalid(Fault("refs.target", f"version {version} er allerede annulleret"))
    return target


def _is_needed(party: str, version: int, case: CaseSoFar) -> bool:
    others = [entry for entry in case.entries if entry.version != version and entry.version not in case.annulled]
    if any(isinstance(entry.fact, PartyRegistered) and entry.fact.party == party for entry in others):
        return False
    return any(party in _parties_named(entry, case) for entry in others)


def _parties_named(entry: Entry[Any], case: CaseSoFar) -> set[str]:
    data = plain(entry.fact)
    shape, _ = shape_in_case(type(entry.fact), data, entry.refs, case.at)
    return {value for _, value, node in leaves(shape, data) if node.kind == "party" and isinstance(value, str)}
