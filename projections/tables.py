"""The read models as tables, and what makes a case's rows.

A read model is a module of this package with a `TABLE` and a function `stored`, which tells one case's rows
for it. Nothing sealed is in a table in clear: no name, no text, no CPR number, no date of birth, no rendered
sentence. Those are opened when a row is read, so erasing a key reaches everything.

Everything here can be thrown away and told again from the ledger.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final, Protocol, cast
from uuid import UUID

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.schema import CreateSchema, CreateTable, SchemaItem
from sqlalchemy.types import TypeDecorator

from ledger.clock import iso
from ledger.errors import SagsbogError
from ledger.facts.history import History
from ledger.facts.lifecycle import CaseOpened
from ledger.law.law import Law
from ledger.store.ledger import Ledger
from ledger.store.vault import Vault

METADATA: Final = MetaData()
_BLIND: Final = "blind"
_SEALED: Final = "sealed"
_BLOCK: Final = 64  # bytes, to which what is sealed is padded: its length is to tell nothing
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:schema, 4))")

Rows = dict[str, list[dict[str, Any]]]
"""Rows by the name of their table."""


class Model(Protocol):
    """A read model that is kept in a table: what its module holds.

    It may also hold `changes_after(history, law)`: the first later day on which the case's rows change by
    the passing of time alone, None when they do not.
    """

    TABLE: Table

    @staticmethod
    def stored(history: History, law: Law, /) -> Iterator[Mapping[str, Any]]:
        """One case's rows, each with a value for every column that the model itself named."""


class Instant(TypeDecorator[datetime]):
    """A UTC instant, kept as text that sorts as time: alike on both engines, to the microsecond."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """As it is kept."""
        return iso(value) if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """As it was told."""
        return datetime.fromisoformat(value) if value else None


def table(name: str, *items: SchemaItem) -> Table:
    """The table of a read model. A case's rows are counted from 0, so that none can be there twice."""
    return Table(
        name, METADATA,
        Column("case_id", Uuid, primary_key=True),
        Column("line", Integer, primary_key=True, autoincrement=False),
        *items,
        sqlite_with_rowid=False,
    )  # fmt: skip


def cpr_column(name: str) -> Column[str]:
    """A column that is given a CPR number, and holds its blind index in that place."""
    return Column(name, String(64), index=True, info={_BLIND: True})


def sealed_column(name: str) -> Column[str]:
    """A column that is given a `Private` value, and holds it sealed; null once the key is gone."""
    return Column(name, String, info={_SEALED: True})


@dataclass(frozen=True)
class Private:
    """A value that may stand in a table only under a data subject's key."""

    subject: UUID
    value: Any
    """As JSON can hold it."""


def opened(vault: Vault, kept: str | None) -> Any:
    """The value of a sealed column; None when the key is gone."""
    plain = vault.unseal(kept) if kept else None
    return orjson.loads(plain) if plain else None


PROGRESS: Final = Table(
    "progress", METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),  # the log up to here is told
    Column("shape", String(64), nullable=False),
    Column("rulebook", String(64), nullable=False),  # digest of the law that everything is told under
)  # fmt: skip
TOLD: Final = Table(
    "told", METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),  # the case up to here is told
    Column("told_as_of", Date, nullable=False),
    Column("tell_again_on", Date, index=True),
    sqlite_with_rowid=False,
)  # fmt: skip


class OutdatedError(SagsbogError):
    """The tables were made by another edition of the program."""


@cache
def models() -> Mapping[str, Model]:
    """Every read model by the name of its table. Found by importing the package: there is no list to keep."""
    package = import_module("projections")
    modules = (import_module(found.name) for found in iter_modules(package.__path__, "projections."))
    return {str(module.TABLE.name): cast("Model", module) for module in modules if hasattr(module, "stored")}


def members(table: Table, row: object, **instead: Any) -> dict[str, Any]:
    """The members of a told row that its table has a column for: what is sealed has none, and stays behind.

    `instead`: what is kept in the place of a member, or beside them.
    """
    return instead | {name: getattr(row, name) for name in _columns(table) if name not in instead}


