"""Acting on behalf of another unit: what a mandate covers, what it does not, and who could have decided then."""

import json
from dataclasses import replace
from datetime import date

import pytest

from commands.annual_decision import annual_decision
from commands.book import record_in_book
from commands.record import Asked, open_case, record
from commands.two_persons import confirm, propose
from ledger.errors import Invalid, Refused
from ledger.facts.entry import Actor, OnBehalfOf
from ledger.store.books import Books
from projections import decisions, findings
from replay.answers import answer
from replay.as_of import Point, sight
from replay.verify import verify
from tests.asking import Case
from tests.conftest import MASTER_KEY
from tests.esbjerg import LEADER as ESBJERG_LEADER
from tests.esbjerg import TINE, command, option, types, until
from tests.guarding import told
from tests.test_annual_decision import DAY as LETTER_DAY
from tests.test_annual_decision import sample_decision

LEADER = Actor("u-l-01", "Poul Prøvesen", "ledelse", "leder")
RITA = Actor("u-reg-01", "Rita Prøvesen", "registratur", "registrator")
OLE = Actor("u-reg-02", "Ole Prøvesen", "registratur", "registrator")
KAREN = Actor("u-fc-01", "Karen Prøvesen", "familiecentret", "fc_raadgiver")
DAY = date(2026, 11, 20)
GRANTED = {
    "hjemmel": ["barnets lov § 85, stk. 6"], "sent_on": "2026-11-20", "channel": "digital_post",
    "recipients": ["p-mor"], "decided_by": {"unit": "familiecentret", "name": "Karen Prøvesen"}, "favourable": "full",
    "resultat": "godkendt", "year": 2024, "post": "P1", "category": "oevrige", "name": "Bolde", "option": "a",
    "amount_oere": 50_000,
}  # fmt: skip
MANDATE = {
    "mandate": "b-1", "holder_unit": "registratur", "event_types": ["BudgetPostApproved"],
    "granted_by": {"unit": "familiecentret", "name": "Karen Prøvesen"}, "legal_basis": "Delegationsplan 2026",
    "valid_from": "2026-01-01",
}  # fmt: skip
FOR_KAREN = OnBehalfOf("b-1", "familiecentret", "Karen Prøvesen")


@pytest.fixture
def case(books):
    return Case(books.book("aarhus"), told("BudgetApplicationReceived", "2024-01-05", year=2024))


def grant(used=FOR_KAREN, on=DAY, **changes):
    data = GRANTED | {"sent_on": on.isoformat()} | changes
    return Asked("BudgetPostApproved", on, data, {"budget_application": 5}, on_behalf_of=used)


def registered(case, on=date(2026, 1, 2), **changes):
    """A mandate of the case."""
    asked = Asked("MandateRegistered", on, MANDATE | changes)
    request_id = f"mandate-{len(case.book.entries(case.case_id))}"
    return record(case.book, case.case_id, asked, LEADER, request_id=request_id).version


def in_the_book(case, on=date(2026, 1, 2), request_id="book", **changes):
    """A mandate for every case."""
    return record_in_book(case.book, "MandateRegistered", MANDATE | changes, LEADER, on=on, request_id=request_id)


def granted(case, asked, actor=RITA, request_id="grant"):
    return record(case.book, case.case_id, asked, actor, request_id=request_id)


