"""In which units a role is held (ROLES §1), as data: units.toml. It stands beside the rulebooks, like seeing.toml."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import BaseModel, ConfigDict

from ledger.law.municipality import Municipality, Word
from ledger.law.rulebook import Where, read_table, rulebook_in_force

Units = Mapping[Word, tuple[Word, ...]]
"""Role to the units it is held in."""


class Held(BaseModel):
    """The whole table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    everywhere: Units
    municipality: Mapping[Word, Units]


def units_of(here: Municipality, role: str) -> Sequence[str]:
    """The units of a municipality in which a role is held; none when it has no such role."""
    if role not in here.roles:
        return ()
    own, everywhere = held().municipality.get(here.slug, {}), held().everywhere
    return own.get(role) or everywhere.get(role) or tuple(here.units)


@cache
def held() -> Held:
    """The table that comes with the program."""
    return read_held(files("ledger.law").joinpath("units.toml"))


def read_held(file: Traversable) -> Held:
    """Reads and checks a table. RulebookError names file and line of what is wrong."""
    return read_table(Held, file, _faults)


def _faults(table: Held) -> Iterator[tuple[Where, str]]:
    """A role or a unit that there is not would let nobody in."""
    here = rulebook_in_force().municipalities
    for name, units in table.municipality.items():
        if name not in here:
            yield ("municipality", name), f"kommunen {name} findes ikke"
            continue
        for role, among in units.items():
            unknown = [] if role in here[name].roles else [f"rollen {role}"]
            unknown += [f"enheden {unit}" for unit in among if unit not in here[name].units]
            if unknown:
                yield ("municipality", name, role), f"{' og '.join(unknown)} findes ikke i {here[name].dansk}"
