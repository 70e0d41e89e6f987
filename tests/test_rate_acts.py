"""Rates take two registrars; mandates and counts of the book one person. All is kept once, or not at all."""

import json
from dataclasses import replace
from datetime import date

import pytest

from commands.book import record_in_book
from commands.rates import confirm_rate, propose_rate, rates_in_force, reject_rate
from ledger.errors import Invalid, Refused
from ledger.facts.book import RateKind
from ledger.facts.entry import Actor
from ledger.store.ledger import book_stream
from replay.verify import verify
from tests.esbjerg import LEADER, LETTER, LISE, command, option, recorded, set_clock, until

RIE = Actor("u-reg-01", "Rie Prøve", "registratur", "registrator")
OLE = Actor("u-reg-02", "Ole Prøve", "registratur", "registrator")
DAY = date(2026, 11, 20)
CAP = {
    "kind": "cap",
    "name": "cap",
    "year": 2025,
    "amount_oere": 72_000_000,
    "source": "https://sm.dk/satser-2025",
    "certainty": "ver",
}


@pytest.fixture
def book(books):
    return books.book("esbjerg")


def propose(book, data=CAP, *, actor=RIE, on=DAY, request_id="p1"):
    return propose_rate(book, data, actor, on=on, request_id=request_id)


def confirmed(book, data=CAP, *, number=1):
    version = propose(book, data, request_id=f"p{number}").version
    return confirm_rate(book, version, OLE, request_id=f"c{number}")


def kept(book):
    return [entry.type for entry in book.entries(book_stream("esbjerg", "book"))]


# Rates


def test_a_rate_is_in_force_when_another_registrar_has_confirmed_it_and_both_are_named(book):
    proposal = propose(book)
    assert (proposal.type, proposal.version, proposal.notices) == ("ActProposed", 1, ())
    assert book.law().cap(2025) is None
    receipt = confirm_rate(book, 1, OLE, request_id="c1")
    assert (receipt.type, receipt.version, receipt.municipality) == ("RateRegistered", 3, "esbjerg")
    assert kept(book) == ["ActProposed", "ActConfirmed", "RateRegistered"]
    entry = book.entries(book_stream("esbjerg", "book"))[-1]
    assert (entry.actor, entry.occurred_on, entry.fact.second_approver.user_id) == (RIE, DAY, OLE.user_id)
    assert (book.law().cap(2025).value, book.law().cap(2025).version) == (72_000_000, 3)
    assert verify(book).faults == ()


def test_a_rejected_rate_is_not_in_force_and_the_reason_is_sealed(book):
    propose(book)
    reject_rate(book, 1, "Kilden siger noget andet.", OLE, request_id="c1")
    assert kept(book) == ["ActProposed", "ActRejected"]
    assert book.law().cap(2025) is None
    (stored,) = book.recorder.select_events(book_stream("esbjerg", "book"), gt=1)
    assert "noget andet" not in stored.state.decode()
    with pytest.raises(Invalid, match="allerede besvaret"):
        confirm_rate(book, 1, OLE, request_id="c2")
    assert verify(book).faults == ()


NOT_BY = {
    "the one who proposed it": (RIE, "^G31: "),
    "a leader": (LEADER, "^G32: "),
    "the one who proposed it, as a leader": (replace(LEADER, user_id=RIE.user_id), r"^G31\+G32: "),
}


@pytest.mark.parametrize("name", NOT_BY)
def test_a_rate_is_not_answered_by_the_same_person_or_another_role(book, name):
    actor, sentence = NOT_BY[name]
    propose(book)
    with pytest.raises(Refused, match=sentence):
        confirm_rate(book, 1, actor, request_id="c1")
    with pytest.raises(Refused, match=sentence):
        reject_rate(book, 1, "Nej.", actor, request_id="c2")
    assert kept(book) == ["ActProposed"]


