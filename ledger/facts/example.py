"""An example of each fact type, for the documentation and the API. The persons are invented."""

import types
from functools import cache
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from ledger.facts import values
from ledger.facts.fact import Fact

_DAY: Final = "2022-06-09"
_OF_ALIAS: Final[tuple[tuple[Any, Any], ...]] = (
    (values.Day, _DAY),
    (values.Version, 1),
    (values.Count, 2),
    (values.Year, 2022),
    (values.Oere, 420_000),
    (values.X100, 2_000),
    (values.Id, "x-1"),
    (values.PartyRef, "p-mor"),
    (values.TypeName, "NoteRecorded"),
    (values.FactRef, 1),
    (values.SlugText, "familiecentret"),
    (values.LawText, "serviceloven § 32 a, stk. 1"),
    (values.PublicText, "Offentlig kilde"),
    (values.StaffName, "Karen Lindholt"),
    (values.MediaType, "application/pdf"),
    (values.CaseNumber, "AAR-2021-00417"),
    (values.Sha256, "00" * 32),
    (values.PlainText, "Forældrene træner hver formiddag."),
    (values.Cpr, "740916-0002"),
    (values.Cvr, "00000000"),
    (values.AccountNumber, "0000 0000000000"),
    (values.Phone, "0000 0000"),
    (AwareDatetime, f"{_DAY}T12:00:00Z"),
)
_OF_TYPE: Final[dict[Any, Any]] = {
    bool: True, int: 1, str: "eksempel", UUID: "00000000-0000-4000-8000-000000000001", Any: None,
}  # fmt: skip
_OF_FIELD: Final = {
    ("CaseOpened", "child"): "p-barn",
    ("PartyRegistered", "name"): "Sofie Prøve Nordhavn",
    ("PartyRegistered", "address"): "Solsortevej 900, 8999 Prøveby",
    ("PartyRegistered", "email"): "sofie@example.test",
    ("EntryCorrected", "field"): "text",
    ("EntryCorrected", "old"): "Moren ringede.",
    ("EntryCorrected", "new"): "Faren ringede.",
    ("ActProposed", "proposed_type"): "NoteRecorded",
    ("ActProposed", "data"): {"text": "Faren ringede.", "about": "phone_call", "internal": False},
    ("EnquiriesCounted", "months_covered"): 12,
    ("ReportIssued", "content"): "ZWtzZW1wZWw=",
    ("AccessLogged", "period"): "access-2022",
    ("ReportIssued", "period"): "report-2022",
    ("MandateRegistered", "event_types"): ["BudgetPostApproved"],
}


@cache
def example(fact_type: type[Fact]) -> dict[str, Any]:
    """Data of the type with every field filled in."""
    return _of_model(fact_type, fact_type.declared.type)


def _of_model(model: type[BaseModel], name: str) -> dict[str, Any]:
    hints = get_type_hints(model, include_extras=True)
    return {
        info.alias or field: _OF_FIELD[name, field] if (name, field) in _OF_FIELD else _of(hints[field], name)
        for field, info in model.model_fields.items()
    }


def _of(hint: Any, name: str) -> Any:
    for alias, value in _OF_ALIAS:
        if hint == alias:
            return value
    origin = get_origin(hint)
    if origin is Annotated:
        plain = values.without_data_kind(hint)
        return _of(get_args(hint)[0] if plain == hint else plain, name)
    if origin in (Union, types.UnionType):
        return _of(next(one for one in get_args(hint) if one not in (type(None), values.Erased)), name)
    if origin is tuple:
        return [_of(get_args(hint)[0], name)]
    if origin is dict:
        return {}
    if origin is Literal:
        return get_args(hint)[0]
    if isinstance(hint, type) and issubclass(hint, values.Slug):
        return next(iter(hint)).value
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return _of_model(hint, name)
    return _OF_TYPE[hint]