UNKNOWN = "Bemyndigelsen er ikke registreret; det skal den være, før den bruges."
FOREIGN = "Bemyndigelsen er givet til en anden enhed eller medarbejder end dig."
GRANTOR = "Bemyndigelsen er givet af en anden enhed end den, du handler på vegne af."
TYPE = "Bemyndigelsen dækker ikke denne hændelse."
PERIOD = "Bemyndigelsen gælder ikke på dagen."
AMOUNT = "Beløbet er større, end bemyndigelsen dækker."
LINES = {  # of the mandate, and of its use: what keeps within it, what does not, and what is said then
    "the type": ({}, {}, {"event_types": ["BudgetPostRefused"]}, {}, [TYPE]),
    "the unit that holds it": ({}, {}, {"holder_unit": "familiecentret"}, {}, [FOREIGN]),
    "the user who holds it": ({"holder_user": "u-reg-01"}, {}, {"holder_user": "u-reg-02"}, {}, [FOREIGN]),
    "the unit acted for": ({}, {}, {"granted_by": {"unit": "ledelse", "name": "Poul Prøvesen"}}, {}, [GRANTOR]),
    "its first day": ({"valid_from": "2026-11-20"}, {}, {"valid_from": "2026-11-21"}, {}, [PERIOD]),
    "its last day": ({"valid_to": "2026-11-20"}, {}, {"valid_to": "2026-11-19"}, {}, [PERIOD]),
    "its amount": ({"max_amount_oere": 50_000}, {}, {"max_amount_oere": 49_999}, {}, [AMOUNT]),
    "an amount of nothing": ({"max_amount_oere": 0}, {"amount_oere": 0}, {"max_amount_oere": 0}, {}, [AMOUNT]),
    "its id": ({}, {}, {}, {"used": replace(FOR_KAREN, mandate_ref="b-2")}, [UNKNOWN]),
    "all of it": (
        {"valid_to": "2026-11-20", "max_amount_oere": 50_000}, {},
        {"valid_to": "2026-11-19", "max_amount_oere": 1, "event_types": [], "holder_unit": "ledelse",
         "granted_by": {"unit": "registratur", "name": "Rita Prøvesen"}}, {},
        [AMOUNT, TYPE, GRANTOR, FOREIGN, PERIOD],
    ),
}  # fmt: skip


@pytest.mark.parametrize("register", [registered, in_the_book], ids=["of the case", "of the book"])
@pytest.mark.parametrize("line", LINES)
def test_a_mandate_covers_as_far_as_it_says_and_what_is_beyond_is_told(case, register, line):
    within, use, beyond, misuse, says = LINES[line]
    register(case, **beyond)
    before = len(case.book.entries(case.case_id))
    with pytest.raises(Refused) as refused:
        granted(case, grant(**misuse))
    assert [one.sentence for one in refused.value.guards] == says
    assert {one.id for one in refused.value.guards} == {"G32"}
    assert len(case.book.entries(case.case_id)) == before
    register(case, request_id="again", **within) if register is in_the_book else register(case, **within)
    receipt = granted(case, grant(**use))
    entry = case.book.entry(case.case_id, receipt.version)
    assert (entry.actor, entry.on_behalf_of) == (RITA, FOR_KAREN)
    assert not [row for row in findings.tell(case.book.load(case.case_id), case.book.law()) if row.guard == "G32"]
    assert verify(case.book).faults == ()


def test_without_a_mandate_it_is_ones_own_role_that_counts(case):
    registered(case)
    with pytest.raises(Refused, match=r"^G32: Din rolle må ikke registrere denne hændelse\."):
        granted(case, grant(used=None))
    assert granted(case, grant(used=None), KAREN).version


def test_a_mandate_counts_from_the_day_it_is_registered_and_not_before(case):
    registered(case, on=DAY)
    with pytest.raises(Refused, match=UNKNOWN):
        granted(case, grant(on=date(2026, 11, 19)))
    assert granted(case, grant()).version


def test_a_mandate_that_is_registered_anew_is_what_the_newest_says(case):
    registered(case)
    in_the_book(case, max_amount_oere=1)  # the case's own comes before the book's
    granted(case, grant())
    registered(case, on=date(2026, 11, 20), valid_to="2026-11-19")
    with pytest.raises(Refused, match=PERIOD):
        granted(case, grant(post="P2"), request_id="revoked")


def test_a_mandate_of_another_case_is_unknown(case):
    opened = {"case_number": "AAR-2", "opened_on": "2026-01-02", "subject": "hjemmetraening", "child": "p-barn"}
    other = open_case(case.book, opened, date(2026, 1, 2), KAREN, request_id="open").case_id
    asked = Asked("MandateRegistered", date(2026, 1, 2), MANDATE)
    record(case.book, other, asked, LEADER, request_id="mandate")
    with pytest.raises(Refused, match=UNKNOWN):
        granted(case, grant())