WRONG = {
    "by a leader": (CAP, {"actor": LEADER}, Refused, "^G32: "),
    "tomorrow": (CAP, {"on": date(2026, 11, 22)}, Refused, "^G33: "),
    "with a CPR number": (CAP | {"source": "brev fra 010203-4567"}, {}, Refused, "^G34: "),
    "by a leader, tomorrow, with a CPR number": (
        CAP | {"source": "010203-4567"}, {"actor": LEADER, "on": date(2026, 11, 22)}, Refused, r"^G32\+G33\+G34: ",
    ),
    "without a number": ({**CAP, "amount_oere": None}, {}, Invalid, "enten amount_oere eller value"),
    "with two numbers": (CAP | {"value": 1}, {}, Invalid, "enten amount_oere eller value"),
    "from a day of another year": (CAP | {"valid_from": "2024-12-31"}, {}, Invalid, "valid_from ligger uden for 2025"),
    "for another municipality": (CAP | {"municipality": "aarhus"}, {}, Invalid, "skal være esbjerg eller udelades"),
    "with an approver of one's own": (CAP | {"second_approver": {}}, {}, Invalid, "udfyldes af systemet"),
    "of an unknown kind": (CAP | {"kind": "loft"}, {}, Invalid, "kind: skal være en af"),
    "that is no object": ([], {}, Invalid, "skal være et objekt"),
    "by a role that is not here": (CAP, {"actor": replace(RIE, role="fc_raadgiver")}, Invalid, "rollen fc_raadgiver"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_rate_is_refused_and_nothing_is_kept(book, name):
    data, how, error, sentence = WRONG[name]
    with pytest.raises(error, match=sentence):
        propose(book, data, **how)
    assert kept(book) == []


def test_what_is_no_open_proposal_is_not_answered(book):
    confirmed(book)
    for version, sentence in {0: "ikke et forslag", 1: "allerede besvaret", 3: "ikke et forslag", 4: "ikke et"}.items():
        with pytest.raises(Invalid, match=sentence):
            confirm_rate(book, version, OLE, request_id=f"c{version}-igen")


def test_the_same_request_gives_the_first_receipt(book):
    first, receipt = propose(book), confirm_rate(book, 1, OLE, request_id="c1")
    assert (propose(book), confirm_rate(book, 1, OLE, request_id="c1")) == (first, receipt)
    assert len(kept(book)) == 3
    with pytest.raises(Invalid, match="allerede brugt"):
        propose(book, CAP | {"amount_oere": 1})


def test_another_value_for_the_same_period_goes_before_and_says_so(book):
    cap_2024 = CAP | {"year": 2024}
    assert propose(book, cap_2024 | {"amount_oere": 70_660_000}, request_id="same").notices == ()
    first = propose(book, cap_2024, request_id="p2")
    (notice,) = first.notices
    assert notice.startswith("For samme periode gælder nu 706.600,00 kr. (")
    assert confirm_rate(book, 2, OLE, request_id="c2").notices == ()
    assert propose(book, cap_2024, request_id="p2") == first
    assert book.law().cap(2024).value == 72_000_000


def test_a_rate_that_does_not_go_before_the_municipalitys_own_says_so(book):
    confirmed(book, CAP | {"municipality": "esbjerg", "amount_oere": 1})
    (notice,) = confirmed(book, number=2).notices
    assert notice == "Satsen er registreret, men 0,01 kr. (https://sm.dk/satser-2025) går stadig forud for den."
    assert book.law().cap(2025).value == 1


def test_the_list_says_where_each_rate_comes_from(book):
    confirmed(book)
    confirmed(book, {**CAP, "kind": "parameter", "name": "antal", "amount_oere": None, "value": 3}, number=2)
    listed = {(one.kind, one.name): one for one in rates_in_force(book.law(), date(2025, 6, 1))}
    cap, number = listed[RateKind.CAP, "cap"], listed[RateKind.PARAMETER, "antal"]
    assert (cap.amount_oere, cap.value, cap.version, cap.registered_by) == (
        72_000_000,
        None,
        3,
        ("u-reg-01", "u-reg-02"),
    )
    assert (number.amount_oere, number.value, number.source) == (None, 3, "https://sm.dk/satser-2025")
    (before,) = [one for one in rates_in_force(book.law(), date(2024, 12, 31)) if one.name == "cap"]
    assert (before.amount_oere, before.version, before.registered_by) == (70_660_000, None, ())
    assert not [one for one in rates_in_force(book.law(), date(2027, 1, 1)) if one.name == "cap"]


def test_a_post_of_a_year_without_a_cap_is_granted_once_the_cap_is_registered(books, clock, tmp_path):
    case = until(books, clock, tmp_path, "e145")
    set_clock(clock, "2026-11-21")
    post = {"post": "P1", "category": "oevrige", "name": "Bolde", "amount_oere": 50_000}
    application = recorded(
        *case, "BudgetApplicationReceived", "2024-11-10", {"scope": "annual", "year": 2025, "posts": [post]}
    )
    granted = LETTER | post | {"resultat": "godkendt", "favourable": "full", "sent_on": "2024-12-10", "year": 2025,
                               "option": "a", "hjemmel": ["barnets lov § 85, stk. 6"]}  # fmt: skip

    def grant():
        return recorded(*case, "BudgetPostApproved", "2024-12-10", granted, refs={"budget_application": application})

    with pytest.raises(Refused, match=r"^G18: "):
        grant()
    confirmed(case[0])
    assert grant() == 146


# What one person records


MANDATE = {
    "mandate": "m-1",
    "holder_unit": "familieraadgivningen_handicap",
    "event_types": ["VisitationHeld"],
    "granted_by": {"unit": "visitationsudvalg", "name": "Poul Prøve"},
    "legal_basis": "Delegationsplan 2026",
    "valid_from": "2026-01-01",
}
COUNT = {"year": 2025, "months_covered": 12, "topic": "goals", "count": 41}


@pytest.mark.parametrize(
    ("fact_type", "data", "actor", "other"),
    [("MandateRegistered", MANDATE, LEADER, RIE), ("EnquiriesCounted", COUNT, RIE, LISE)],
)
def test_a_fact_of_the_book_is_recorded_by_the_role_that_may_and_by_no_other(book, fact_type, data, actor, other):
    receipt = record_in_book(book, fact_type, data, actor, on=DAY, request_id="r1")
    assert (receipt.type, receipt.version, receipt.notices) == (fact_type, 1, ())
    assert record_in_book(book, fact_type, data, actor, on=DAY, request_id="r1") == receipt
    with pytest.raises(Refused, match=r"^G32: "):
        record_in_book(book, fact_type, data, other, on=DAY, request_id="r2")
    with pytest.raises(Refused, match=r"^G33: "):
        record_in_book(book, fact_type, data, actor, on=date(2026, 11, 22), request_id="r3")
    with pytest.raises(Invalid, match=r"data\.\w+: mangler"):
        record_in_book(book, fact_type, {}, actor, on=DAY, request_id="r4")
    assert kept(book) == [fact_type]
    assert verify(book).faults == ()


@pytest.mark.parametrize(
    "fact_type", ["RateRegistered", "NoteRecorded", "AccessLogged", "ReportIssued", "ActProposed", ""]
)
def test_nothing_else_is_recorded_in_the_book_so(book, fact_type):
    with pytest.raises(Invalid, match="registreres MandateRegistered eller EnquiriesCounted"):
        record_in_book(book, fact_type, {}, RIE, on=DAY, request_id="r1")
    assert kept(book) == []


# On the command line


def test_the_commands_propose_confirm_reject_list_and_record(database_url, monkeypatch, capfd):
    sagsbog = command(database_url, monkeypatch, capfd)
    source = ("--source", "https://sm.dk/satser", "--certainty", "ver")
    rie, ole = ("--as", option(RIE)), ("--as", option(OLE))
    out = sagsbog("rate", "esbjerg", "cap", 2024, "--amount-oere", 72_000_000, *source, *rie)
    assert "Registreret i bogen for Esbjerg Kommune som version 1" in out
    assert "Bemærk: For samme periode gælder nu 706.600,00 kr." in out
    sagsbog("rate-confirm", "esbjerg", 1, *ole)
    sagsbog("rate", "esbjerg", "taf_cap", 2026, "--amount-oere", 1, "--only-here", *source, *rie)
    sagsbog("rate-reject", "esbjerg", 4, "--reason", "Forkert.", *ole)
    listed = json.loads(sagsbog("rates", "esbjerg", "--as-of", "2024-06-01", "--format", "json"))
    (cap,) = [one for one in listed if one["kind"] == "cap"]
    assert (cap["amount_oere"], cap["registered_by"]) == (72_000_000, ["u-reg-01", "u-reg-02"])
    shown = sagsbog("rates", "esbjerg", "--as-of", "2024-06-01")
    assert "720.000,00 kr." in shown
    assert "regelsættet" in shown
    told = sagsbog(
        "record-book", "esbjerg", "EnquiriesCounted", "--on", "2026-01-05", "--data", json.dumps(COUNT), *rie
    )
    assert "som version 6" in told
