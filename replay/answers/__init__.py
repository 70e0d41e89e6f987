"""The forty audit questions (REPORTS §4): each a function that answers in Danish, with what the answer rests on.

Where the ledger cannot know, the answer says what is missing instead of guessing.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from pydantic import TypeAdapter

from ledger.errors import Fault, Invalid, NotFound
from ledger.facts.case import fold
from ledger.facts.entry import Actor, Entry
from ledger.facts.sentence import Names, sentence
from ledger.facts.values import Count, Day
from ledger.law.told import Told
from projections import deadlines
from projections.parties import names_in
from replay.as_of import Sight


@dataclass(frozen=True)
class Found:
    """What a question function finds out."""

    sentence: str
    """The answer in Danish, in one sentence or a few."""
    data: Any = None
    """The same as plain data."""
    versions: Iterable[int] = ()
    """The entries it rests on."""
    missing: tuple[str, ...] = ()
    """What the ledger would have to hold to know more, in Danish."""


@dataclass(frozen=True)
class Evidence:
    """An entry that an answer rests on, with both clocks."""

    version: int
    type: str
    title: str
    sentence: str
    occurred_on: date
    recorded_at: datetime
    source_recorded_at: datetime | None
    recorded_by: Actor
    seal: str
    corrected_by: tuple[int, ...]
    annulled_by: int | None


@dataclass(frozen=True)
class Answer:
    """One question, answered for a case from a point in time."""

    id: str
    question: str
    answer: str
    data: Any
    missing: tuple[str, ...]
    entries: tuple[Evidence, ...]
    as_of: date
    version: int
    """The newest version known."""
    rulebook: str


class Asked:
    """A case as a question function sees it."""

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self.history = sight.history
        self.law = sight.law
        self.told = Told(sight.history.told)
        self.case = fold(sight.history)
        self.names: Names = names_in(self.case.lifecycle.parties)

    @cached_property
    def deadlines(self) -> list[deadlines.DeadlineRow]:
        """Where every deadline of the case stands."""
        return list(deadlines.tell(self.history, self.law))

    def unit(self, slug: str | None) -> str:
        """A unit's name as people read it."""
        return "–" if slug is None else self.law.municipality.units.get(slug, slug)

    def decision(self, version: int | None) -> Entry[Any]:
        """The decision asked about: the one of that version, else the newest."""
        decisions = [entry for entry in self.history.told if entry.fact.decides]
        if version is not None:
            decisions = [entry for entry in decisions if entry.version == version]
        if not decisions:
            raise NotFound(
                "Der er ingen sådan afgørelse på sagen." if version is not None else "Der er ingen afgørelser på sagen."
            )
        return decisions[-1]


Function = Callable[..., Found]


@dataclass(frozen=True)
class Question:
    """One of the forty, and the function that answers it."""

    id: str
    asks: str
    """The question in Danish."""
    function: Function

    @property
    def takes(self) -> Mapping[str, inspect.Parameter]:
        """Its own parameters by name."""
        _, *own = inspect.signature(self.function).parameters.values()
        return {one.name: one for one in own}


_QUESTIONS: Final[dict[str, Question]] = {}


def question(number: int, asks: str) -> Callable[[Function], Function]:
    """Declares a function as the answer to a question. Its parameters after the first are asked for by name."""

    def declare(function: Function) -> Function:
        name = f"Q{number:02}"
        assert name not in _QUESTIONS or _QUESTIONS[name].function.__module__ == function.__module__, f"{name} is taken"
        _QUESTIONS[name] = Question(name, asks, function)
        return function

    return declare


@cache
def questions() -> Mapping[str, Question]:
    """The questions by id, in order. Found by importing the modules here."""
    package = import_module("replay.answers")
    for module in iter_modules(package.__path__, "replay.answers."):
        import_module(module.name)
    return dict(sorted(_QUESTIONS.items()))


def answer(sight: Sight, name: str, given: Mapping[str, str] | None = None) -> Answer:
    """Answers a question about a case. Invalid when there is no such question or a parameter is wrong."""
    found = questions().get(name.upper())
    if found is None:
        raise Invalid(Fault("QID", f"spørgsmålet {name!r} findes ikke; se: sagsbog answer --list"))
    told = found.function(Asked(sight), **_read(found, given or {}))
    history = sight.history
    return Answer(
        id=found.id,
        question=found.asks,
        answer=told.sentence,
        data=told.data,
        missing=told.missing,
        entries=tuple(_evidence(sight, told.versions)),
        as_of=history.as_of,
        version=history.version,
        rulebook=sight.law.rulebook.digest,
    )


def _read(asked: Question, given: Mapping[str, str]) -> dict[str, Any]:
    """The parameters as the function wants them: what is missing, unknown or malformed is Invalid."""
    faults = [
        Fault(name, f"kendes ikke; spørgsmålet tager: {', '.join(asked.takes) or 'ingen'}")
        for name in given
        if name not in asked.takes
    ]
    read: dict[str, Any] = {}
    for name, parameter in asked.takes.items():
        if name in given:
            try:
                read[name] = TypeAdapter(_KINDS.get(parameter.annotation, parameter.annotation)).validate_strings(
                    given[name]
                )
            except ValueError:
                faults.append(Fault(name, f"{given[name]!r} kan ikke læses: skal være {_wanted(parameter.annotation)}"))
        elif parameter.default is inspect.Parameter.empty:
            faults.append(Fault(name, f"mangler; skriv {name}=…"))
    if faults:
        raise Invalid(*faults)
    return read


_KINDS: Final[Mapping[Any, Any]] = {date: Day, date | None: Day, int: Count, int | None: Count}
"""What is read in the place of a bare type: within what the ledger can hold."""


def _wanted(annotation: Any) -> str:
    kind = str(annotation)
    if "date" in kind:
        return "en dato (ÅÅÅÅ-MM-DD)"
    return "et helt tal" if "int" in kind else "en tekst"


def _evidence(sight: Sight, versions: Iterable[int]) -> Iterable[Evidence]:
    history = sight.history
    reads = {entry.version: entry for entry in history.recorded} | {entry.version: entry for entry in history.told}
    names = names_in(fold(history).lifecycle.parties)
    for version in sorted(set(versions)):
        entry = reads[version]
        yield Evidence(
            version=version,
            type=entry.type,
            title=entry.fact.declared.dansk,
            sentence=sentence(entry.fact, names),
            occurred_on=entry.occurred_on,
            recorded_at=entry.recorded_at,
            source_recorded_at=entry.source_recorded_at,
            recorded_by=entry.actor,
            seal=entry.seal.hex(),
            corrected_by=history.corrected_by.get(version, ()),
            annulled_by=history.annulled_by.get(version),
        )
