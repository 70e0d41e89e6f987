"""Recording live facts: what is accepted, what is refused, and that a refusal keeps nothing."""

from datetime import date
from importlib.resources import as_file, files

import pytest

from commands.import_cases import import_file
from commands.record import Asked, open_case, record
from commands.two_persons import confirm, propose
from ledger.errors import Conflict, Invalid, Refused
from ledger.facts.entry import Actor

KAREN = Actor("u-fc-01", "Karen Lindholt", "familiecentret", "fc_raadgiver")
POUL = Actor("u-l-01", "Poul Prøve", "ledelse", "leder")
DAY = date(2026, 1, 5)


@pytest.fixture
def case(books):
    """The Aarhus sample: 69 entries, running."""
    with as_file(files("api").joinpath("samples", "aarhus-approved.json")) as path:
        list(import_file(books, path, "tester"))
    return books.find("AAR-2021-00417")


def note(**changes):
    return Asked("NoteRecorded", DAY, {"text": "Moren ringede.", "about": "phone_call", "internal": False} | changes)


def test_a_fact_follows_on_the_case_and_gives_a_receipt(case):
    book, case_id = case
    receipt = record(book, case_id, note(), KAREN, request_id="r1", if_version=69)
    assert (receipt.case_number, receipt.version) == ("AAR-2021-00417", 70)
    assert receipt.seq is not None
    assert receipt.seal == book.entries(case_id)[-1].seal.hex()


