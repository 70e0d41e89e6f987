"""Writes the documentation that is generated from the code (make docs). Tests fail when it is stale."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from ledger.facts import values
from ledger.facts.example import example
from ledger.facts.fact import DECISION_REFS, Decision, Fact, Ref, catalogue
from ledger.facts.shape import shape_of
from ledger.facts.values import CHILD, Erased, Meaning, Slug
from tests.write_openapi import openapi_json
from tests.write_rules import rules_md
from tests.write_settings import PAGE as SETTINGS
from tests.write_settings import settings_md

DOCS = Path(__file__).parent.parent / "docs"
_KINDS = {
    values.Day: "date", values.Version: "version", values.Count: "count", values.Year: "year", values.Oere: "øre",
    values.X100: "hundredths", values.Id: "id", values.DocumentId: "document id", values.PartyRef: "party",
    values.TypeName: "fact type",
    values.EntryRef: "version", values.FactRef: "version or document id", values.SlugText: "slug",
    values.LawText: "law", values.PublicText: "public text", values.StaffName: "name of staff",
    values.MediaType: "media type", values.CaseNumber: "case number", values.Sha256: "SHA-256",
    values.PlainText: "text", values.Cpr: "CPR", values.Cvr: "CVR", values.AccountNumber: "account",
    values.Phone: "phone", bool: "yes/no", str: "text", int: "number", Any: "value",
}  # fmt: skip


def events_md() -> str:
    """docs/events.md: every fact type, by area."""
    return "\n".join(_events()) + "\n"


def _events() -> Iterator[str]:
    facts = catalogue()
    yield "# Fact types"
    yield ""
    yield f"Generated from the classes in `ledger/facts` (`make docs`). {len(facts)} types."
    yield ""
    yield "Sealed: **P** personal, **S** sensitive – encrypted under the key of the party named; `child` is the case's"
    yield "child. Everything else is kept in clear. Recorded by: the tasks of `ledger/law/rulebooks/*/*.toml`."
    yield "Data: the kind of data, which decides who sees it (`ledger/law/seeing.toml`); of a field where it differs."
    areas = {area: [fact for fact in facts.values() if fact.declared.area == area] for area in _areas(facts)}
    for area, types in areas.items():
        yield ""
        yield f"## {area}"
        for fact in types:
            yield from _event(fact)
    yield ""
    yield "## The decision trait"
    yield ""
    yield "Every type marked *decision* carries these fields, and may carry the refs "
    yield ", ".join(f"`{ref.name}`" for ref in DECISION_REFS) + "."
    yield ""
    yield from _fields(Decision, list(Decision.model_fields))


def _areas(facts: Any) -> list[str]:
    return sorted({fact.declared.area for fact in facts.values()})


def _event(fact: type[Fact]) -> Iterator[str]:
    declared = fact.declared
    yield ""
    yield f"### {declared.type}"
    yield ""
    streams = "" if "book" not in declared.streams else f" · stream: {' or '.join(declared.streams)}"
    decision = " · *decision*" if fact.is_decision else ""
    by = ", ".join(declared.by)
    kept = f"version {declared.schema_version} · data: {declared.data}"
    yield f"**{declared.dansk}**{decision} · {kept} · recorded by {by}{streams}"
    yield ""
    yield (fact.__doc__ or "").strip().splitlines()[0]
    yield ""
    yield f"> {declared.says}"
    own_refs = [ref for ref in declared.refs.values() if not fact.is_decision or ref not in DECISION_REFS]
    if own_refs:
        yield ""
        yield "Refs: " + "; ".join(map(_ref, own_refs)) + "."
    yield ""
    own = [name for name in fact.model_fields if not fact.is_decision or name not in Decision.model_fields]
    yield from _fields(fact, own)
    shown = {name: value for name, value in example(fact).items() if name in own}
    yield ""
    yield f"`{json.dumps(shown, ensure_ascii=False)}`"


def _ref(ref: Ref) -> str:
    to = "a decision" if ref.decision else " or ".join(ref.to) or "any entry"
    return f"`{ref.name}`{' (required)' if ref.required else ''} → {'list of ' if ref.many else ''}{to}"


def _fields(model: type[BaseModel], names: list[str]) -> Iterator[str]:
    if not names:
        yield "No fields."
        return
    hints = get_type_hints(model, include_extras=True)
    shape = shape_of(model)
    yield "| field | kind | required | sealed | data | meaning |"
    yield "|---|---|---|---|---|---|"
    for name in names:
        info = model.model_fields[name]
        key = info.alias or name
        mark = shape.fields[key].sealed
        sealed = (
            f"{mark.mark} [{'child' if mark.subject == CHILD else mark.subject}]" if mark else _inner(shape.fields[key])
        )
        required = "yes" if info.is_required() else ""
        data = shape.fields[key].data or ""
        yield f"| `{key}` | {_kind(hints[name])} | {required} | {sealed} | {data} | {info.description} |"


def _inner(node: Any) -> str:
    nodes = [*node.fields.values(), *([node.item] if node.item else [])]
    return "in part" if any(one.sealed or _inner(one) for one in nodes) else ""


def _kind(hint: Any) -> str:
    if hint not in _KINDS and values.without_data_kind(hint) != hint:
        return _kind(values.without_data_kind(hint))
    for alias, name in _KINDS.items():
        if hint == alias:
            return name
    origin = get_origin(hint)
    if origin is Annotated:
        inner, *marks = get_args(hint)
        kinds = [mark.kind for mark in marks if isinstance(mark, Meaning)]
        return kinds[0] if kinds else _kind(inner)
    if origin in (Union, UnionType):
        return _kind(next(one for one in get_args(hint) if one not in (type(None), Erased)))
    if origin is tuple:
        return f"list of {_kind(get_args(hint)[0])}"
    if isinstance(hint, type) and issubclass(hint, Slug):
        return ", ".join(f"{member.value}" for member in hint)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        inner_hints = get_type_hints(hint, include_extras=True)
        keys = [(info.alias or name, inner_hints[name]) for name, info in hint.model_fields.items()]
        return "{" + "; ".join(f"{key}: {_kind(inner)}" for key, inner in keys) + "}"
    return getattr(hint, "__name__", str(hint))


def main() -> None:
    """Writes every generated page."""
    (DOCS / "events.md").write_text(events_md(), "utf-8")
    (DOCS / "rules.md").write_text(rules_md(), "utf-8")
    SETTINGS.write_text(settings_md(), "utf-8")
    (DOCS / "openapi.json").write_text(openapi_json(), "utf-8")


if __name__ == "__main__":
    main()
