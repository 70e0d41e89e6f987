"""Importing case files: what is kept, what is rewritten, and what happens when a file comes again.

The small files of the other import tests are made by the helpers here.
"""

import json
from copy import deepcopy
from datetime import date
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise

import pytest

from api.demo import SAMPLES
from commands.import_cases import import_file
from ledger.clock import danish_day
from ledger.errors import Conflict, Invalid
from ledger.facts.decision import HjemmetraeningApproved
from ledger.facts.lifecycle import AktindsigtDecided, PartyRegistered
from ledger.facts.payments import PaymentMade
from ledger.store.books import Books
from replay.verify import verify

KAREN = {"user_id": "u-fc-01", "name": "Karen Lindholt", "unit": "familiecentret", "role": "fc_raadgiver"}
LEADER = {"user_id": "u-le-01", "name": "Lis Leder", "role": "leder"}
BARN = {"party": "p-barn", "kind": "child", "name": "Asta Prøve"}
MOR = {"party": "p-mor", "kind": "parent", "name": "Sofie Prøve"}
DAY = "2021-01-18"


def sample(name):
    return json.loads(files("api").joinpath("samples", name).read_text("utf-8"))


def event(key, fact_type, data, day=DAY, **members):
    at = f"{max(day, DAY)}T12:00:00Z"
    return {
        "key": key,
        "type": fact_type,
        "occurred_on": day,
        "recorded_at": at,
        "actor": KAREN,
        "data": data,
    } | members


def note(key="notat", text="Mor ringede.", **members):
    return event(key, "NoteRecorded", {"text": text, "about": "phone_call", "internal": False}, **members)


def a_case(*more, number="AAR-2021-1"):
    """A minimal case with two parties, and what is given."""
    opened = {"case_number": number, "opened_on": DAY, "subject": "hjemmetraening", "child": "p-barn"}
    parties = [event("barn", "PartyRegistered", BARN), event("mor", "PartyRegistered", MOR)]
    head = {"case_number": number, "municipality": "aarhus", "opened_on": DAY}
    events = [event("oprettet", "CaseOpened", opened), *parties, *more]
    return deepcopy({"format": "sagsbog-case/1", "case": head, "parties": [BARN, MOR], "events": events})


def payment(key="betalt", amount_oere=100_00):
    return event(key, "PaymentMade", {"kind": "one_off", "year": 2021, "post": "P1", "amount_oere": amount_oere})


def decided(key="svar"):
    """A request for access, and the decision on it, which relies on the first entries."""
    asked = event("anmodning", "AktindsigtRequested", {"requested_by": "p-mor", "extent": "alt"})
    data = {
        "resultat": "given", "favourable": "full", "hjemmel": ["forvaltningsloven § 9"], "sent_on": DAY,
        "channel": "digital_post", "recipients": ["p-mor"], "decided_by": {"unit": "familiecentret", "name": "Karen"},
        "facts_relied_on": ["mor", "anmodning"],
    }  # fmt: skip
    return [asked, event(key, "AktindsigtDecided", data, refs={"request": "anmodning"})]


def corrected(key, target, field, old, new, **data):
    data = {"field": field, "old": old, "new": new, "reason": "tastefejl", "approved_by": LEADER} | data
    return event(key, "EntryCorrected", data, refs={"target": target})


def annulled(key, target):
    return event(key, "EntryAnnulled", {"reason": "dobbelt", "approved_by": LEADER}, refs={"target": target})


def imported(books, case, place, **options):
    """The outcome of importing one case."""
    path = place / "sag.json"
    path.write_text(json.dumps(case, ensure_ascii=False), "utf-8")
    (outcome,) = import_file(books, path, "importoer", **options)
    return outcome


def read(books, number="AAR-2021-1", **at):
    book, case_id = books.find(number)
    return book.load(case_id, **at)


def entries(books, number="AAR-2021-1"):
    book, case_id = books.find(number)
    return book.entries(case_id)


def test_both_samples_go_in_whole_and_importing_them_again_adds_nothing(books, tmp_path):
    for name, total in zip(SAMPLES, (69, 145), strict=True):
        first, again = (imported(books, sample(name), tmp_path) for _ in range(2))
        assert (first.error, first.added, first.total) == (None, total, total)
        assert (again.error, again.added, again.total) == (None, 0, total)
        assert len(entries(books, first.case_number)) == total
    assert [verify(book).faults for book in books.existing()] == [(), ()]


