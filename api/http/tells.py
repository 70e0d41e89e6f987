"""What a route answers with, for the description of the service (OpenAPI).

Every member may be absent: what a reader may not see is left out. What was erased is null, and of a day that would
tell a birthday some readers are told the year alone.
"""

from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from api.http.openapi import FromOutside, JsonSchema
from projections.deadlines import DeadlineRow

_NAMED: Final = "Told{model}"  # another than what may be sent under the same name
_A_DAY: Final = {"type": "string", "pattern": r"^\d{4}(-\d{2}-\d{2})?$", "examples": ["2022-06-09"]}


class ToOutside(FromOutside):
    """Values as they are shown."""

    def lax_or_strict_schema(self, schema: core_schema.LaxOrStrictSchema) -> JsonSchemaValue:
        """A sealed value, or null when it was erased."""
        return {"anyOf": [self.generate_inner(schema["strict_schema"]), {"type": "null"}]}

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        """A word of a list, or of whichever list it may be."""
        return super().enum_schema(schema) if schema["members"] else {"type": "string"}

    def is_instance_schema(self, _schema: core_schema.IsInstanceSchema) -> JsonSchemaValue:
        """Stands where a value was."""
        return {"type": "null"}

    def date_schema(self, _schema: core_schema.DateSchema) -> JsonSchemaValue:
        """A day, or its year."""
        return dict(_A_DAY)

    def field_is_required(self, *_: Any, **__: Any) -> bool:
        """No member is there for every reader."""
        return False


def tells(shown: Any) -> dict[int | str, dict[str, Any]]:
    """The answer of a route that shows something."""
    return {200: {"description": "Vist", "content": {"application/json": {"schema": _schema(shown)}}}}


def lists(row: Any, *, of_cases: bool = False) -> dict[int | str, dict[str, Any]]:
    """The answer of a route that shows a page of rows; `of_cases`: of several cases, each row with its case."""
    schema = _schema(row)
    if of_cases:
        schema["properties"] = {
            "case_number": {"type": "string"},
            "case_id": {"type": "string"},
            **schema["properties"],
        }
    definitions = {"$defs": schema.pop("$defs")} if "$defs" in schema else {}
    members = {"items": {"type": "array", "items": schema}, "next": {"type": ["string", "null"]}}
    page = {"type": "object", "properties": members, "required": ["items", "next"], **definitions}
    return {200: {"description": "En side", "content": {"application/json": {"schema": page}}}}


def _schema(shown: Any) -> JsonSchema:
    reference = f"#/components/schemas/{_NAMED}"
    schema = TypeAdapter(shown).json_schema(ref_template=reference, schema_generator=ToOutside, mode="serialization")
    definitions = {_NAMED.format(model=name): one for name, one in schema.pop("$defs", {}).items()}
    if shown is DeadlineRow:  # as the contract names it: `class` is no name in Python
        schema["properties"]["class"] = schema["properties"].pop("kind")
    return schema | ({"$defs": definitions} if definitions else {})
