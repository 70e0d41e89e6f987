"""The rulebook: the law as data, one directory of TOML files per version (ledger/law/rulebooks).

`statute.toml` holds what is the same everywhere, `rates.toml` the rates, every other file a municipality.
A version that entries were recorded under is never changed; the law changes by a new directory.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import groupby, pairwise
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ledger.errors import Fault, Invalid, NotFound, SagsbogError
from ledger.facts.fact import Channel, Fact, catalogue
from ledger.law.counting import A_DAY
from ledger.law.municipality import Municipality, Numbers
from ledger.law.rates import RateRow
from ledger.law.rule import ANY_DECISION, Change, Event, Rule, Said

STATUTE: Final = "statute.toml"
RATES: Final = "rates.toml"
Where = tuple[str | int, ...]
"""Where in a file: keys, and numbers in a list."""
_CODE: Final = re.compile(r"\bS[0-9]\b")
M = TypeVar("M", bound=BaseModel)


class RulebookError(SagsbogError):
    """A rulebook file cannot be used. Names file, line and what is wrong."""


class Statute(BaseModel):
    """statute.toml: what is the same in every municipality."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Said
    sources: Mapping[str, Said]
    """By the code that rules and guards name them with: S0 …"""
    received: Mapping[Channel, Annotated[int, Field(ge=0)]]
    """Working days from a letter is sent until it counts as received."""
    numbers: Numbers
    stopped_by: tuple[Change, ...] = ()
    """What stops every deadline that runs for it."""
    rule: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _sets_every_number(self) -> "Statute":
        if self.numbers.unset:
            raise ValueError(f"tal uden værdi: {', '.join(self.numbers.unset)}")
        return self


class _Rates(BaseModel):
    """rates.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate: tuple[RateRow, ...] = ()


@dataclass(frozen=True, eq=False)
class Rulebook:
    """All that is law, at one version."""

    statute: Statute
    municipalities: Mapping[str, Municipality]
    rates: tuple[RateRow, ...]
    digest: str
    """SHA-256 over the content, hex: what entries name as the law they were recorded under."""

    @property
    def version(self) -> str:
        """The version's name."""
        return self.statute.version

    @cached_property
    def slugs(self) -> frozenset[str]:
        """The slug of every rule, of whichever file."""
        return frozenset(rule.slug for rule in self._all_rules())

    def rules(self, municipality: str) -> tuple[Rule, ...]:
        """The rules that apply in a municipality."""
        return self.statute.rule + self.municipalities[municipality].rule

    def inner(self, municipality: str, slug: str) -> frozenset[str]:
        """The rules whose running tells on whom a rule waits."""
        rules = self.rules(municipality)
        named = {inner for rule in rules if rule.slug == slug for inner in rule.inner}
        return frozenset(named | {rule.slug for rule in rules if slug in rule.inside})

    def _all_rules(self) -> Iterator[Rule]:
        yield from self.statute.rule
        for one in self.municipalities.values():
            yield from one.rule


@cache
def rulebook_in_force() -> Rulebook:
    """The newest rulebook that comes with the program."""
    return _bundled()[-1]


def rulebook_named(name: str) -> Rulebook:
    """A rulebook by version, by (the beginning of) its digest, or by its directory."""
    return read_rulebook(Path(name)) if name and Path(name).is_dir() else bundled_rulebook(name)


def bundled_rulebook(name: str) -> Rulebook:
    """A rulebook that comes with the program, by version or by (the beginning of) its digest."""
    found = [book for book in _bundled() if name and (book.version == name or book.digest.startswith(name))]
    if len(found) != 1:
        known = ", ".join(sorted(book.version for book in _bundled()))
        raise NotFound(
            f"Der er intet regelsæt {name!r}; kendte versioner: {known}, eller angiv en mappe med regelfiler."
        )
    return found[0]


@cache
def _bundled() -> Sequence[Rulebook]:
    places = [place for place in files("ledger.law").joinpath("rulebooks").iterdir() if place.name.isdigit()]
    return [read_rulebook(place) for place in sorted(places, key=lambda place: int(place.name))]


def read_rulebook(directory: Traversable) -> Rulebook:
    """Reads and checks a directory of rulebook files. RulebookError names file and line of what is wrong."""
    texts = {file.name: _text(file) for file in directory.iterdir() if file.name.endswith(".toml")}
    for needed in (STATUTE, RATES):
        if needed not in texts:
            raise RulebookError(f"{directory}: {needed} mangler.")
    read = {name: _read(name, text) for name, text in sorted(texts.items())}
    statute = _shaped(Statute, STATUTE, texts, read)
    rates = _shaped(_Rates, RATES, texts, read).rate
    own = {name: _shaped(Municipality, name, texts, read) for name in read if name not in (STATUTE, RATES)}
    for name, municipality in own.items():
        if name != f"{municipality.slug}.toml":
            raise _wrong(name, texts[name], ("slug",), f"filen beskriver {municipality.slug}")
    digest = sha256(orjson.dumps(read, option=orjson.OPT_SORT_KEYS)).hexdigest()
    book = Rulebook(statute, {one.slug: one for one in own.values()}, rates, digest)
    for name, rules in [(STATUTE, statute.rule), *((name, one.rule) for name, one in own.items())]:
        for where, sentence in _faults(rules, book):
            raise _wrong(name, texts[name], where, sentence)
    return book


