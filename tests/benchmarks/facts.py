"""What is recorded again and again where appending is measured: visits, notes, payments, information."""

from datetime import date, timedelta
from typing import Any, Final

from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry, RefValue
from ledger.facts.fact import Fact
from ledger.facts.intake import InformationReceived, InformationRequested
from ledger.facts.lifecycle import CaseOpened, NoteRecorded, PartyRegistered
from ledger.facts.payments import PaymentMade
from ledger.facts.tilsyn import TilsynHeld
from ledger.store.head import Head
from ledger.store.ledger import Ledger, case_id_of

MUNICIPALITY: Final = "aarhus"
FIRST_DAY: Final = date(2026, 1, 5)
_KAREN: Final = Actor("u-fc-01", "Karen Lindholt", "familiecentret", "fc_raadgiver")
WRITTEN: Final = (
    "Mor ringer og fortæller, at træningen går godt, men at han er træt om eftermiddagen. De har flyttet den"
    " sidste time til formiddagen, og søvnen er bedre. Aftalt, at vi tager det op ved næste tilsyn"
)
OBSERVED: Final = (
    "Drengen arbejdede koncentreret i tyve minutter ad gangen og holdt pause, når hjælpetræneren foreslog det."
    " Han viste selv billedkortene frem og bad om at få lov at vise legen med kuglebanen"
)
SAID: Final = (
    "Børnehaven beskriver en dreng i trivsel, der søger de andre børn mere end i foråret og siger til, når han"
    " har brug for ro. Personalet følger ugeskemaet og ser samme fremgang som hjemmet"
)


def opening(case_number: str) -> list[Draft]:
    """The first facts of a case: its child and a parent have their keys from here on."""
    parties = (("p-barn", "child", "Villads Holm Kirk"), ("p-mor", "parent", "Signe Holm"))
    return [
        _draft(CaseOpened(case_number=case_number, opened_on=FIRST_DAY, subject="hjemmetraening", child="p-barn")),
        *(
            _draft(PartyRegistered(party=party, kind=kind, name=name, address="Elmevej 12, 8000 Aarhus C"))
            for party, kind, name in parties
        ),
    ]


def next_draft(number: int) -> Draft:
    """The fact that is recorded as the case's entry of this version: visits, notes, payments, information."""
    match number % 5:
        case 0:
            fact: Fact = TilsynHeld(
                kind="ordinary",
                participants=("p-barn", "p-mor", "u-fc-01"),
                units=("familiecentret", "paedagogik"),
                child_present=True,
                child_talked_to=True,
                health_professional=False,
                observation=f"{OBSERVED} ({number}).",
            )
        case 1:
            fact = InformationRequested(source="s-boernehave", kind="statement", purpose="tilsyn")
        case 2:
            fact = InformationReceived(source="s-boernehave", health=False, summary=f"{SAID} ({number}).")
        case 3:
            fact = PaymentMade(
                kind="instalment", year=2026, amount_oere=412_500, instalment_no=number, payee="Signe Holm"
            )
        case _:
            fact = NoteRecorded(text=f"{WRITTEN} ({number}).", about="phone_call", internal=False)
    refs: dict[str, RefValue] = {"requests": (number - 1,)} if isinstance(fact, InformationReceived) else {}
    return _draft(fact, number, refs)


def open_cases(book: Ledger, name: str, count: int) -> list[Head]:
    """The heads of cases that have just been opened."""
    numbers = [f"{name}-{index}" for index in range(count)]
    streams = [(case_id_of(book.municipality, number), opening(number)) for number in numbers]
    return [Head.of(case_id, book.append(Head(case_id), drafts)) for case_id, drafts in streams]


def after(head: Head, entry: Entry[Any]) -> Head:
    """The head after one more entry, as a writer that stays with a case keeps it."""
    child = entry.fact.child if isinstance(entry.fact, CaseOpened) else head.child
    subjects = {**head.subjects, **entry.subjects}
    return Head(entry.case_id, entry.version, entry.seal, entry.recorded_at, subjects, child)


def _draft(fact: Fact, number: int = 0, refs: dict[str, RefValue] | None = None) -> Draft:
    return Draft(fact, FIRST_DAY + timedelta(days=number), _KAREN, "api", refs or {})
