"""The page of rules: deadlines, guards, numbers and rates as the rulebook has them, for a lawyer to read."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from ledger.facts.fact import Decision, Fact, catalogue
from ledger.facts.sentence import danish_day, kroner, listed
from ledger.law.counting import Unit
from ledger.law.guards import Guard, guards
from ledger.law.municipality import Municipality, Numbers
from ledger.law.rates import RateRow
from ledger.law.rule import ANY_DECISION, Change, DayOfYear, Event, Length, Met, Rule, Starts, Where
from ledger.law.rulebook import Rulebook, rulebook_in_force
from tests.rule_paths import changes, facts_named, words

UNITS = {
    Unit.DAYS: ("dag", "dage"),
    Unit.WEEKS: ("uge", "uger"),
    Unit.MONTHS: ("måned", "måneder"),
    Unit.WORKING_DAYS: ("arbejdsdag", "arbejdsdage"),
}
SINCE = {"received": "den dag, den er modtaget", "answer_due": "høringens (forlængede) svarfrist"}
WINDOWS = {
    "from_start": "et år regnes fra den dag, træningen startede",
    "calendar_year": "et år er kalenderåret; et ufuldstændigt første år kræver ét tilsyn for hvert hele halvår",
}
CAP = {"budget_year": "budgetåret", "rolling_12_months": "de 12 måneder op til den nye bevilling"}
MONTHS = ("januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november",
          "december")  # fmt: skip
YEARS = {-1: " året før", 0: "", 1: " året efter"}


def rules_md() -> str:
    """docs/rules.md: all that is law, with where it is written."""
    return "\n".join(_page(rulebook_in_force())) + "\n"


def _page(book: Rulebook) -> Iterator[str]:
    yield "# Regler"
    yield ""
    yield f"Dannet af filerne i `ledger/law/rulebooks/{book.version}` og `ledger/law/guards` (`make docs`)."
    yield ""
    yield f"{len(book.slugs)} frister, {len(guards())} kontroller, {len(book.rates)} satser. Hver siger, hvor den står,"
    yield "og hvor sikkert det er. Kilder:"
    yield ""
    yield from (f"- **{code}** {title}" for code, title in book.statute.sources.items())
    yield ""
    yield "Fristens første dag er dagen efter den dag, der regnes fra. Fristen løber til udgangen af sin sidste dag."
    yield ""
    yield "## Frister i alle kommuner"
    yield from _rules(book.statute.rule)
    for municipality in book.municipalities.values():
        yield from _municipality(municipality)
    yield from _guards()
    yield from _numbers(book)
    yield from _rates(book.rates)


def _municipality(one: Municipality) -> Iterator[str]:
    yield ""
    yield f"## Frister i {one.dansk}"
    yield ""
    yield f"Tilsyn: {WINDOWS[one.windows]}. Det årlige loft gælder {CAP[one.cap_period]}."
    yield from _rules(one.rule)


# Deadlines


def _rules(rules: tuple[Rule, ...]) -> Iterator[str]:
    for rule in rules:
        yield ""
        yield f"### {rule.dansk} `{rule.slug}`"
        yield ""
        yield f"> {rule.says}"
        yield ""
        yield from (f"- **{name}:** {text}" for name, text in _told(rule).items() if text)


def _told(rule: Rule) -> Mapping[str, str]:
    return {
        "Regnes fra": _start(rule),
        "Længde": _length(rule),
        "Hvem": rule.obliged + (f" ({rule.side.dansk})" if rule.obliged != rule.side.dansk else ""),
        "Art": rule.kind.dansk + ("; forsinkelse skal meddeles skriftligt med en ny dato" if rule.notice else ""),
        "Opfyldes af": _met(rule),
        "Ændres eller standses af": _changed(rule),
        "Kan vente på": listed(f"`{slug}`" for slug in rule.inner) if rule.inner else "",
        "Kan ventes på af": listed(f"`{slug}`" for slug in rule.inside) if rule.inside else "",
        "Gælder": _valid(rule),
        "Kilde": rule.source + (f" ”{rule.quote}”" if rule.quote else "") + f" – {rule.certainty.dansk}",
        "Bemærk": rule.remark,
    }


def _start(rule: Rule) -> str:
    if rule.each_year:
        kinds = _kinds(rule.each_year.years, rule.each_year.where)
        return f"{_day(rule.each_year.falls)}, hvert år med {kinds or 'hjemmetræning'}"
    if rule.birthday:
        return f"barnets {rule.birthday.age}-års dag" if rule.birthday.age else "barnets fødselsdag"
    if rule.windows:
        return "den første dag i hvert år med hjemmetræning"
    if rule.promises:
        return _named(("DeadlineExtensionNotified",))
    return "; ".join(map(_starts, rule.starts))


def _starts(one: Starts) -> str:
    text = _event(one)
    if one.without:
        text += f", der ikke er en del af en anden (`{one.without}`)"
    if one.unless:
        text += f", undtagen {'; '.join(map(_event, one.unless))}"
    if one.first_after:
        text += f", den første efter {_named(one.first_after)}; fristen dækker alle frem til {_named((one.until,))}"
    return text if one.since == "occurred_on" else f"{text} – {_since(one.since)}"


def _since(since: str | DayOfYear) -> str:
    if isinstance(since, DayOfYear):
        return _day(since) + (", eller dagen selv, når den er senere" if since.or_later else "")
    return SINCE.get(since, f"`{since}`")


def _length(rule: Rule) -> str:
    parts = [_one_length(one) for one in rule.length]
    if rule.windows:
        parts.append(f"{rule.windows.required} gange inden årets udgang")
    if rule.until:
        parts.insert(0, f"til den dag, kommunen har sat (`{rule.until}`), ellers")
    if rule.first_promise_is_due:
        parts.append("så længe kommunen ikke har sat tallet, den første dato, den har meddelt")
    if rule.promises:
        parts.append("til den dag, der er lovet")
    text = "; ".join(parts).replace("ellers;", "ellers")
    return text + (", rykket frem til næste åbne dag" if rule.roll else "")


def _one_length(one: Length) -> str:
    if one.weeks_in:
        return f"kommunens eget antal uger (`{one.weeks_in}`)"
    count = ""
    if one.count:
        single, plural = UNITS[one.count.unit]
        count = f"{one.count.count} {single if one.count.count == 1 else plural}" + (" før" if one.before else "")
        years, months = divmod(one.count.count, 12)
        count += f" ({years} år)" if one.months and not months else ""
    if one.day:
        return f"til {_day(one.day)}" + (f", eller {count}, når der regnes fra en senere dag" if count else "")
    when = listed(f"`{path}` er {_or(map(str, values))}" for path, values in one.when.items())
    text = "samme dag" if one.count and not one.count.count else count
    return f"{text}, når {when}" if one.when else text


def _met(rule: Rule) -> str:
    if rule.promises:
        return "det, der opfylder den frist, der blev udsat"
    return "det, der starter fristen, på dets egen dag" if rule.itself else "; ".join(map(_one_met, rule.met))


def _one_met(one: Met) -> str:
    text = _event(one, " og " if one.together else " eller ")
    if one.by:
        text += f" (peger på fristen med {listed(f'`{path}`' for path in one.by)})"
    if one.like:
        text += f" af samme art som `{one.like}`" + "".join(
            f" ({_named(group, ' og ')} er én art)" for group in one.alike
        )
    if one.every:
        text += ", når alle poster er med"
    if one.covered:
        text += ", når alle er besvaret"
    if one.year is not None:
        text += f" om {'samme år' if not one.year else 'det følgende år'}"
    if one.after_late:
        text += f", når fristen `{one.after_late}` var overskredet"
    return text + (", registreret derefter" if one.recorded_after else "")


def _changed(rule: Rule) -> str:
    named: list[tuple[str, Change | None]] = [
        ("flyttes af", rule.moved_by), ("ny frist ved", rule.replaced_by), ("ny dato loves ved", rule.promised_by),
        *(("standses af", one) for one in rule.stopped_by),
    ]  # fmt: skip
    assert len([one for _, one in named if one]) == len(changes(rule))
    parts = [f"{what} {_event(one)}" for what, one in named if one]
    if rule.stops_with_training != "no":
        until = " inden fristen" if rule.stops_with_training == "until_due" else ""
        parts.append(f"standses, når hjemmetræningen ophører{until}")
    return "; ".join(parts)


def _valid(rule: Rule) -> str:
    parts = [f"fra den {danish_day(rule.valid_from)}"] if rule.valid_from else []
    parts += [f"til den {danish_day(rule.valid_to)}"] if rule.valid_to else []
    parts += [f"lovperiode {listed(rule.periods)}"] if rule.periods else []
    return ", ".join(parts)


def _day(day: DayOfYear) -> str:
    month, number = map(int, day.falls.split("-"))
    return f"{number}. {MONTHS[month - 1]}" + YEARS.get(day.years, f" {day.years} år efter")


def _event(event: Event | Change, or_: str = " eller ") -> str:
    where_not = event.where_not if isinstance(event, Event) else {}
    return _kinds(event.on, event.where, where_not, or_)


def _kinds(names: tuple[str, ...], where: Where, where_not: Where | None = None, or_: str = " eller ") -> str:
    """Fact types with the conditions on them: `Tilsyn afholdt (ordinært)`."""
    conditions = [_condition(names, path, values) for path, values in where.items()]
    conditions += [f"ikke {_condition(names, path, values)}" for path, values in (where_not or {}).items()]
    return _named(names, or_) + (f" ({listed(conditions)})" if conditions else "")


def _condition(names: tuple[str, ...], path: str, values: tuple[str | bool | int, ...]) -> str:
    dansk = {word.value: word.dansk for fact in facts_named(names) for word in words(fact, path)}
    return _or(dansk.get(str(value), f"`{path}`") for value in values)


def _or(parts: Iterable[str]) -> str:
    *rest, last = parts
    return f"{', '.join(rest)} eller {last}" if rest else last


def _named(names: tuple[str, ...], or_: str = " eller ") -> str:
    return or_.join(
        "enhver afgørelse" if name == ANY_DECISION else f"{catalogue()[name].declared.dansk} (`{name}`)"
        for name in names
    )


# Guards


def _guards() -> Iterator[str]:
    yield ""
    yield "## Kontroller"
    yield ""
    yield "Spørges, når noget registreres. Siger en kontrol nej, afvises det; med et *flag* registreres det, og sagen"
    yield "får en anmærkning. Kontroller med * gælder kun i de kommuner, hvis fil nævner dem."
    yield ""
    yield "| kontrol | af | flag | siger | kilde |"
    yield "|---|---|---|---|---|"
    for one in guards():
        name = one.name + ("" if one.everywhere else "*")
        yield f"| {name} | {_asked_of(one)} | {one.flag} | {one.sentence} | {one.source} |"


def _asked_of(one: Guard) -> str:
    told: dict[type[Fact], str] = {Fact: "alt", Decision: "enhver afgørelse"}
    return ", ".join(told.get(fact) or f"`{fact.declared.type}`" for fact in one.of)


# Numbers and rates


def _numbers(book: Rulebook) -> Iterator[str]:
    yield ""
    yield "## Tal"
    yield ""
    yield "| tal | kommune | værdi | kilde | sikkerhed |"
    yield "|---|---|---|---|---|"
    yield from _number_rows("alle", book.statute.numbers)
    for one in book.municipalities.values():
        yield from _number_rows(one.dansk, one.numbers)
    yield ""
    yield "Et brev regnes for modtaget dette antal arbejdsdage efter afsendelsen: "
    yield listed(f"{channel.dansk} {days}" for channel, days in book.statute.received.items()) + "."


def _number_rows(where: str, numbers: Numbers) -> Iterator[str]:
    for name, number in ((name, number) for name, number in numbers if number is not None):
        yield f"| `{name}` | {where} | {number.value} | {number.source} | {number.certainty.dansk} |"


def _rates(rates: tuple[RateRow, ...]) -> Iterator[str]:
    yield ""
    yield "## Satser"
    yield ""
    yield "En sats gælder kun sit eget år. Kommunens registrerede satser går forud."
    for kind, rows in groupby(rates, key=lambda rate: rate.kind):
        yield ""
        yield f"### {kind.dansk.capitalize()}"
        yield ""
        yield "| sats | kommune | gælder fra | værdi | kilde | sikkerhed |"
        yield "|---|---|---|---|---|---|"
        yield from map(_rate, rows)


def _rate(rate: RateRow) -> str:
    begins = danish_day(rate.valid_from) if rate.valid_from else str(rate.year)
    value = str(rate.value) if rate.amount_oere is None else kroner(rate.amount_oere)
    where = rate.municipality or "alle"
    return f"| `{rate.name}` | {where} | {begins} | {value} | {rate.source} | {rate.certainty.dansk} |"
