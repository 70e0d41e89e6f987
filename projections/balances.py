"""The money of a case by budget year: the posts, the totals, and the claim for what was not used."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Integer, String, Table

from ledger.facts.budget import Option
from ledger.facts.history import History
from ledger.facts.values import Erased
from ledger.law.accounts import Post
from ledger.law.law import Law
from ledger.law.posting import Posting, posted
from ledger.law.settlement import Claim, Figures, YearFigures, claims, settled_post, settled_year
from projections.tables import members, table


@dataclass(frozen=True)
class PostRow(Figures):
    """A budget post."""

    option: Option | None
    """Who pays the supplier or the wage; None while the post is not granted."""
    name: str | Erased | None
    entries: tuple[int, ...]
    """Versions the row rests on."""


@dataclass(frozen=True)
class TotalRow(YearFigures):
    """A budget year, its posts together."""

    cap_oere: int | None
    """The year's cap; None when none is registered."""
    headroom_oere: int | None
    entries: tuple[int, ...]


@dataclass(frozen=True)
class YearRow:
    """A budget year."""

    posts: dict[str, PostRow]
    total: TotalRow


@dataclass(frozen=True)
class RepaymentRow:
    """The claim for unused money of a year, stage by stage."""

    heard_oere: int | None
    issued_oere: int | None
    adjusted_to_oere: int | None
    received_oere: int
    outstanding_oere: int | None
    entries: tuple[int, ...]


@dataclass(frozen=True)
class Balances:
    """All money of a case, by budget year."""

    balances: dict[str, YearRow]
    repayment: dict[str, RepaymentRow]

    def of_year(self, year: int) -> "Balances":
        """One budget year alone."""
        asked = str(year)
        return Balances(
            {name: row for name, row in self.balances.items() if name == asked},
            {name: row for name, row in self.repayment.items() if name == asked},
        )


def tell(history: History, cap: Callable[[int], int | None]) -> Balances:
    """The balances of a case. `cap` gives the yearly cap in øre of a budget year."""
    posting = posted(history)
    return Balances(
        balances={str(year): _year(posting, history, year, cap(year)) for year in posting.years},
        repayment={str(year): row for year, row in repayments(history).items()},
    )


def repayments(history: History) -> dict[int, RepaymentRow]:
    """The claims for unused money, by budget year."""
    return {year: _repayment(claim, history) for year, claim in sorted(claims(history.told).items())}


def _year(posting: Posting, history: History, year: int, cap: int | None) -> YearRow:
    posts = posting.posts(year)
    figures = settled_year(posting, year)
    total = TotalRow(
        **asdict(figures),
        cap_oere=cap,
        headroom_oere=None if cap is None else cap - figures.approved_oere,
        entries=_with_corrections(history, {v for post in [*posts, Post(year, None)] for v in posting.entries(post)}),
    )
    return YearRow({str(post.id): _post(posting, history, post) for post in posts}, total)


def _post(posting: Posting, history: History, post: Post) -> PostRow:
    grant = posting.grant(post)
    return PostRow(
        **asdict(settled_post(posting, post)),
        option=grant.option if grant else None,
        name=grant.name if grant else None,
        entries=_with_corrections(history, posting.entries(post)),
    )


def _repayment(claim: Claim, history: History) -> RepaymentRow:
    return RepaymentRow(
        claim.heard_oere,
        claim.issued_oere,
        claim.adjusted_to_oere,
        claim.received_oere,
        claim.outstanding_oere,
        _with_corrections(history, claim.entries),
    )


def _with_corrections(history: History, versions: Iterable[int]) -> tuple[int, ...]:
    rests_on = set(versions)
    for version in list(rests_on):
        rests_on.update(history.corrected_by.get(version, ()))
    return tuple(sorted(rests_on))


@dataclass(frozen=True)
class BalanceLine(Figures):
    """A budget post of a year, or (without post) the year's total."""

    year: int
    post: str | None
    option: Option | None
    cost_oere: int | None
    instalments_oere: int | None
    uncovered_oere: int | None
    cap_oere: int | None
    headroom_oere: int | None
    entries: tuple[int, ...]


def lines(history: History, cap: Callable[[int], int | None]) -> Iterator[BalanceLine]:
    """The balances line by line: the posts of each year, then its total."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("option", "cost_oere", "instalments_oere", "uncovered_oere", "cap_oere", "headroom_oere")
    )
    for year, row in tell(history, cap).balances.items():
        for post, figures in row.posts.items():
            own: dict[str, Any] = {name: value for name, value in vars(figures).items() if name != "name"}
            yield BalanceLine(**nothing | own, year=int(year), post=post)
        yield BalanceLine(**nothing | vars(row.total), year=int(year), post=None)


_AMOUNTS: Final = (
    "approved_oere", "paid_oere", "documented_oere", "accepted_oere", "own_cost_oere", "repay_oere", "cost_oere",
    "instalments_oere", "uncovered_oere", "cap_oere", "headroom_oere",
)  # fmt: skip
TABLE: Final[Table] = table(
    "balances",
    Column("year", Integer, nullable=False),
    Column("post", String),
    Column("option", String),
    *(Column(name, BigInteger) for name in _AMOUNTS),
)


def stored(history: History, law: Law) -> Iterator[Mapping[str, Any]]:
    """The balances without the names of the posts."""
    return (members(TABLE, line) for line in lines(history, law.cap_oere))