def read_table(model: type[M], file: Traversable, faults: Callable[[M], Iterable[tuple[Where, str]]]) -> M:
    """Reads and checks a file that stands beside the rulebooks. RulebookError names file and line of what is wrong."""
    texts = {file.name: _text(file)}
    found = _shaped(model, file.name, texts, {file.name: _read(file.name, texts[file.name])})
    for where, sentence in faults(found):
        raise _wrong(file.name, texts[file.name], where, sentence)
    return found


def _text(file: Traversable) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise RulebookError(f"{file.name}: er ikke gyldig UTF-8.") from None


def _read(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        raise RulebookError(f"{name}, linje {at[1] if at else '?'}: kan ikke læses som TOML ({error}).") from None


def _shaped(model: type[M], name: str, texts: Mapping[str, str], read: Mapping[str, Any]) -> M:
    try:
        return model.model_validate(read[name])
    except ValidationError as error:
        first = error.errors()[0]
        raise _wrong(name, texts[name], first["loc"], str(first["msg"])) from None


def _wrong(name: str, text: str, where: Where, sentence: str) -> RulebookError:
    told = ".".join(map(str, where))
    return RulebookError(f"{name}, linje {_line(text, where)}: {told}: {sentence}.")


def _line(text: str, where: Where) -> int:
    """The line of a key. tomllib keeps none, so the table is counted down to and the key looked for in it."""
    lines = text.splitlines()
    first, end, keys = 0, len(lines), where
    if len(where) > 1 and isinstance(where[1], int):
        heads = [index for index, line in enumerate(lines) if line.strip() == f"[[{where[0]}]]"]
        first = heads[where[1]]
        end = min((index for index in heads if index > first), default=end)
        keys = where[2:]
    for key in keys:
        begins = re.compile(rf"""\s*\[*["']?{re.escape(str(key))}["']?\s*[=\].]""")
        first = next((index for index in range(first, end) if begins.match(lines[index])), first)
    return first + 1


def _faults(rules: Iterable[Rule], book: Rulebook) -> Iterator[tuple[Where, str]]:
    """What is wrong with rules that are well-formed each by itself."""
    numbered = list(enumerate(rules))
    for number, rule in numbered:
        yield from ((("rule", number, *where), sentence) for where, sentence in _rule_faults(rule, book))
    versions = sorted(numbered, key=lambda one: (one[1].slug, str(one[1].valid_from or "")))
    for _, group in groupby(versions, key=lambda one: one[1].slug):
        for (_, first), (number, later) in pairwise(group):
            ends, begins = first.valid_to, later.valid_from
            if ends is None or begins is None or begins <= ends:
                yield ("rule", number, "slug"), f"{later.slug} overlapper den foregående version af reglen"
            elif begins != ends + A_DAY:
                yield ("rule", number, "valid_from"), f"der er et hul mellem {ends} og {begins} for {later.slug}"


def _rule_faults(rule: Rule, book: Rulebook) -> Iterator[tuple[Where, str]]:
    for slug in (*rule.inner, *rule.inside, *(met.after_late for met in rule.met if met.after_late)):
        if slug not in book.slugs:
            yield ("slug",), f"reglen {slug!r} findes ikke"
    if _CODE.fullmatch(rule.source) and rule.source not in book.statute.sources:
        yield ("source",), f"kilden {rule.source} findes ikke i [sources]"
    for length in rule.length:
        if length.weeks_in and length.weeks_in not in Numbers.model_fields:
            yield ("length",), f"tallet {length.weeks_in!r} findes ikke"
    for where, event in _events(rule):
        yield from ((where, sentence) for sentence in _event_faults(event))


def _events(rule: Rule) -> Iterator[tuple[Where, Event | Change]]:
    for start in rule.starts:
        yield ("starts",), start
        yield from ((("starts",), one) for one in start.unless)
    yield from ((("met",), one) for one in rule.met)
    yield from ((("stopped_by",), one) for one in rule.stopped_by)
    named = {"moved_by": rule.moved_by, "replaced_by": rule.replaced_by, "promised_by": rule.promised_by}
    yield from (((name,), one) for name, one in named.items() if one)


def _event_faults(event: Event | Change) -> Iterator[str]:
    for name in event.on:
        if name == ANY_DECISION:
            continue
        fact = catalogue().get(name)
        if fact is None:
            yield f"hændelsestypen {name!r} findes ikke"
            continue
        firsts = {path.partition(".")[0] for path in (*event.where, *getattr(event, "by", ()))}
        for first in sorted(firsts - _known(fact)):
            yield f"{name} har hverken felt eller henvisning {first!r}"


def _known(fact: type[Fact]) -> set[str]:
    return {*fact.declared.refs, *fact.model_fields}


def unknown_municipality(book: Rulebook, slug: str, where: str = "municipality", about: str = "") -> Invalid:
    """The answer when no file is loaded for a municipality."""
    known = ", ".join(book.municipalities)
    return Invalid(Fault(where, f"kommunen {slug!r} kendes ikke; kendte: {known}"), about=about)
