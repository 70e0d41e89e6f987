"""Repayments: one row for each budget year the family was asked to pay something back for, stage by stage."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Integer, Table

from ledger.facts.history import History
from projections.balances import RepaymentRow, repayments
from projections.tables import members, table


@dataclass(frozen=True)
class RepaymentLine(RepaymentRow):
    """The claim of a year."""

    year: int


def tell(history: History) -> Iterator[RepaymentLine]:
    """The claims of a case, by year."""
    return (RepaymentLine(**vars(row), year=year) for year, row in repayments(history).items())


TABLE: Final[Table] = table(
    "repayments",
    Column("year", Integer, nullable=False),
    Column("heard_oere", BigInteger),
    Column("issued_oere", BigInteger),
    Column("adjusted_to_oere", BigInteger),
    Column("received_oere", BigInteger, nullable=False),
    Column("outstanding_oere", BigInteger),
)


def stored(history: History, _law: object) -> Iterator[Mapping[str, Any]]:
    """The claims of a case."""
    return (members(TABLE, line) for line in tell(history))
