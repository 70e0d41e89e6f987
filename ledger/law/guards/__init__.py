"""Guards: named yes/no questions that a fact must meet (RULES §3), one module per area.

One set of functions serves both uses: `commands` asks them to block a live fact, `projections` asks them
to report what imported and older facts break.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from ledger.errors import FailedGuard
from ledger.facts.fact import Fact, catalogue
from ledger.law.guards.seen import Seen
from ledger.law.missing import GOALS_OLD, MISSING_INSTALMENT
from ledger.law.rulebook import Rulebook, RulebookError

Question = Callable[[Seen, Any], bool]


@dataclass(frozen=True, slots=True)
class Guard:
    """One question, and what is said when the answer is no."""

    id: str
    """G01 …; empty when RULES names the finding only by its flag."""
    asks: Question
    of: tuple[type[Fact], ...]
    """Fact types it is asked of, with their subclasses."""
    sentence: str
    source: str
    flag: str
    """Code of the finding; a guard with a flag never blocks."""
    everywhere: bool
    """False: only in the municipalities whose file lists it."""

    @property
    def blocks(self) -> bool:
        """Whether a no refuses a live fact."""
        return not self.flag

    @property
    def name(self) -> str:
        """Its id, or its flag when it has none."""
        return self.id or self.flag

    def failed(self) -> FailedGuard:
        """The answer no."""
        return FailedGuard(self.name, self.sentence, self.source)


_GUARDS: Final[list[Guard]] = []


def guard(
    number: str, *of: type[Fact], source: str, flag: str = "", everywhere: bool = True
) -> Callable[[Question], Question]:
    """Declares a question as guard `number` of fact types. Its docstring is what is said on a no."""

    def declare(asks: Question) -> Question:
        sentence = " ".join((asks.__doc__ or "").split())
        assert sentence, f"{number} must say what is wrong"
        _GUARDS.append(Guard(number, asks, of, sentence, source, flag, everywhere))
        return asks

    return declare


@cache
def guards() -> tuple[Guard, ...]:
    """Every guard, lowest id first. Found by importing the areas."""
    package = import_module("ledger.law.guards")
    for module in iter_modules(package.__path__, "ledger.law.guards."):
        import_module(module.name)
    return tuple(sorted(_GUARDS, key=lambda one: (one.name, one.flag, one.sentence, one.source)))


@cache
def guards_of() -> Mapping[type[Fact], tuple[Guard, ...]]:
    """The guards asked of each fact type, lowest id first."""
    return {
        fact_type: tuple(one for one in guards() if issubclass(fact_type, one.of)) for fact_type in catalogue().values()
    }


def check_guards(book: Rulebook) -> None:
    """RulebookError when a municipality lists a guard that there is not: it would never be asked."""
    known = {one.name for one in guards() if not one.everywhere} | {GOALS_OLD, MISSING_INSTALMENT}
    for municipality in book.municipalities.values():
        for name in municipality.guards:
            if name not in known:
                told = ", ".join(sorted(known))
                raise RulebookError(f"{municipality.slug}.toml: guards: vagten {name!r} findes ikke; kendte: {told}.")


def failing(fact: Fact, seen: Seen) -> list[Guard]:
    """Every guard that says no to a fact, blocking or not, lowest id first."""
    own = seen.law.municipality.guards
    asked = guards_of()[type(fact)]
    return [one for one in asked if (one.everywhere or one.name in own) and not one.asks(seen, fact)]