@pytest.mark.parametrize("name", SAMPLES)
def test_an_imported_entry_says_what_the_file_says_and_that_the_file_says_it(books, clock, tmp_path, name):
    file = sample(name)
    number = imported(books, file, tmp_path).case_number
    kept = entries(books, number)
    versions = {event["key"]: version for version, event in enumerate(file["events"], 1)}
    for entry, given in zip(kept, file["events"], strict=True):
        assert (entry.type, entry.key, entry.occurred_on.isoformat()) == (
            given["type"], given["key"], given["occurred_on"],
        )  # fmt: skip
        assert entry.source == given.get("source", "import")
        assert (entry.actor.user_id, entry.actor.claimed) == (given["actor"]["user_id"], False)
        assert f"{entry.source_recorded_at:%Y-%m-%dT%H:%M:%SZ}" == given["recorded_at"]
        assert entry.imported.by == "importoer"
        for ref, keys in given.get("refs", {}).items():
            assert entry.refs[ref] == (versions[keys] if isinstance(keys, str) else tuple(versions[k] for k in keys))
    assert {entry.imported.sha256 for entry in kept} == {sha256((tmp_path / "sag.json").read_bytes()).hexdigest()}
    assert {danish_day(entry.recorded_at) for entry in kept} == {danish_day(clock.now)}
    assert all(before.recorded_at < after.recorded_at for before, after in pairwise(kept))


def test_keys_inside_data_become_versions_and_document_ids_stay(books, tmp_path):
    imported(books, sample(SAMPLES[0]), tmp_path)
    (approved,) = read(books, "AAR-2021-00417").of(HjemmetraeningApproved)
    assert approved.fact.goals_ref == 25
    assert imported(books, a_case(*decided()), tmp_path).error is None
    (answer,) = read(books).of(AktindsigtDecided)
    assert answer.fact.facts_relied_on == (3, 4)


def test_keys_inside_a_corrected_value_become_versions_too(books, tmp_path):
    wrong, right = ["mor", "anmodning"], ["barn", "anmodning"]
    case = a_case(*decided(), corrected("ret", "svar", "facts_relied_on", wrong, right))
    assert imported(books, case, tmp_path).error is None
    (answer,) = read(books).of(AktindsigtDecided)
    assert answer.fact.facts_relied_on == (2, 4)


def test_a_decision_may_rely_on_a_filed_document_and_on_no_other(books, tmp_path):
    filed = {"document": "dok-7", "title": "Brev", "kind": "letter", "dated_on": DAY, "sha256": "0" * 64}
    filed |= {"sensitivity": "normal"}
    asked, answer = decided()
    answer["data"]["facts_relied_on"] = ["dok-7"]
    outcome = imported(books, a_case(asked, answer), tmp_path)
    assert "facts_relied_on.0: peger på 'dok-7'" in str(outcome.error)
    assert imported(books, a_case(event("dok", "DocumentAdded", filed), asked, answer), tmp_path).error is None
    (kept,) = read(books).of(AktindsigtDecided)
    assert kept.fact.facts_relied_on == ("dok-7",)


def test_a_file_that_goes_on_adds_just_the_rest_and_an_older_one_adds_nothing(books, tmp_path):
    assert imported(books, a_case(), tmp_path).added == 3
    longer = a_case(note(), payment())
    assert (imported(books, longer, tmp_path).added, imported(books, longer, tmp_path).added) == (2, 0)
    assert imported(books, a_case(), tmp_path).added == 0
    kept = entries(books)
    assert [entry.key for entry in kept] == ["oprettet", "barn", "mor", "notat", "betalt"]
    assert kept[0].imported.sha256 != kept[3].imported.sha256
    assert kept[3].recorded_at > kept[2].recorded_at


