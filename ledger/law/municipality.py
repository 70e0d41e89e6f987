"""A municipality as data: its units, its roles and which role does which task. A new one is a new file."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from ledger.errors import Fault, Invalid
from ledger.facts.fact import Fact, Task

Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")]


class Municipality(BaseModel):
    """One file of ledger/law/municipalities."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: Word
    dansk: str
    units: Mapping[Word, str]
    roles: Mapping[Word, str]
    tasks: Mapping[Task, tuple[Word, ...]]

    @model_validator(mode="after")
    def _is_whole(self) -> "Municipality":
        assert set(self.tasks) == set(Task), f"{self.slug}: every task needs a line"
        assert {role for roles in self.tasks.values() for role in roles} <= set(self.roles), (
            f"{self.slug}: unknown role"
        )
        return self

    def may_record(self, role: str, fact_type: type[Fact]) -> bool:
        """Whether a role may record a fact type here. A citizen only drafts."""
        tasks = (task for task in fact_type.declared.by if task is not Task.CITIZEN)
        return any(role in self.tasks[task] for task in tasks)


@cache
def municipalities() -> Mapping[str, Municipality]:
    """Every municipality that a file is loaded for, by slug."""
    found = {}
    for file in sorted(files("ledger.law").joinpath("municipalities").iterdir(), key=lambda file: file.name):
        municipality = Municipality.model_validate(tomllib.loads(file.read_text("utf-8")))
        assert file.name == f"{municipality.slug}.toml", f"{file.name} describes {municipality.slug}"
        found[municipality.slug] = municipality
    return found


def unknown_municipality(slug: str, where: str = "municipality", about: str = "") -> Invalid:
    """The answer when no file is loaded for a municipality."""
    known = ", ".join(municipalities())
    return Invalid(Fault(where, f"kommunen {slug!r} kendes ikke; kendte: {known}"), about=about)