@cache
def _columns(table: Table) -> tuple[str, ...]:
    return tuple(str(column.name) for column in table.columns if column.name not in ("case_id", "line"))


def rows_of(ledger: Ledger, seen: History, law: Law) -> Rows:
    """The rows of one case in every read model; none before the day it was opened."""
    opened = next(seen.of(CaseOpened), None)
    return {name: list(_lines(model, ledger.vault, seen, law)) if opened else [] for name, model in models().items()}


def _lines(model: Model, vault: Vault, seen: History, law: Law) -> Iterator[dict[str, Any]]:
    case_id = seen.recorded[0].case_id
    blind = [column.name for column in model.TABLE.columns if _BLIND in column.info]
    private = [column.name for column in model.TABLE.columns if _SEALED in column.info]
    for line, row in enumerate(model.stored(seen, law)):
        hidden: dict[str, Any] = {name: vault.blind_index(row[name]) if row[name] else None for name in blind}
        hidden |= {name: sealed(vault, row[name]) if row[name] else None for name in private}
        yield {"case_id": case_id, "line": line, **row, **hidden}


def sealed(vault: Vault, private: Private) -> str | None:
    """The value as a sealed column holds it; None when the key is gone."""
    plain = orjson.dumps(private.value)
    return vault.seal(private.subject, plain + b" " * (-len(plain) % _BLOCK))


def changes_after(seen: History, law: Law) -> date | None:
    """The first later day on which any of the case's rows change by the passing of time alone."""
    if next(seen.of(CaseOpened), None) is None:
        return None
    asked = (getattr(model, "changes_after", None) for model in models().values())
    return min((day for ask in asked if ask and (day := ask(seen, law))), default=None)


def ready(engine: Engine) -> None:
    """Makes the tables if they are not there; OutdatedError when they are, and have another shape."""
    with engine.connect() as connection:
        if not stand(connection):
            _alone(connection)
            if not stand(connection):
                make(connection)
            connection.commit()
        found = connection.execute(select(PROGRESS.c.shape)).scalar()
    if found != shape():
        raise OutdatedError("Læsemodellerne er lavet af en anden udgave af programmet. Kør: sagsbog rebuild")


def make(connection: Connection) -> None:
    """Makes the tables, with nothing told yet."""
    models()
    METADATA.create_all(connection)
    connection.execute(insert(PROGRESS), {"id": 1, "seq": 0, "shape": shape(), "rulebook": ""})


def stand(connection: Connection) -> bool:
    """Whether the tables are there."""
    schema = schema_of(connection.engine)
    return inspect(connection).has_table(PROGRESS.name, schema=schema)


def _alone(connection: Connection) -> None:
    """From here to the end of the transaction one process at a time, and the tables have a place."""
    if schema := schema_of(connection.engine):
        connection.execute(_LOCK, {"schema": schema})
        connection.execute(CreateSchema(schema, if_not_exists=True))
    else:
        connection.exec_driver_sql("BEGIN EXCLUSIVE")


def lead(connection: Connection) -> int:
    """Waits until no other process moves these tables, until the transaction ends; gives the cursor."""
    if schema := schema_of(connection.engine):
        # The lock goes by name: a rebuild puts other tables in the place of those that were waited for.
        connection.execute(_LOCK, {"schema": schema})
    else:
        connection.execute(update(PROGRESS).values(seq=PROGRESS.c.seq))  # takes the one write lock of the file
    return cursor(connection)


def cursor(connection: Connection) -> int:
    """The number in the log up to which everything is told."""
    seq: int = connection.execute(select(PROGRESS.c.seq)).scalar_one()
    return seq


def law_of(connection: Connection) -> str:
    """The digest of the rulebook that everything is told under."""
    digest: str = connection.execute(select(PROGRESS.c.rulebook)).scalar_one()
    return digest


def schema_of(engine: Engine) -> str | None:
    """The schema the tables are in, on PostgreSQL."""
    names: Mapping[None, str] = engine.get_execution_options().get("schema_translate_map", {})
    return names.get(None)


@cache
def shape() -> str:
    """A digest of what the tables look like."""
    models()
    return sha256("".join(str(CreateTable(one)) for one in METADATA.sorted_tables).encode()).hexdigest()
