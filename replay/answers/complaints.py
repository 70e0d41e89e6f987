"""Questions 7-10: the guidance on complaints, the complaint, and the municipality's own new look at its decision."""

from collections.abc import Callable
from typing import Any, Final

from ledger.facts.entry import Entry
from ledger.facts.fact import Favourable, Klagevejledning
from ledger.facts.klage import KlageKind, KlageReceived, KlageWithdrawn
from ledger.law.deadlines import last_day
from ledger.law.rule import Kind
from projections.deadlines import DeadlineRow
from projections.klager import KlageRow
from projections.klager import tell as tell_klager
from replay.answers import Asked, Found, question
from replay.answers.common import (
    about_decision,
    as_of,
    days,
    deadline_row,
    decided_by,
    decision_named,
    kept,
    newest_decision,
    recorded_by,
    the_decision,
    together,
)
from replay.answers.wording import chosen, joined, on, versions_of

ANKESTYRELSEN: Final = "ankestyrelsen"
COMPLAINT: Final = "statute.klage"
NEW_LOOK: Final = "statute.genvurdering"
_NO_NEW_LOOK: Final = "en genvurdering af klagen"


def covering(asked: Asked, decision: Entry[Any]) -> Entry[Any]:
    """The letter that a decision went out in: the decision it is part of, or itself."""
    return asked.told.at(decision.pointer("part_of") or decision.version) or decision


# 7


@about_decision(7, "Var der klagevejledning, og var den rigtig?")
def guidance(asked: Asked, decision: Entry[Any]) -> Found:
    """Whether the decision, or the letter it went out in, said where, when and to whom one complains."""
    for one in (decision, covering(asked, decision)):
        if one.fact.klagevejledning:
            return _guidance(asked, one, one.fact.klagevejledning)
    full = decision.fact.favourable is Favourable.FULL
    duty = (
        "Den var ikke påkrævet, fordi afgørelsen gav fuldt medhold (forvaltningslovens § 25)."
        if full
        else "Den var påkrævet, fordi afgørelsen ikke gav fuldt medhold (forvaltningslovens § 25)."
    )
    sentence = f"Nej. {the_decision(decision)} har ingen klagevejledning. {duty}"
    return Found(sentence, {"klagevejledning": None}, [decision.version], () if full else ("klagevejledning",))


def _guidance(asked: Asked, decision: Entry[Any], given: Klagevejledning) -> Found:
    faults = _faults(asked, decision, given)
    body = "Ankestyrelsen" if given.instans == ANKESTYRELSEN else given.instans
    sentence = joined(
        "Ja, men den var ikke rigtig." if faults else "Ja, og den var rigtig.",
        f"{the_decision(decision)} oplyser, at der kan klages til {body} inden {_in_weeks(given.frist_uger)}, og at"
        f" klagen sendes til {asked.unit(given.sendes_til)}.",
        *faults,
    )
    return Found(sentence, {"klagevejledning": given, "faults": faults}, [decision.version])


def _faults(asked: Asked, decision: Entry[Any], given: Klagevejledning) -> list[str]:
    weeks, by = _weeks(asked), decision.fact.decided_by
    units = {decision.actor.unit, *([by.unit] if by else [])}
    return [
        said
        for said, wrong in (
            ("Klageinstansen er Ankestyrelsen.", given.instans != ANKESTYRELSEN),
            (f"Klagefristen er {weeks} uger.", weeks is not None and given.frist_uger != weeks),
            ("Klagen skal sendes til den, der har truffet afgørelsen.", given.sendes_til not in units),
        )
        if wrong
    ]


def _in_weeks(count: int) -> str:
    return f"{count} {'uge' if count == 1 else 'uger'}"


def _weeks(asked: Asked) -> int | None:
    rule = next((rule for rule in asked.law.rules if rule.slug == COMPLAINT), None)
    return rule.length[0].weeks if rule else None


# 8