REFUSED = {
    "someone else was first": (note(), KAREN, {"if_version": 68}, Conflict, "version 69, ikke 68"),
    "a role that may not": (note(), Actor("u", "n", "revision", "revisor"), {}, Refused, "^G32"),
    "a role that is not here": (note(), Actor("u", "n", "familiecentret", "frh_raadgiver"), {}, Invalid, "rollen"),
    "a unit that is not here": (note(), Actor("u", "n", "boern_og_kultur", "leder"), {}, Invalid, "enheden"),
    "a user id with spaces": (note(), Actor("u 1", "n", "familiecentret", "fc_raadgiver"), {}, Invalid, "user_id"),
    "a request id with spaces": (note(), KAREN, {"request_id": "to ord"}, Invalid, "request_id"),
    "a day to come": (Asked("NoteRecorded", date(2027, 1, 1), note().data), KAREN, {}, Refused, "^G33"),
    "a CPR number": (note(text="om 010203-4567"), KAREN, {}, Refused, r"^G34.*\(data.text\)"),
    "a document id with spaces": (
        Asked("NoteRecorded", DAY, note().data, document_ids=("et brev",)), KAREN, {}, Invalid, "document_ids",
    ),
    "an unknown type": (Asked("NoteWritten", DAY, {}), KAREN, {}, Invalid, "NoteWritten"),
    "a fact of the book": (Asked("EnquiriesCounted", DAY, {}), KAREN, {}, Invalid, "hører ikke til"),
    "an unknown party": (note(party="p-onkel"), KAREN, {}, Invalid, "p-onkel"),
    "a ref to the wrong type": (
        Asked("KlageWithdrawn", DAY, {"by": "p-mor"}, {"klage": 1}), KAREN, {}, Invalid, "skal pege på KlageReceived",
    ),
    "a ref to a version to come": (
        Asked("KlageWithdrawn", DAY, {"by": "p-mor"}, {"klage": 70}), KAREN, {}, Invalid, "version 70",
    ),
    "a list where one is meant": (
        Asked("KlageWithdrawn", DAY, {"by": "p-mor"}, {"klage": (1,)}), KAREN, {}, Invalid, "én henvisning",
    ),
    "a correction by one person": (
        Asked("EntryAnnulled", DAY, {"reason": "x"}, {"target": 69}), KAREN, {}, Refused, "^G31",
    ),
    "a confirmation by hand": (
        Asked("ActConfirmed", DAY, {}, {"proposal": 69}), KAREN, {}, Invalid, "ikke direkte",
    ),
    "an erasure by hand": (Asked("SubjectErased", DAY, {}), KAREN, {}, Invalid, "ikke direkte"),
    "an approval of one's own making": (
        Asked("TilbagebetalingskravIssued", DAY, {"second_approver": {}}), KAREN, {}, Invalid, "udfyldes af systemet",
    ),
    "data that is no object": (Asked("NoteRecorded", DAY, None), KAREN, {}, Invalid, "skal være et objekt"),
    "the opening once more": (Asked("CaseOpened", DAY, {}), KAREN, {}, Conflict, "findes allerede"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_not_be_recorded_is_refused_and_nothing_is_kept(case, name):
    book, case_id = case
    asked, actor, extra, error, sentence = REFUSED[name]
    with pytest.raises(error, match=sentence):
        record(book, case_id, asked, actor, **{"request_id": "r1", **extra})
    assert len(book.entries(case_id)) == 69


def test_the_same_request_gives_the_first_receipt_and_another_under_its_id_is_refused(case):
    book, case_id = case
    first = record(book, case_id, note(), KAREN, request_id="r1")
    assert record(book, case_id, note(), KAREN, request_id="r1", if_version=69) == first
    with pytest.raises(Invalid, match="allerede brugt"):
        record(book, case_id, note(text="Faren ringede."), KAREN, request_id="r1")
    assert len(book.entries(case_id)) == 70


def test_a_case_is_opened_once(books):
    book = books.book("nyborg")
    actor = Actor("u-1", "Anne Prøve", "socialafdelingen", "soc_raadgiver")
    opened = {"case_number": " NYB-1 ", "opened_on": "2026-01-05", "subject": "hjemmetraening", "child": "p-barn"}
    receipt = open_case(book, opened, DAY, actor, request_id="r1")
    assert (receipt.case_number, receipt.version) == ("NYB-1", 1)
    with pytest.raises(Conflict, match="findes allerede"):
        open_case(book, opened, DAY, actor, request_id="r2")


def test_a_sealed_text_is_corrected_by_two_persons(case):
    book, case_id = case
    version = record(book, case_id, note(text="Moren ringede fra 12345678."), KAREN, request_id="r1").version
    data = {"field": "text", "old": "Moren ringede fra 12345678.", "new": "Moren ringede.", "reason": "nummeret ud"}
    asked = Asked("EntryCorrected", DAY, data, {"target": version})
    proposal = propose(book, case_id, asked, KAREN, request_id="r2")
    stored = book.recorder.select_events(case_id)[-1].state.decode()
    assert "Moren" not in stored
    done = confirm(book, case_id, proposal.version, POUL, request_id="r3")
    entry = next(entry for entry in book.load(case_id).told if entry.version == version)
    assert entry.fact.text == "Moren ringede."
    correction = book.entry(case_id, done.version)
    assert correction.actor == KAREN
    assert correction.fact.approved_by.user_id == POUL.user_id


def test_a_leader_corrects_leaders_entries_and_no_others(case):
    book, case_id = case
    mine = record(book, case_id, note(), POUL, request_id="r1").version
    data = {"field": "about", "old": "phone_call", "new": "other", "reason": "ikke et opkald"}
    assert propose(book, case_id, Asked("EntryCorrected", DAY, data, {"target": mine}), POUL, request_id="r2")
    hers = record(book, case_id, note(), KAREN, request_id="r3").version
    with pytest.raises(Refused, match=r"^G32"):
        propose(book, case_id, Asked("EntryCorrected", DAY, data, {"target": hers}), POUL, request_id="r4")


def test_what_is_annulled_is_neither_a_party_nor_pointed_at(case):
    book, case_id = case
    party = {"party": "p-onkel", "kind": "professional", "name": "Onkel Prøve"}
    version = record(book, case_id, Asked("PartyRegistered", DAY, party), KAREN, request_id="r1").version
    annulment = Asked("EntryAnnulled", DAY, {"reason": "forkert sag"}, {"target": version})
    proposal = propose(book, case_id, annulment, KAREN, request_id="r2")
    confirm(book, case_id, proposal.version, POUL, request_id="r3")
    with pytest.raises(Invalid, match="p-onkel"):
        record(book, case_id, note(party="p-onkel"), KAREN, request_id="r4")
    with pytest.raises(Invalid, match="allerede annulleret"):
        propose(book, case_id, annulment, KAREN, request_id="r5")


def test_a_proposal_is_answered_once_and_not_by_the_one_who_made_it(case):
    book, case_id = case
    version = record(book, case_id, note(), POUL, request_id="r1").version
    asked = Asked("EntryAnnulled", DAY, {"reason": "forkert sag"}, {"target": version})
    proposal = propose(book, case_id, asked, POUL, request_id="r2")
    with pytest.raises(Refused, match=r"^G31"):
        confirm(book, case_id, proposal.version, POUL, request_id="r3")
    other = Actor("u-l-02", "Lis Prøve", "ledelse", "leder")
    confirm(book, case_id, proposal.version, other, request_id="r4")
    with pytest.raises(Invalid, match="allerede besvaret"):
        confirm(book, case_id, proposal.version, other, request_id="r5")
