"""The service described: OpenAPI from the routes, the fact classes and the one table of problems."""

import re
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from functools import partial
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from orjson import dumps
from pydantic import BaseModel, Field, TypeAdapter
from starlette.routing import BaseRoute

from api.http.case_read import case_read
from api.http.fact_operations import AREAS, operations, schemas
from api.http.facts import RECORD
from api.http.openapi import AT, FromOutside, JsonSchema, schemas_of
from api.http.problems import kinds
from api.http.service import principal, reader
from api.http.writing import body, sent, sent_to_case
from commands.record import Receipt

_ABOUT: Final = """\
Sagsjournal for hjemmetræning (serviceloven § 32 a). Alt, der er sket i en sag, registreres som en hændelse;
intet rettes eller slettes stille.

- **Log ind:** send `Authorization: Bearer …` med hver forespørgsel.
- **Skriv:** send `Idempotency-Key`, så en gentaget forespørgsel giver det første svar igen, og `If-Match` med
  den version af sagen, du har set. Er sagen ændret imens, er svaret 412 med `current_version`.
- **Afvist:** 409 nævner alle de regler, der sagde nej, med deres kilde. Intet er da registreret.
- **Beløb** er hele øre. Dage er danske kalenderdage (ÅÅÅÅ-MM-DD).

The summaries are what a caseworker reads; what follows them is for whoever calls the service from a program.
"""


class GuardTold(BaseModel):
    """A rule that said no."""

    id: str = Field(description="id of the rule (docs/rules.md)")
    sentence: str = Field(description="what is wrong, in Danish")
    source: str = Field(description="where the rule is written")


class FieldTold(BaseModel):
    """Something that cannot be understood."""

    where: str = Field(description="dotted place, e.g. data.held_on; empty = the whole")
    sentence: str = Field(description="what is wrong with it, in Danish")


class Problem(BaseModel):
    """An answer that is not yes (RFC 9457)."""

    type: str = Field(description="stable name of the kind of problem")
    title: str = Field(description="what kind it is, in Danish")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="what it is and what to do, in Danish")


class RefusedProblem(Problem):
    """The law, or a rule of the ledger, said no. Nothing was recorded."""

    guards: tuple[GuardTold, ...] = Field(description="every rule that said no, lowest id first")


class ConflictProblem(Problem):
    """The case is not as the request takes it to be."""

    current_version: int | None = Field(None, description="the version the case is on")


class InvalidProblem(Problem):
    """The request cannot be understood, or points at nothing."""

    fields: tuple[FieldTold, ...] = Field(description="everything that is wrong")


_OF_SCHEMA: Final = re.compile(r'"#/components/schemas/([^"]+)"')
_PROBLEMS: Final[dict[int, type[Problem]]] = {409: RefusedProblem, 412: ConflictProblem, 422: InvalidProblem}
Call = Callable[..., Any]
_LOGS_IN: Final[tuple[int, ...]] = (400, 401, 403, 429, 503)
_READS_BODY: Final[tuple[int, ...]] = (408, 413, 415, 422)
_WRITES: Final = (*_LOGS_IN, *_READS_BODY, 409, 412, 428)
_OF_CALL: Final[dict[Call, tuple[int, ...]]] = {
    principal: _LOGS_IN,
    reader: (428,),
    case_read: (*_LOGS_IN, 428),
    body: _READS_BODY,
    sent: _WRITES,
    sent_to_case: _WRITES,
}
"""The problems that a route's dependencies bring."""
_FOR_ANYONE: Final[set[Call]] = {reader, body}
_WRITING: Final[set[Call]] = {sent, sent_to_case}
_HEADERS: Final[tuple[tuple[set[Call], tuple[str, str, str, str]], ...]] = (
    (_WRITING, ("Idempotency-Key", "makes a repeated request give the first answer", "^[!-~]{1,100}$", "en-uuid")),
    ({sent_to_case}, ("If-Match", "the version of the case that the request builds on", '^"[0-9]{1,9}"$', '"7"')),
)


class Described(FastAPI):
    """An application that knows how to describe what FastAPI cannot see."""

    def openapi(self) -> dict[str, Any]:
        """The description, made once."""
        if not self.openapi_schema:
            whole = _whole(super().openapi(), self.routes)
            self.openapi_schema = whole | _login(whole, self.state.service.settings.oidc_issuer)
        return self.openapi_schema


def _whole(spec: dict[str, Any], routes: Sequence[BaseRoute]) -> dict[str, Any]:
    for route in iter_route_contexts(routes):
        for method in route.methods or ():
            operation = spec["paths"].get(route.path_format, {}).get(method.lower())
            if operation and "dependant" in vars(route.original_route):
                operation |= deepcopy(route.openapi_extra or {})  # as it was given: FastAPI leaves out every null
                operation.get("parameters", []).sort(key=partial(_at, str(route.path_format)))
                _complete(operation, set(_calls(route.dependant)))
    recording = spec["paths"].pop(RECORD)["post"]
    spec["paths"] |= {RECORD.format(case="{case}", fact=slug): {"post": one} for slug, one in operations(recording)}
    told = spec.get("components", {}).get("schemas", {})
    whole = spec | {"info": _info(), "tags": [{"name": name} for name in AREAS.values()]}
    whole["components"] = _components()
    _hoist(whole, told)
    _add(told, schemas() | schemas_of(Problem, *_PROBLEMS.values()))
    whole["components"]["schemas"] = {name: told[name] for name in sorted(_used(whole, told))}
    return whole


