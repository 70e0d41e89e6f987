"""What a deadline rule says about itself: one `[[rule]]` of a rulebook file (RULES §2).

A *path* is dotted: refs from an entry to earlier entries, then, last, a field: `sent.plan.stage`.
"""

from datetime import date
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from ledger.facts.book import Certainty
from ledger.facts.values import Slug
from ledger.law.counting import Duration, Unit

ANY_DECISION: Final = "decision"
"""Stands for every fact that communicates a decision."""


def _many(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


RuleSlug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+\.[a-z0-9]+(-[a-z0-9]+)*$")]
Path = Annotated[str, StringConstraints(pattern=r"^([a-z0-9_]+(\.[a-z0-9_]+)*)?$")]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_many)]
TypeNames = Annotated[tuple[str, ...], BeforeValidator(_many)]
Values = Annotated[tuple[str | bool | int, ...], BeforeValidator(_many)]
Where = dict[Path, Values]
"""Path to the values it may have; every line must hold."""
YearDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
"""A day of the year, month first: 11-15."""
Said = Annotated[str, StringConstraints(min_length=1)]


class Kind(Slug):
    """What it means when a deadline passes (RULES "class")."""

    HARD = "hard", "lovbestemt frist"
    PUBLISHED = "published", "offentliggjort frist"
    SOFT = "soft", "vejledende frist"
    HEARING = "hearing", "høringsfrist"
    RIGHT = "right", "ret, der bortfalder"
    RETENTION = "retention", "opbevaring"


class Side(Slug):
    """On whom the case waits while a deadline runs. In the order that ties are settled (CLARIFICATIONS 20)."""

    THIRD_PARTIES = "third_parties", "andre"
    PARENTS = "parents", "forældrene"
    AUTHORITY = "authority", "kommunen"


class Part(BaseModel):
    """A piece of a rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Event(Part):
    """Entries of some types, of a kind."""

    on: TypeNames
    where: Where = {}
    where_not: Where = {}


class DayOfYear(Part):
    """A day of the year that an entry is about, or of one some years from it."""

    falls: YearDay = Field(alias="date")
    years: int = 0
    or_later: Path = ""
    """A field of the entry: its day, when that is later."""

    def of(self, year: int) -> date:
        """The day in question for a year."""
        month, day = map(int, self.falls.split("-"))
        return date(year + self.years, month, day)


class Starts(Event):
    """The entries that set a rule running."""

    without: str = ""
    """Not those that carry this ref."""
    unless: tuple[Event, ...] = ()
    since: Path | DayOfYear = "occurred_on"
    """The day that counts: a field, `received` (EVENTS §0.2), `answer_due` (of the hearing), or a day of the year."""
    first_after: TypeNames = ()
    """Only the first one after such an entry; the deadline covers those that follow …"""
    until: str = ""
    """… up to the next of this type."""


class EachYear(Part):
    """A rule that runs by the calendar."""

    falls: DayOfYear
    years: TypeNames = ()
    """The years that entries of these types are about; none = the years with training."""
    where: Where = {}
    appears: DayOfYear
    tracked: Literal["trigger", "due"] = "trigger"
    """Which of its days must not lie before the ledger is complete (CaseOpened.tracked_from)."""


class Birthday(Part):
    """A rule that runs from a birthday of the child."""

    age: Annotated[int, Field(ge=0, le=30)]
    appears_on_the_day: bool = False


class Windows(Part):
    """A rule that runs for each window of training (the municipality says how windows lie)."""

    required: Annotated[int, Field(ge=1)]


class Length(Part):
    """How long a rule runs: one unit and a count, or up to a day of the year."""

    days: Annotated[int, Field(ge=0)] | None = None
    weeks: Annotated[int, Field(ge=0)] | None = None
    months: Annotated[int, Field(ge=0)] | None = None
    working_days: Annotated[int, Field(ge=0)] | None = None
    weeks_in: str = ""
    """Name of the municipality's number of weeks; unset = no due date yet."""
    before: bool = False
    """Counted backwards from the day that counts."""
    day: DayOfYear | None = None
    when: Where = {}
    """Only for such entries."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Length":
        given = [self.days, self.weeks, self.months, self.working_days, self.weeks_in or None]
        counts = sum(one is not None for one in given)
        if counts > 1 or counts + (self.day is not None) == 0:
            raise ValueError("skal være én længde: days, weeks, months, working_days, weeks_in eller day")
        if self.before and self.working_days is not None:
            raise ValueError("hverdage tælles kun fremad")
        return self

    @cached_property
    def count(self) -> Duration | None:
        """The unit and the count, None for a day of the year or a number kept elsewhere."""
        for unit in Unit:
            if (count := getattr(self, unit.value)) is not None:
                return Duration(unit, count)
        return None


class Met(Event):
    """The entries that meet a rule."""

    by: Paths = ()
    """How they point to the deadline: paths of refs that lead to what it runs for."""
    ours: Path = ""
    """What the deadline runs for: a path of refs from what started it; empty = that itself."""
    year: int | None = None
    """They are about the deadline's year, or one some years from it."""
    every: tuple[Path, Path] | None = None
    """All of it must be met: a list field of what started it, and the field of theirs that takes one off."""
    covered: bool = False
    """All that the deadline covers must be met."""
    together: bool = False
    """One of each type is needed; the last of them counts."""
    after_late: RuleSlug | None = None
    """Only when what started the deadline came after the last day of this rule."""
    like: Path = ""
    """Only types that this path, from what started the deadline, leads to …"""
    alike: tuple[tuple[str, ...], ...] = ()
    """… where these stand for each other, and go before any other type."""
    recorded_after: bool = False
    """They must also be recorded after what started it."""

    @property
    def decides_alone(self) -> bool:
        """Whether a ref or a year ties them to the deadline (CLARIFICATIONS 12)."""
        return bool(self.by) or self.year is not None