CHANGES = {
    "type": lambda e: e.update(type="CaseReopened", data={"reason": "x"}),
    "occurred_on": lambda e: e.update(occurred_on="2021-01-17"),
    "source_recorded_at": lambda e: e.update(recorded_at="2021-01-18T12:00:01Z"),
    "source": lambda e: e.update(source="api"),
    "key": lambda e: e.update(key="notat-2"),
    "document_ids": lambda e: e.update(document_ids=["dok-1"]),
    "correlation_id": lambda e: e.update(correlation_id="c9bf9e57-1685-4c89-bafb-ff5af830be8a"),
    "causation_id": lambda e: e.update(causation_id="c9bf9e57-1685-4c89-bafb-ff5af830be8a"),
    "on_behalf_of": lambda e: e.update(on_behalf_of={"mandate_ref": "m1", "unit": "ledelse", "name": "Lis"}),
    "actor": lambda e: e.update(actor=KAREN | {"unit": "ledelse"}),
    "data.text": lambda e: e["data"].update(text="Far ringede."),
    "data.party": lambda e: e["data"].update(party="p-mor"),
}


@pytest.mark.parametrize("field", CHANGES)
def test_what_is_known_cannot_be_changed_by_a_file(books, tmp_path, field):
    imported(books, a_case(note()), tmp_path)
    before = entries(books)
    other = a_case(note())
    CHANGES[field](other["events"][3])
    error = imported(books, other, tmp_path).error
    assert isinstance(error, Conflict)
    assert f"hændelse {other['events'][3]['key']}" in str(error)
    assert f"version 4 er en anden ({field}" in str(error)
    assert entries(books) == before


def test_a_changed_ref_is_a_conflict(books, tmp_path):
    imported(books, a_case(*decided(), note(), annulled("væk", "notat")), tmp_path)
    error = imported(books, a_case(*decided(), note(), annulled("væk", "svar")), tmp_path).error
    assert isinstance(error, Conflict)
    assert "(refs)" in str(error)


def test_a_case_with_an_erased_person_comes_again_adding_nothing_and_brings_nobody_back(books, tmp_path):
    file = sample(SAMPLES[0])
    number = imported(books, file, tmp_path).case_number
    book, case_id = books.find(number)
    subjects = {party: subject for entry in book.entries(case_id) for party, subject in entry.subjects.items()}
    for party in ("p-barn", "p-mor"):
        book.vault.destroy(subjects[party])
    again = imported(books, file, tmp_path)
    assert (again.error, again.added) == (None, 0)
    erased = {entry.fact.party: entry.erased for entry in book.load(case_id).of(PartyRegistered)}
    assert ["data.name" in erased[party] for party in ("p-barn", "p-mor", "p-far")] == [True, True, False]
    last = {"recorded_at": "2023-03-22T12:00:00Z"}
    file["events"].append(corrected("ret", "e002", "name", "Asta Prøve Nordhavn", "Astrid") | last)
    assert "refs.target: oplysninger på version 2 er slettet" in str(imported(books, file, tmp_path).error)
    file["events"][-1] = note() | last
    assert imported(books, file, tmp_path).added == 1
    assert verify(book).faults == ()


def test_a_dry_run_says_what_would_be_added_and_writes_nothing(books, tmp_path):
    there = {path.name for path in tmp_path.iterdir()}
    tried = imported(books, a_case(note()), tmp_path, dry_run=True)
    assert (tried.error, tried.added, tried.total) == (None, 4, 4)
    assert books.existing() == []
    assert {path.name for path in tmp_path.iterdir()} - there == {"sag.json"}
    imported(books, a_case(), tmp_path)
    assert imported(books, a_case(note()), tmp_path, dry_run=True).added == 1
    assert len(entries(books)) == 3


def test_a_bad_dry_run_tells_the_same_as_the_import(tmp_path, clock):
    bad = a_case(corrected("ret", "oprettet", "opened_on", "2020-01-01", DAY))
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books:
        tried, real = (imported(books, bad, tmp_path, dry_run=dry) for dry in (True, False))
        assert str(tried.error) == str(real.error)
        assert isinstance(real.error, Conflict)


# Corrections and annulments in files