def _complained_over(asked: Asked) -> Entry[Any] | None:
    """The decision that was last complained over, else the newest there is."""
    found = (asked.told.at(one.pointer("decision") or 0) for one in reversed(asked.told.of(KlageReceived)))
    return next((one for one in found if one), None) or newest_decision(asked)


@about_decision(8, "Blev der klaget over afgørelsen, og kom klagen i tide?", usually=_complained_over)
def complained_over(asked: Asked, decision: Entry[Any]) -> Found:
    """The complaints over a decision, its parts or the letter it was part of, against the last day to complain."""
    letter = covering(asked, decision)
    klager = [one for one in asked.told.of(KlageReceived) if _is_over(asked, one, decision, letter)]
    due = last_day(asked.law, asked.told, letter, Kind.RIGHT)
    row = deadline_row(asked, COMPLAINT, letter.version)
    if klager:
        sentence = joined("Ja.", *(_in_time(asked, one, decision, due) for one in klager))
    else:
        sentence = joined(
            f"P{as_of(asked)[1:]} er der ikke registreret nogen klage over {decision_named(decision)}.",
            _right(asked, due),
        )
    data = {"due_on": due, "status": row.status if row else None, "klager": [_klage_data(one, due) for one in klager]}
    return Found(sentence, data, versions_of([decision, letter], klager, _withdrawals(asked, klager)))


def _is_over(asked: Asked, klage: Entry[KlageReceived], decision: Entry[Any], letter: Entry[Any]) -> bool:
    target = asked.told.at(klage.pointer("decision") or 0)
    if klage.fact.kind is not KlageKind.DECISION or target is None:
        return False
    return target.version in (decision.version, letter.version) or target.pointer("part_of") == decision.version


def _in_time(asked: Asked, klage: Entry[KlageReceived], decision: Entry[Any], due: Any) -> str:
    fact, target = klage.fact, asked.told.at(klage.pointer("decision") or 0) or decision
    said = f"{asked.names(fact.by)} klagede {on(klage.occurred_on)} ({fact.form.dansk}, nr. {klage.version})"
    said = f"{said} over {decision_named(target)}"
    if due is None:
        return f"{said}; klagefristens sidste dag kendes ikke."
    late = (klage.occurred_on - due).days
    if late <= 0:
        said += f"; klagefristen løb til {on(due)}, så klagen kom i tide."
    else:
        said += f"; klagefristen udløb {on(due)}, så klagen kom {days(late)} for sent."
        said += " Kun Ankestyrelsen kan se bort fra fristen."
    return joined(
        said, *(f"Klagen blev trukket tilbage {on(one.occurred_on)}." for one in _withdrawals(asked, [klage]))
    )


def _right(asked: Asked, due: Any) -> str:
    if due is None:
        return "Afgørelsen sætter ingen klagefrist i gang."
    over = due < asked.history.as_of
    return f"Klagefristen {'udløb' if over else 'løber til'} {on(due)}."


def _withdrawals(asked: Asked, klager: list[Entry[KlageReceived]]) -> list[Entry[KlageWithdrawn]]:
    versions = {one.version for one in klager}
    return [one for one in asked.told.of(KlageWithdrawn) if one.pointer("klage") in versions]


def _klage_data(klage: Entry[KlageReceived], due: Any) -> dict[str, Any]:
    return {
        "klage": klage.version,
        "decision": klage.pointer("decision"),
        "received_on": klage.occurred_on,
        "in_time": None if due is None else klage.occurred_on <= due,
    }


# 9 and 10


def about_klager(number: int, asks: str) -> Callable[[Callable[[Asked, KlageRow], Found]], Any]:
    """Declares a question about each complaint over a decision, or about the one of a version."""

    def declare(tell: Callable[[Asked, KlageRow], Found]) -> Callable[[Asked, KlageRow], Found]:
        def ask(asked: Asked, klage: int | None = None) -> Found:
            received = [one for one in asked.told.of(KlageReceived) if one.fact.kind is KlageKind.DECISION]
            if not received:
                return Found(f"Sagen har ingen klager over afgørelser {as_of(asked)}.")
            only = klage and chosen(received, klage)
            rows = (row for row in tell_klager(asked.history) if row.kind is KlageKind.DECISION)
            return together(tell(asked, row) for row in rows if not only or row.version == only.version)

        ask.__module__ = tell.__module__
        question(number, asks)(ask)
        return tell

    return declare


