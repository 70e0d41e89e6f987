"""How a route tells what it takes and what it answers, for the description of the service (OpenAPI).

Most of it comes by itself (api/http/described.py): a route that asks for `Who`, `Reading`, `Read`, `ToBook`,
`ToCase` or `Body` is described with the headers, the receipt and the problems that these bring. Besides:

    @router.post("/{case}/corrections", summary="Foreslå en rettelse", operation_id="propose_correction",
                 openapi_extra=takes(Correction), responses=responses(404))

`takes` is the body that the route reads strictly (`fact_operations.takes_fact`, when it asks for a fact of one type);
`responses` the problems that only the route itself can know.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from api.http.problems import kinds
from ledger.facts.acts import approver_fields
from ledger.facts.fact import Fact
from ledger.facts.values import Slug

AT: Final = "#/components/schemas/{model}"
"""Where a schema is, by the name of its class."""
JsonSchema = dict[str, Any]


class FromOutside(GenerateJsonSchema):
    """What comes from outside is read strictly: a sealed value is described as its plain type, never as erased."""

    def lax_or_strict_schema(self, schema: core_schema.LaxOrStrictSchema) -> JsonSchemaValue:
        """The strict side of a type that has two."""
        return self.generate_inner(schema["strict_schema"])

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        """A list of words, each with the Danish that people read."""
        found = super().enum_schema(schema)
        if issubclass(schema["cls"], Slug):
            found["x-enumDescriptions"] = {word.value: word.dansk for word in schema["cls"]}
        return found

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """A fact goes by its Danish title, and without the fields that only the second person fills in."""
        found = super().model_schema(schema)
        if issubclass(schema["cls"], Fact):
            found["title"] = schema["cls"].declared.dansk
            for name in approver_fields(found["properties"]):
                del found["properties"][name]
                found["required"] = [one for one in found["required"] if one != name]
        return found

    def date_schema(self, schema: core_schema.DateSchema) -> JsonSchemaValue:
        """A day, in the centuries in which days can be."""
        found = super().date_schema(schema)
        if "ge" in schema and "lt" in schema:
            centuries = "|".join(map(str, range(schema["ge"].year // 100, schema["lt"].year // 100)))
            found["pattern"] = f"^({centuries})[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}$"
        return found

    def field_title_should_be_set(self, _schema: Any) -> bool:
        """No titles: they would only repeat the names of the fields."""
        return False


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, by their HTTP statuses."""
    known = kinds()
    return {status: {"description": known[status][1]} for status in statuses}


def takes(model: type[BaseModel], example: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The JSON object that a route reads: the `openapi_extra` of the route."""
    schema = model.model_json_schema(ref_template=AT, schema_generator=FromOutside)
    return {"requestBody": request_body(schema, example)}


def request_body(schema: JsonSchema, example: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A required body of a schema."""
    told = {"schema": schema} | ({"example": dict(example)} if example else {})
    return {"required": True, "content": {"application/json": told}}


def schemas_of(*models: type[BaseModel]) -> dict[str, JsonSchema]:
    """The schemas of models and of all they are made of, by name."""
    _, found = models_json_schema(
        [(model, "validation") for model in models], ref_template=AT, schema_generator=FromOutside
    )
    schemas: dict[str, JsonSchema] = found["$defs"]
    return schemas