@pytest.mark.parametrize("field", ["occurred_on", "sent_on"])
def test_a_corrected_letter_moves_both_its_days(books, tmp_path, field):
    ret = corrected("ret", "svar", field, DAY, "2021-01-15", letter_was_right=True)
    assert imported(books, a_case(*decided(), ret), tmp_path).error is None
    (answer,) = read(books).of(AktindsigtDecided)
    assert (answer.occurred_on, answer.fact.sent_on) == (date(2021, 1, 15), date(2021, 1, 15))
    assert entries(books)[4].occurred_on == date(2021, 1, 18)
    assert read(books).corrected_by == {5: (6,)}


TEN_LESS = corrected("r1", "betalt", "amount_oere", 100_00, 90_00)
TEN_MORE_LESS = corrected("r2", "betalt", "amount_oere", 90_00, 80_00)
AMOUNTS = {
    "one correction": ([TEN_LESS], 90_00),
    "a correction of what was corrected": ([TEN_LESS, TEN_MORE_LESS], 80_00),
    "an annulled correction": ([TEN_LESS, annulled("a1", "r1")], 100_00),
    "an annulled annulment of a correction": ([TEN_LESS, annulled("a1", "r1"), annulled("a2", "a1")], 90_00),
    "an annulled payment": ([annulled("a1", "betalt")], None),
    "an annulled annulment": ([annulled("a1", "betalt"), annulled("a2", "a1")], 100_00),
    "an optional value taken away": ([corrected("r1", "betalt", "post", "P1", None)], 100_00),
}


@pytest.mark.parametrize("case", AMOUNTS)
def test_the_history_reads_as_corrected_and_comes_again_adding_nothing(books, tmp_path, case):
    changes, amount = AMOUNTS[case]
    file = a_case(payment(), *changes)
    assert imported(books, file, tmp_path).error is None
    assert [entry.fact.amount_oere for entry in read(books).of(PaymentMade)] == ([amount] if amount else [])
    assert entries(books)[3].fact.amount_oere == 100_00
    assert imported(books, file, tmp_path).added == 0


REFUSED = {
    "an old value that never was": (Conflict, "amount_oere", [corrected("x", "betalt", "amount_oere", 1, 2)]),
    "an old value that is corrected since": (Conflict, "amount_oere", [
        TEN_LESS, corrected("x", "betalt", "amount_oere", 100_00, 80_00),
    ]),
    "a field there is none of": (Invalid, "data.findes_ikke", [corrected("x", "betalt", "findes_ikke", 1, 2)]),
    "a value the field cannot hold": (Invalid, "amount_oere", [corrected("x", "betalt", "amount_oere", 100_00, "ti")]),
    "a required value taken away": (Invalid, "amount_oere", [corrected("x", "betalt", "amount_oere", 100_00, None)]),
    "a day that does not exist": (Invalid, "data.new", [corrected("x", "betalt", "occurred_on", DAY, "2021-02-30")]),
    "a correction of a correction": (Invalid, "refs.target", [
        TEN_LESS, corrected("x", "r1", "new", 90_00, 80_00),
    ]),
    "a correction of what is annulled": (Invalid, "refs.target", [
        annulled("a1", "betalt"), corrected("x", "betalt", "amount_oere", 100_00, 90_00),
    ]),
    "a second annulment": (Invalid, "refs.target", [annulled("a1", "betalt"), annulled("x", "betalt")]),
    "the opening annulled": (Invalid, "refs.target", [annulled("x", "oprettet")]),
    "the child annulled": (Invalid, "refs.target: parten p-barn", [annulled("x", "barn")]),
    "a party in use annulled": (Invalid, "refs.target: parten p-mor", [*decided(), annulled("x", "mor")]),
    "the case number corrected": (Invalid, "data.field", [corrected("x", "oprettet", "case_number", "A", "B")]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_correction_that_cannot_be_refuses_the_file(books, tmp_path, case):
    kind, names, changes = REFUSED[case]
    error = imported(books, a_case(payment(), *changes), tmp_path).error
    assert isinstance(error, kind)
    assert "sag.json, hændelse x: " in str(error)
    assert names in str(error)
    assert books.existing() == []


def test_a_party_that_nothing_uses_can_be_annulled(books, tmp_path):
    assert imported(books, a_case(annulled("væk", "mor")), tmp_path).error is None
    assert [entry.fact.party for entry in read(books).of(PartyRegistered)] == ["p-barn"]
