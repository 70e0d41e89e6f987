"""Who may see which kind of data (ROLES §3), as data: seeing.toml, read and checked."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict

from ledger.facts.fact import catalogue
from ledger.facts.values import DataKind
from ledger.law.municipality import Municipality
from ledger.law.rulebook import Where, read_table

YES: Final = "yes"
NO: Final = "no"
OWN: Final = "own"
PURPOSE: Final = "purpose"
VISITATION: Final = "visitation"
PSEUDONYMOUS: Final = "pseudonymous"
WORDS: Final = (YES, NO, OWN, PURPOSE, VISITATION, PSEUDONYMOUS)

Cell = Annotated[tuple[str, ...], BeforeValidator(lambda told: (told,) if isinstance(told, str) else told)]
"""Words that must all hold: WORDS, and names of parts."""


class Row(BaseModel):
    """Who sees one kind of data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: DataKind
    AUTH: Cell
    PA: Cell
    VU: Cell
    OEKO: Cell
    VG: Cell
    BK: Cell
    SUND: Cell
    LEDER: Cell
    ADMIN: Cell
    CITIZEN: Cell
    revisor: Cell

    def cells(self) -> Iterator[tuple[str, Cell]]:
        """Task, or role without a task, and its cell."""
        return ((name, cell) for name, cell in self if name != "kind")


class Read(BaseModel):
    """What one must see to be shown a read model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: tuple[DataKind, ...]
    whole: bool = False
    """It adds up all there is: only for those who see all of each kind."""


class Seeing(BaseModel):
    """The whole table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    parts: Mapping[str, tuple[str, ...]]
    """Fact types, and fields as `Type.field`, by the name that cells use."""
    row: tuple[Row, ...]
    reads: Mapping[str, Read]
    answers: Mapping[str, tuple[DataKind, ...]]
    """The kinds that each audit question is answered from, by its id."""


def columns_of(role: str, here: Municipality) -> frozenset[str]:
    """The columns of the table that say what a role sees in a municipality: its tasks, or its own name."""
    tasks = {task.value for task, roles in here.tasks.items() if role in roles}
    return frozenset(tasks | ({role} & set(Row.model_fields) & set(here.roles)))


@cache
def cells_of(columns: frozenset[str]) -> Mapping[DataKind, tuple[Cell, ...]]:
    """What is seen of each kind by one who has some columns: any of the cells lets them."""
    return {row.kind: tuple(cell for name, cell in row.cells() if name in columns) for row in seeing().row}


@cache
def seeing() -> Seeing:
    """The table that comes with the program."""
    return read_seeing(files("ledger.law").joinpath("seeing.toml"))


def read_seeing(file: Traversable) -> Seeing:
    """Reads and checks a table. RulebookError names file and line of what is wrong."""
    return read_table(Seeing, file, _faults)


def _faults(table: Seeing) -> Iterator[tuple[Where, str]]:
    """What is wrong with a table that is well-formed."""
    missing = [kind for kind in DataKind if kind not in {row.kind for row in table.row}]
    if missing:
        yield ("row",), f"oplysninger uden række: {', '.join(missing)}"
    for number, row in enumerate(table.row):
        if row.kind in {one.kind for one in table.row[:number]}:
            yield ("row", number, "kind"), f"{row.kind} har en række allerede"
        for column, cell in row.cells():
            for word in cell:
                if word not in WORDS and word not in table.parts:
                    yield ("row", number, column), f"ordet {word!r} findes ikke"
    for name, parts in table.parts.items():
        for part in parts:
            if not _is_there(part):
                yield ("parts", name), f"der er intet {part!r}"


def _is_there(part: str) -> bool:
    name, _, field = part.partition(".")
    fact: Any = catalogue().get(name)
    return fact is not None and (not field or field in fact.model_fields)
