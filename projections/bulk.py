"""Writing many rows at once, each value as its column's type binds it, by the quickest way an engine has.

What SQLAlchemy does for a single statement (compiling, looking at every parameter by name) costs more than the
writing itself when a case is told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Table

from projections.tables import schema_of

_Bind = Callable[[Any], Any]
_POSTGRES: Final = "postgresql"


def write(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Puts rows in, each with a value for every column of the table, within the caller's transaction."""
    if rows and connection.dialect.name == _POSTGRES:
        _copy(connection, table, rows)
    elif rows:
        marks = ", ".join("?" * len(table.columns))
        statement = f"INSERT INTO {table.name} ({_names(table)}) VALUES ({marks})"
        connection.exec_driver_sql(statement, list(_bound(connection, table, rows)))


def _copy(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    into = f"COPY {schema_of(connection.engine)}.{table.name} ({_names(table)}) FROM STDIN"
    driver: Any = connection.connection
    with driver.cursor() as cursor, cursor.copy(into) as copy:
        for row in _bound(connection, table, rows):
            copy.write_row(row)


def _bound(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    binds = _binds(table, connection.dialect)
    return (tuple([bind(row[name]) if bind else row[name] for name, bind in binds]) for row in rows)


@cache
def _binds(table: Table, dialect: Dialect) -> tuple[tuple[str, _Bind | None], ...]:
    """Each column's name, and what makes a value of it ready for the driver."""
    return tuple((column.name, column.type.dialect_impl(dialect).bind_processor(dialect)) for column in table.columns)


def _names(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)