def _at(path: str, parameter: dict[str, Any]) -> int:
    """Where a parameter stands in an address; after it, when it does not."""
    return path.find(f"{{{parameter['name']}}}") if parameter["in"] == "path" else len(path)


def _used(node: Any, schemas: dict[str, JsonSchema]) -> set[str]:
    """The names of the schemas that a part of the description leads to."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        names = set(_OF_SCHEMA.findall(dumps(waiting.pop()).decode())) - found
        waiting += [schemas[name] for name in names]
        found |= names
    return found


def _login(whole: dict[str, Any], issuer: str | None) -> dict[str, Any]:
    """How one logs in here: with a token, which the identity provider gives out where there is one."""
    schemes = {"bearer": {"type": "http", "scheme": "bearer", "description": "Adgangsbevis (token)"}}
    if issuer:
        found = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        schemes["oidc"] = {"type": "openIdConnect", "openIdConnectUrl": found}
    components = whole["components"] | {"securitySchemes": schemes}
    return {"components": components, "security": [{name: []} for name in schemes]}


def _calls(dependant: Dependant) -> Iterator[Call]:
    for one in dependant.dependencies:
        if one.call:
            yield one.call
        yield from _calls(one)


def _complete(operation: dict[str, Any], calls: set[Call]) -> None:
    """Adds what the dependencies of a route bring: headers, problems, the receipt, and whether to log in."""
    parameters = operation.setdefault("parameters", [])
    problems = {status for call in calls for status in _OF_CALL.get(call, ())}
    problems |= {422} if parameters else set()
    problems |= {404} if any(one["in"] == "path" for one in parameters) else set()
    for one in parameters:
        one["schema"].pop("title", None)
    parameters += [{"$ref": f"#/components/parameters/{name}"} for of, (name, *_) in _HEADERS if of & calls]
    if not calls & (_OF_CALL.keys() - _FOR_ANYONE):
        operation["security"] = []
    _answers(operation["responses"], problems, writes=bool(_WRITING & calls))


def _answers(answers: dict[str, Any], problems: set[int], *, writes: bool) -> None:
    named = {
        status for status, (_, title) in kinds().items() if answers.get(str(status), {}).get("description") == title
    }
    told = {str(status): {"$ref": f"#/components/responses/{_name(status)}"} for status in problems | named}
    if writes:
        answers.pop("200", None)
        told.update({} if "201" in answers else {"201": {"$ref": "#/components/responses/Receipt"}})
    merged = dict(sorted((answers | told).items()))
    answers.clear()
    answers.update(merged)


def _hoist(node: Any, schemas: dict[str, JsonSchema]) -> None:
    """Moves the definitions inside schemas to where the references to them point."""
    if isinstance(node, dict):
        _add(schemas, node.pop("$defs", {}))
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _hoist(one, schemas)


def _add(schemas: dict[str, JsonSchema], more: dict[str, JsonSchema]) -> None:
    for name, schema in more.items():
        assert schemas.setdefault(name, schema) == schema, f"two schemas are called {name}"


def _name(status: int) -> str:
    kind, _ = kinds()[status]
    return "".join(word.capitalize() for word in kind.split("-"))


def _components() -> dict[str, Any]:
    told = {_name(status): _answer(status, title) for status, (_, title) in sorted(kinds().items())}
    return {
        "responses": {"Receipt": _receipt()} | told,
        "parameters": {name: _header(name, *told) for _, (name, *told) in _HEADERS},
    }


def _answer(status: int, title: str) -> dict[str, Any]:
    schema = {"$ref": AT.format(model=_PROBLEMS.get(status, Problem).__name__)}
    again = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "string"}}}
    return {"description": title, "content": {"application/problem+json": {"schema": schema}}} | (
        {"headers": again} if status in (429, 503) else {}
    )


def _receipt() -> dict[str, Any]:
    schema = TypeAdapter(Receipt).json_schema(ref_template=AT, schema_generator=FromOutside, mode="serialization")
    return {
        "description": "Registreret",
        "headers": {"ETag": {"description": "the version of the case now, quoted", "schema": {"type": "string"}}},
        "content": {"application/json": {"schema": schema}},
    }


def _header(name: str, description: str, pattern: str, example: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": pattern}
    return {
        "name": name, "in": "header", "required": True, "description": description, "schema": schema, "example": example
    }  # fmt: skip


def _info() -> dict[str, str]:
    return {"title": "sagsbog", "version": version("sagsbog"), "description": _ABOUT}
