"""The operations of the fact types, described: what each takes, who may record it, and what may refuse it."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

from api.http.facts import Recording, recordable, slug
from api.http.openapi import AT, FromOutside, JsonSchema, request_body, schemas_of
from commands.book import BY_ONE
from ledger.facts.acts import approver_fields
from ledger.facts.example import example
from ledger.facts.fact import Fact, Ref
from ledger.law.guards import Guard, guards_of

AREAS: Final = {
    "accounts": "Regnskab og tilbagebetaling",
    "assessment": "Målgruppe, mål og undersøgelse",
    "budget": "Budget",
    "changes": "Ændringer undervejs",
    "decision": "Høring, visitation og afgørelse",
    "intake": "Henvendelse og ansøgning",
    "klage": "Klage",
    "lifecycle": "Sagen, parter og dokumenter",
    "lost_earnings": "Tabt arbejdsfortjeneste",
    "payments": "Udbetaling og bilag",
    "plan": "Tids- og faseplan",
    "retention": "Opbevaring og aflevering",
    "tilsyn": "Tilsyn",
}
"""What an area of facts is called."""
_DAY: Final = "2022-06-09"  # of the examples


def operations(template: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The slug and the description of each operation, made from that of the one route behind them all."""
    for name, fact_type in recordable().items():
        kept = {name: one for name, one in template.items() if name != "parameters"}
        parameters = [one for one in template["parameters"] if one.get("name") != "fact"]
        yield name, deepcopy(kept) | {"parameters": parameters} | _operation(fact_type)


def schemas() -> dict[str, JsonSchema]:
    """The schemas of all facts that are recorded on their own, and of their parts, by class name."""
    return schemas_of(Recording, *recordable().values(), *BY_ONE.values())


def _operation(fact_type: type[Fact]) -> dict[str, Any]:
    declared = fact_type.declared
    return {
        "tags": [AREAS[declared.area]],
        "summary": declared.dansk,
        "description": "\n\n".join(_description(fact_type)),
        "operationId": f"record_{slug(fact_type).replace('-', '_')}",
        **takes_fact(fact_type),
    }


def takes_fact(fact_type: type[Fact]) -> dict[str, Any]:
    """The body that asks for a fact of a type, as the `openapi_extra` of a route."""
    return {"requestBody": request_body(_body(fact_type), example_of(fact_type))}


def _description(fact_type: type[Fact]) -> Iterator[str]:
    declared = fact_type.declared
    yield " ".join((fact_type.__doc__ or "").split())
    yield f"Told in the history as: {declared.says}"
    if fact_type.is_decision:
        yield "A decision: its letter, reasons and guidance on complaints come with it."
    yield f"Recorded by: {', '.join(declared.by)} (each municipality says which of its roles do that)."
    own = [one for one in guards_of()[fact_type] if one.id and one.blocks and Fact not in one.of]
    if own:
        yield "\n".join(["Refused when (* in some municipalities):", *map(_refusal, own)])


def _refusal(one: Guard) -> str:
    return f"- {one.id}{'' if one.everywhere else '*'}: {one.sentence}"


def example_of(fact_type: type[Fact]) -> dict[str, Any]:
    """A body that can be read; the case it would fit is not this one's matter."""
    data = {name: value for name, value in example(fact_type).items() if not approver_fields([name])}
    refs = {one.name: [1] if one.many else 1 for one in fact_type.declared.refs.values()}
    return {"occurred_on": _DAY, "data": data} | ({"refs": refs} if refs else {})


def _body(fact_type: type[Fact]) -> JsonSchema:
    """The body of a recording, with the fact's own data and refs in it."""
    body = Recording.model_json_schema(ref_template=AT, schema_generator=FromOutside)
    del body["$defs"], body["title"], body["description"]
    declared = fact_type.declared.refs.values()
    own = {"data": {"$ref": AT.format(model=fact_type.__name__)}, "refs": _refs(list(declared))}
    needs = ["refs"] if any(one.required for one in declared) else []
    return body | {"properties": body["properties"] | own, "required": [*body["required"], *needs]}


def _refs(declared: list[Ref]) -> JsonSchema:
    return {
        "type": "object",
        "description": "versions of earlier entries of the case",
        "properties": {one.name: _ref(one) for one in declared},
        "required": [one.name for one in declared if one.required],
        "additionalProperties": False,
    }


def _ref(ref: Ref) -> JsonSchema:
    version = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
    to = "a decision" if ref.decision else " or ".join(ref.to) or "any entry"
    return {"description": to} | ({"type": "array", "items": version} if ref.many else version)