WRONG = {
    "an id with spaces": (replace(FOR_KAREN, mandate_ref="b 1"), Invalid, r"on_behalf_of\.mandate_ref: har tegn"),
    "a unit that is no slug": (replace(FOR_KAREN, unit="Familiecentret!"), Invalid, r"on_behalf_of\.unit: har tegn"),
    "no name": (replace(FOR_KAREN, name=""), Invalid, r"on_behalf_of\.name: må ikke være tom"),
    "a CPR number": (replace(FOR_KAREN, name="710118-0001"), Refused, r"^G34: .*\(on_behalf_of\.name\)"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_a_mandate_is_refused_and_nothing_is_kept(case, name):
    used, error, sentence = WRONG[name]
    registered(case)
    with pytest.raises(error, match=sentence):
        granted(case, grant(used=used))
    assert len(case.book.entries(case.case_id)) == 6


def test_a_repeated_request_is_the_same_only_under_the_same_mandate(case):
    registered(case)
    first = granted(case, grant())
    assert granted(case, grant()) == first
    with pytest.raises(Invalid, match="allerede brugt"):
        granted(case, grant(used=replace(FOR_KAREN, name="En anden Prøvesen")))


def test_a_large_amount_under_a_mandate_needs_no_second_approver(case):
    registered(case)
    large = {"amount_oere": 10_000_001}
    assert granted(case, grant(**large)).notices == ()
    (notice,) = granted(case, grant(used=None, post="P2", **large), KAREN, "own").notices
    assert notice.id == "NO_SECOND_APPROVER"


def test_a_proposal_under_a_mandate_is_recorded_under_it(case):
    registered(case)
    version = propose(case.book, case.case_id, grant(), RITA, request_id="p1").version
    assert case.book.entry(case.case_id, version).on_behalf_of == FOR_KAREN
    confirmed = confirm(case.book, case.case_id, version, KAREN, request_id="c1").version
    entry = case.book.entry(case.case_id, confirmed)
    assert (entry.on_behalf_of, entry.actor, entry.fact.second_approver.user_id) == (FOR_KAREN, RITA, KAREN.user_id)
    assert not [row for row in findings.tell(case.book.load(case.case_id), case.book.law()) if row.guard == "G32"]


def test_a_proposal_is_refused_where_the_mandate_would_be(case):
    registered(case, max_amount_oere=49_999)
    with pytest.raises(Refused, match=AMOUNT):
        propose(case.book, case.case_id, grant(), RITA, request_id="p1")


# What is told of it


def test_the_decision_register_quotes_the_mandate(case):
    registered(case)
    version = granted(case, grant()).version
    (row,) = decisions.tell(case.book.load(case.case_id))
    assert (row.version, row.mandate) == (version, FOR_KAREN)
    (stored,) = decisions.stored(case.book.load(case.case_id), None)
    assert stored["mandate"] == "b-1"


def could(case, at=None):
    """Who could have made the newest decision: roles, and holders of mandates with the entries they rest on."""
    found = answer(sight(case.book, case.case_id, at or Point()), "Q04")
    told_of = [one.role or (one.mandate, one.holder_unit, one.holder_user) for one in found.data["could_decide"]]
    return told_of, {one.version for one in found.entries}, found.answer


def test_the_answer_says_who_could_have_decided_that_day_by_the_table_and_by_mandate(case):
    version = registered(case, max_amount_oere=60_000)
    in_the_book(case, mandate="b-2", holder_unit="ledelse", holder_user="u-l-01")
    in_the_book(case, request_id="over", mandate="b-3", valid_to="2026-11-19")
    in_the_book(case, request_id="small", mandate="b-4", max_amount_oere=49_999)
    in_the_book(case, request_id="else", mandate="b-5", event_types=["MaalgruppeDecided"])
    decision = granted(case, grant()).version
    registered(case, mandate="b-6")  # after it was made
    who, entries, sentence = could(case)
    assert who == ["fc_raadgiver", ("b-1", "registratur", None), ("b-2", "ledelse", "u-l-01")]
    assert entries == {version, decision}
    assert sentence.endswith(
        "den dækkede afgørelsen den 20. november 2026. Kompetencen til den lå den 20. november 2026 hos rollen"
        " ”Rådgiver, Familiecentret”, hos Registraturen på vegne af Familiecentret (bemyndigelse b-1, højst"
        " 600,00 kr.) og hos Ledelsen (u-l-01) på vegne af Familiecentret (bemyndigelse b-2)."
    )


def test_the_answer_knows_no_mandate_of_the_book_that_was_not_known_then(case, clock):
    granted(case, grant(used=None), KAREN)
    before = clock.now
    in_the_book(case)
    assert could(case, Point(known_at=before))[0] == ["fc_raadgiver"]
    assert could(case)[0] == ["fc_raadgiver", ("b-1", "registratur", None)]


# Acts of several facts, and the command line


EVERY_PART = ["AnnualBudgetDecided", "BudgetPostApproved", "BudgetPostRefused"]


@pytest.mark.parametrize(
    ("event_types", "says"), [(EVERY_PART, None), (EVERY_PART[:2], TYPE)], ids=["every fact", "all but one"]
)
def test_an_act_of_several_facts_is_under_the_mandate_as_a_whole(books, clock, tmp_path, event_types, says):
    book, case_id = until(books, clock, tmp_path, "annual2022")
    unit = "familieraadgivningen_handicap"
    mandate = MANDATE | {
        "holder_unit": unit, "holder_user": TINE.user_id, "event_types": event_types, "valid_from": "2021-01-01",
        "granted_by": {"unit": "visitationsudvalg", "name": "Birgit Prøvesen"},
    }  # fmt: skip
    record_in_book(book, "MandateRegistered", mandate, ESBJERG_LEADER, on=date(2021, 1, 4), request_id="m")
    used = OnBehalfOf("b-1", "visitationsudvalg", "Birgit Prøvesen")

    def decide():
        asked = sample_decision()
        return annual_decision(book, case_id, asked, TINE, on=LETTER_DAY, request_id="r", on_behalf_of=used)

    if says:
        with pytest.raises(Refused, match=says):
            decide()
        assert types(book, case_id, 12) == []
    else:
        assert decide() == decide()
        assert {entry.on_behalf_of for entry in book.entries(case_id, after=12)} == {used}


def test_the_command_line_records_on_behalf_of_another(tmp_path, clock, monkeypatch, capfd):
    url = f"sqlite:///{tmp_path / 'data'}"
    with Books(url, clock, MASTER_KEY) as books:
        case = Case(books.book("aarhus"), told("BudgetApplicationReceived", "2024-01-05", year=2024))
        sagsbog = command(url, monkeypatch, capfd)
        on, mandate = ("--on", "2026-01-02", "--as", option(LEADER)), ("--data", json.dumps(MANDATE))
        sagsbog("record", case.case_id, "MandateRegistered", *on, *mandate)
        asked = (
            "record", case.case_id, "BudgetPostApproved", "--on", "2026-01-20", "--ref", "budget_application=5",
            "--data", json.dumps(GRANTED | {"sent_on": "2026-01-20"}), "--as", option(RITA),
        )  # fmt: skip
        with pytest.raises(Refused, match=GRANTOR):
            sagsbog(*asked, "--on-behalf-of", "b-1:ledelse:Poul Prøvesen")
        for odd in ("b-1", "b-1:familiecentret", "b-1::Karen", ":familiecentret:Karen"):
            with pytest.raises(Invalid, match=r"^--on-behalf-of: .*BEMYNDIGELSE:ENHED:NAVN$"):
                sagsbog(*asked, "--on-behalf-of", odd)
        sagsbog(*asked, "--on-behalf-of", "b-1:familiecentret:Karen Prøvesen")
        assert case.book.entry(case.case_id, 7).on_behalf_of == FOR_KAREN