def the_klage(row: KlageRow) -> str:
    """`Klagen af 26. april 2023 (nr. 119)`, as a sentence begins with it."""
    return f"Klagen modtaget {on(row.received_on)} (nr. {row.version})"


@about_klager(9, "Blev klagen genvurderet inden fristen på fire uger?")
def new_look(asked: Asked, klage: KlageRow) -> Found:
    """The new look and the sending on, against the deadline."""
    row = deadline_row(asked, NEW_LOOK, klage.version)
    sent = f"sendt til Ankestyrelsen {on(klage.forwarded_on)}" if klage.forwarded_on else None
    if klage.genvurdering_on and klage.genvurdering_resultat:
        looked = f"blev genvurderet {on(klage.genvurdering_on)} ({klage.genvurdering_resultat.dansk})"
        looked += f" og {sent}" if sent else ""
    else:
        looked = "er ikke registreret som genvurderet" + (f", men blev {sent}" if sent else "")
    withdrawn = f" Klagen blev trukket tilbage {on(klage.withdrawn_on)}." if klage.withdrawn_on else ""
    limit = f"; {kept(row)}" if row else "; der løber ingen frist for den her"
    late = _was_sent_on_late(klage, row)
    why = " Klagen kom for sent, så den skulle ikke genvurderes." if late else ""
    versions = {one for one in (klage.version, klage.genvurdering, klage.forwarded, klage.withdrawn) if one}
    missing = () if klage.genvurdering or klage.withdrawn or late else (_NO_NEW_LOOK,)
    return Found(f"{the_klage(klage)} {looked}{limit}.{why}{withdrawn}", row, versions, missing)


def _was_sent_on_late(klage: KlageRow, row: DeadlineRow | None) -> bool:
    """Whether it came too late and was sent on as it was: only that meets the deadline without a new look."""
    return klage.genvurdering is None and row is not None and row.met_on is not None


def _no_new_look(asked: Asked, klage: KlageRow) -> Found:
    if klage.forwarded and _was_sent_on_late(klage, deadline_row(asked, NEW_LOOK, klage.version)):
        says = f"{the_klage(klage)} kom for sent og blev sendt til Ankestyrelsen uden genvurdering."
        return Found(says, None, [klage.version, klage.forwarded])
    missing = () if klage.withdrawn else (_NO_NEW_LOOK,)
    return Found(f"{the_klage(klage)} er ikke registreret som genvurderet.", None, [klage.version], missing)


@about_klager(10, "Blev den genvurderet af en anden end den, der traf afgørelsen?")
def by_another(asked: Asked, klage: KlageRow) -> Found:
    """Who made the new look, beside who decided and who recorded the decision."""
    decision, look = asked.told.at(klage.decision or 0), asked.told.at(klage.genvurdering or 0)
    if look is None:
        return _no_new_look(asked, klage)
    if decision is None:
        return Found(
            f"{the_klage(klage)} peger ikke på en afgørelse, så det kan ikke siges, om en anden genvurderede den.",
            None, [klage.version, look.version], ("den afgørelse, der er klaget over",),
        )  # fmt: skip
    by = decision.fact.decided_by
    same = look.actor.user_id == decision.actor.user_id or (by is not None and by.name == look.actor.name)
    sentence = (
        f"{'Nej' if same else 'Ja'}. {the_klage(klage)} blev genvurderet af {recorded_by(asked, look)}; afgørelsen"
        f" (nr. {decision.version}) blev truffet af {decided_by(asked, decision)}, og registreret af"
        f" {recorded_by(asked, decision)}."
    )
    data = {
        "klage": klage.version,
        "genvurdering_by": look.actor,
        "decision_by": decision.actor,
        "by_another": not same,
    }
    return Found(sentence, data, [klage.version, look.version, decision.version])
