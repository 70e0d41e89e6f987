"""A case in which everything happened once, every value of it telling by itself which field it stood in."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from ledger.facts.draft import Draft
from ledger.facts.entry import Actor
from ledger.facts.example import example
from ledger.facts.fact import Fact, catalogue
from ledger.facts.sentence import danish_day, kroner
from ledger.facts.shape import Shape, shape_of
from ledger.store.head import Head
from ledger.store.ledger import Ledger, case_id_of

NUMBER = "PRV-2022-00001"
CPRS = {"p-barn": "740916-0001", "p-mor": "700180-0002", "p-far": "700181-0003", "p-soes": "740912-0004"}
DAY = date(2022, 6, 9)
Asked = tuple[str, Mapping[str, Any]]
"""A type, and what of its data is not as in the example."""
LATER = {"EntryCorrected", "EntryAnnulled", "ActConfirmed", "ActRejected", "SubjectErased"}


class Telling:
    """Gives each sealed text and each amount a value that is nowhere else, and knows where it stands."""

    def __init__(self) -> None:
        self.stands: dict[str, tuple[int, str, str]] = {}
        """What is seen in JSON, to version, type and field."""
        self._oere = 1_000_001

    def data(self, fact_type: type[Fact], version: int, **instead: Any) -> dict[str, Any]:
        kept = {**example(fact_type), **instead}
        shape, name = shape_of(fact_type), fact_type.declared.type
        personal = {key: one for key, one in instead.items() if shape.fields[key].sealed and isinstance(one, str)}
        self.stands.update({one: (version, name, key) for key, one in personal.items()})
        return {
            key: value if key in instead else self._told(value, shape.fields[key], (version, name, key), sealed=False)
            for key, value in kept.items()
        }

    def _told(self, value: Any, shape: Shape, at: tuple[int, str, str], *, sealed: bool) -> Any:
        sealed = sealed or shape.sealed is not None
        if isinstance(value, dict):
            return {k: self._told(v, shape.fields.get(k, Shape()), at, sealed=sealed) for k, v in value.items()}
        if isinstance(value, list):
            return [self._told(one, shape.item or Shape(), at, sealed=sealed) for one in value]
        if shape.kind == "oere":
            self._oere += 1
            self.stands[kroner(self._oere).removesuffix(" kr.")] = self.stands[str(self._oere)] = at
            return self._oere
        if sealed and shape.kind == "day":
            day = date(1950, 1, 1) + timedelta(days=len(self.stands))
            self.stands[day.isoformat()] = self.stands[danish_day(day)] = at
            return day.isoformat()
        if sealed and shape.kind == "text":
            told = f"ord-{len(self.stands)}-slut"
            self.stands[told] = at
            return told
        return value


def record_everything(ledger: Ledger, actor: Actor, told: Telling, more: Sequence[Asked] = ()) -> UUID:
    """Every type of fact of a case that does not take others back, without asking any guard; gives the case's id."""
    case_id = case_id_of(ledger.municipality, NUMBER)
    facts = catalogue()
    parties = [
        ("PartyRegistered", {"party": party, "kind": kind, "custody": custody, "cpr": CPRS[party], "birth_date": born})
        for party, kind, custody, born in (
            ("p-barn", "child", None, "2014-09-16"),
            ("p-mor", "custody_holder", "joint", "1980-01-30"),
            ("p-far", "custody_holder", "joint", "1981-01-29"),
            ("p-soes", "sibling", None, "2012-09-15"),
        )
    ]
    opened = {"case_number": NUMBER, "child": "p-barn", "opened_on": "2022-06-09", "tracked_from": None}
    seen = {"CaseOpened", "PartyRegistered", "ConfidentialityChanged"} | LATER
    rest = [(name, {}) for name, one in facts.items() if name not in seen and "case" in one.declared.streams]
    versions: dict[str, int] = {}
    head = Head(case_id)
    for version, (name, instead) in enumerate([("CaseOpened", opened), *parties, *rest, *more], 1):
        fact_type = facts[name]
        fact = fact_type.model_validate(told.data(fact_type, version, **instead))
        refs = fact_type.declared.refs.values()
        found = {ref.name: versions[to] for ref in refs for to in ref.to[:1] if to in versions}
        (entry,) = ledger.append(head, [Draft(fact, DAY, actor, "import", found)])
        versions.setdefault(name, entry.version)
        head = Head.of(case_id, ledger.entries(case_id))
    return case_id


NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