class Change(Part):
    """Entries that move, extend or stop a running deadline."""

    on: TypeNames
    where: Where = {}
    by: Paths = ()
    ours: Path = ""
    day: Path = "occurred_on"
    """The field with the day."""
    undone_by: str = ""
    """It no longer counts once an entry of this type follows."""


class Rule(Part):
    """A deadline rule, for as long as it is valid."""

    slug: RuleSlug
    dansk: Said
    says: Said
    """The rule in one Danish sentence."""
    obliged: Said
    """Who must act, in Danish."""
    side: Side
    kind: Kind = Field(alias="class")
    roll: bool = False
    notice: bool = False
    """A delay must be told, with a new date, before the due date."""

    starts: tuple[Starts, ...] = ()
    each_year: EachYear | None = None
    birthday: Birthday | None = None
    windows: Windows | None = None
    promises: bool = False
    """It runs for each new date that was promised; met and stopped as the deadline that was extended."""
    first_promise_is_due: bool = False
    """While no length is set, the first promised date is the due date."""
    yields: bool = False
    """It gives way to a rule of the same class that the municipality has for the same entry."""
    itself: bool = False
    """What starts it also meets it, on its own day."""

    length: Annotated[tuple[Length, ...], BeforeValidator(_many)] = ()
    """The first whose `when` holds."""
    until: Path = ""
    """A field with a date that the authority set instead; it never rolls."""
    met: Annotated[tuple[Met, ...], BeforeValidator(_many)] = ()
    moved_by: Change | None = None
    """Moves the day that counts; without a day it stops the deadline."""
    replaced_by: Change | None = None
    """Replaces the due date."""
    promised_by: Change | None = None
    """Promises a date of its own; counts as the notice."""
    stopped_by: tuple[Change, ...] = ()
    stops_with_training: Literal["no", "always", "until_due"] = "no"

    inside: tuple[RuleSlug, ...] = ()
    """Rules that wait on this one while it runs, said from within: a municipality's rule inside one of the statute."""
    inner: tuple[RuleSlug, ...] = ()
    """Rules whose running tells on whom this one waits."""
    periods: tuple[str, ...] = ()
    """Legal periods of the day that counts; none = all."""
    valid_from: date | None = None
    valid_to: date | None = None
    source: Said
    """Code of the source paper, or the law."""
    quote: str = ""
    """Words to find in it."""
    certainty: Certainty
    remark: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> "Rule":
        runs_by = [bool(self.starts), self.each_year, self.birthday, self.windows, self.promises]
        if sum(map(bool, runs_by)) != 1:
            raise ValueError("skal have netop én af starts, each_year, birthday, windows og promises")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to ligger før valid_from")
        if not (self.length or self.windows or self.promises or self.first_promise_is_due):
            raise ValueError("length mangler")
        return self

    def valid_on(self, day: date) -> bool:
        """Whether the rule is chosen for a day that counts."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)
