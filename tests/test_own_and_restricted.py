"""What is one's own, what is a citizen's, what was marked, and what would tell a birthday."""

import json
from dataclasses import replace
from datetime import date

import pytest

from api import shown
from api.looking import Reader, find_case, find_person, look_at, opens, views
from api.principal import Principal
from commands.record import Asked, record
from commands.two_persons import propose
from ledger.errors import Forbidden, NotFound
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor
from ledger.facts.example import example
from ledger.facts.fact import catalogue
from ledger.facts.values import HIDDEN
from ledger.store.head import Head
from ledger.store.ledger import case_id_of
from projections.follower import Follower
from replay.as_of import Point
from tests.everything import CPRS, NUMBER, Telling
from tests.seeing import OPERATOR, read, reader, shown_to
from tests.serving import served, writing

KAREN = Actor("u-fc-01", "Karen Prøvesen", "familiecentret", "fc_raadgiver")
JENS = Actor("u-pa-01", "Jens Prøvesen", "paedagogisk_afdeling", "pa_konsulent")
RITA = Actor("u-re-01", "Rita Prøvesen", "registratur", "registrator")


@pytest.fixture
def book(books):
    return books.book("aarhus")


def case_of(book, *more):
    """A case with its parties; then what is given: type, actor, data and refs."""
    case_id, told = case_id_of("aarhus", NUMBER), Telling()
    opened = {"case_number": NUMBER, "child": "p-barn", "opened_on": "2022-06-09", "tracked_from": None}
    story = [("CaseOpened", KAREN, opened, {})]
    story += [("PartyRegistered", KAREN, {**NOBODY, **PARTIES[party], "party": party}, {}) for party in PARTIES]
    for name, actor, data, refs in [*story, *more]:
        head = Head.of(case_id, book.entries(case_id))
        fact = catalogue()[name].model_validate({**told.data(catalogue()[name], head.version + 1, **data), **data})
        on = date.fromisoformat(data.get("birthday", "2022-06-09"))
        book.append(head, [Draft(fact, on, actor, "api", refs)])
    return case_id


NOBODY = dict.fromkeys(("work", "custody_documented_by", "represents", "scope", "valid_from", "valid_to"))
PARTIES = {
    party: {
        "kind": kind, "custody": custody, "name": name, "cpr": CPRS[party], "birth_date": born, "address": address,
        "phone": None, "email": None, "protected_address": protected,
    }
    for party, kind, custody, name, born, address, protected in (
        ("p-barn", "child", None, "Barn Prøvesen", "2014-09-16", "Barnevej 1", None),
        ("p-mor", "custody_holder", "joint", "Mor Prøvesen", None, "Morvej 2", None),
        ("p-far", "parent", "none", "Far Prøvesen", None, "Farvej 3", True),
    )
}  # fmt: skip
FIRST = len(PARTIES) + 2
"""Version of the first fact that a test adds."""


def history_of(books, who, case):
    return read(books, who, case, "history", shown.history)


def versions(rows):
    return [row["version"] for row in rows]


def test_a_unit_sees_its_own_internal_notes_and_a_leader_sees_all(books, book):
    note = {"internal": True, "text": "Kladde."}
    case = case_of(book, ("NoteRecorded", KAREN, note, {}), ("NoteRecorded", JENS, note, {}))
    seen = {
        column: versions(history_of(books, reader(column), case))[FIRST - 1 :]
        for column in ("AUTH", "PA", "VU", "LEDER")
    }
    assert seen == {"AUTH": [FIRST], "PA": [FIRST + 1], "VU": [], "LEDER": [FIRST, FIRST + 1]}


def test_a_note_that_was_recorded_as_internal_stays_so_after_a_correction(books, book):
    note = ("NoteRecorded", JENS, {"internal": True, "text": "Kladde."}, {})
    put = {"field": "internal", "old": True, "new": False, "reason": "Fejl.", "letter_was_right": None}
    case = case_of(book, note, ("EntryCorrected", JENS, put, {"target": FIRST}))
    assert not {FIRST, FIRST + 1} & set(versions(history_of(books, reader("AUTH"), case)))
    assert {FIRST, FIRST + 1} <= set(versions(history_of(books, reader("LEDER", "Det er en prøve."), case)))


def test_a_decision_is_ones_own_with_the_complaint_over_it_and_what_follows(books, book):
    decided = {"decided_by": {"unit": "paedagogisk_afdeling", "name": "Jens Prøvesen"}}
    case = case_of(
        book,
        ("MaalgruppeDecided", KAREN, decided, {}),
        ("MaalgruppeDecided", KAREN, {"decided_by": {"unit": "familiecentret", "name": "Karen Prøvesen"}}, {}),
        ("KlageReceived", KAREN, {}, {"decision": FIRST}),
        ("GenvurderingCompleted", KAREN, {}, {"klage": FIRST + 2}),
        ("KlageReceived", KAREN, {}, {"decision": FIRST + 1}),
    )
    rows = history_of(books, reader("PA"), case)
    assert versions(rows)[FIRST - 1 :] == [FIRST, FIRST + 2, FIRST + 3]
    assert [row["version"] for row in read(books, reader("PA"), case, "klager", shown.klager)] == [FIRST + 2]
    assert [row["version"] for row in read(books, reader("PA"), case, "decisions", shown.decisions)] == [FIRST]


def test_what_is_about_another_entry_is_seen_by_those_who_see_that(books, book):
    hearing = {"subject": "tilbagebetaling"}
    put = {"field": "comments", "old": None, "new": "Hemmeligt beløb.", "reason": "Fejl.", "letter_was_right": None}
    case = case_of(
        book,
        ("PartshoeringSent", KAREN, hearing, {}),
        ("PartshoeringAnswered", KAREN, {"comments": "Vi er uenige."}, {"hearing": FIRST}),
        ("EntryCorrected", KAREN, put, {"target": FIRST + 1}),
    )
    assert versions(history_of(books, reader("AUTH"), case))[FIRST - 1 :] == [FIRST, FIRST + 1, FIRST + 2]
    assert versions(history_of(books, reader("ADMIN"), case))[FIRST - 1 :] == []


def test_a_correction_of_a_hidden_field_says_that_it_was_corrected_and_not_to_what(books, book):
    put = {
        "field": "address",
        "old": None,
        "new": "Nyvej 9",
        "reason": "Flyttet fra Barnevej.",
        "letter_was_right": None,
    }
    case = case_of(book, ("EntryCorrected", KAREN, put, {"target": 2}))
    *_, row = history_of(books, reader("PA"), case)
    assert row["version"] == FIRST
    assert "Feltet address blev rettet" in row["sentence"]
    assert "Flyttet" not in json.dumps(history_of(books, reader("PA"), case))
    assert "Flyttet" in json.dumps(history_of(books, reader("AUTH"), case))


def test_the_committee_sees_health_data_while_the_case_is_before_it(books, book):
    sent = ("IndstillingSentToVisitation", KAREN, {}, {})
    health = ("HealthAssessmentReceived", KAREN, {"conclusion": "Kræver hjælp."}, {})
    held = lambda resultat: ("VisitationHeld", KAREN, {"resultat": resultat}, {})  # noqa: E731
    case = case_of(book, health)
    sees = lambda: FIRST in versions(history_of(books, reader("VU"), case))  # noqa: E731
    found = [sees()]
    for step in (sent, held("udsat"), held("godkendt"), sent):
        name, actor, data, refs = step
        head = Head.of(case, book.entries(case))
        fact = catalogue()[name].model_validate({**example(catalogue()[name]), **data})
        book.append(head, [Draft(fact, date(2022, 6, 9), actor, "api", refs)])
        found.append(sees())
    assert found == [False, True, True, False, True]


# Citizens


def citizen(party):
    return Reader(Principal(Actor(f"u-{party}", party, "borger", "borger"), "aarhus", CPRS.get(party, "710199-0009")))


def test_a_case_exists_for_those_who_have_custody_of_its_child_and_nobody_else(books, book):
    case = case_of(book)
    assert look_at(books, citizen("p-mor"), NUMBER, Point(), "case").case_id == case
    for stranger in (citizen("p-far"), citizen("p-barn"), citizen("p-ingen"), citizen_without_cpr()):
        for look in (
            lambda who: look_at(books, who, NUMBER, Point(), "case"),
            lambda who: find_case(books, who.who, NUMBER),
        ):
            with pytest.raises(NotFound) as refused:
                look(stranger)
            with pytest.raises(NotFound) as nowhere:
                find_case(books, stranger.who, "FINDES-IKKE")
            assert str(refused.value).replace(NUMBER, "") == str(nowhere.value).replace("FINDES-IKKE", "")
        assert not opens(book, stranger.who)(case)


def citizen_without_cpr():
    return Reader(Principal(Actor("u-x", "x", "borger", "borger"), "aarhus"))


def test_a_parent_sees_the_child_and_themselves_and_of_the_other_parent_the_name(books, book):
    Follower(book).catch_up()
    case = case_of(book)
    Follower(book).catch_up()
    assert opens(book, citizen("p-mor").who)(case)
    told = read(books, citizen("p-mor"), case, "case", shown.case)
    child, father, mother = told["parties"]
    assert (child["cpr"], child["birth_date"], mother["cpr"]) == (CPRS["p-barn"], "2014-09-16", CPRS["p-mor"])
    assert father["name"] == "Far Prøvesen"
    assert not {"cpr", "birth_date", "custody"} & set(father)
    everything = json.dumps(shown_to(books, citizen("p-mor"), case), ensure_ascii=False)
    assert CPRS["p-far"] not in everything
    assert "Farvej" not in everything


@pytest.mark.parametrize("protected", [False, True])
def test_a_parent_does_not_learn_where_a_child_with_a_protected_address_lives(books, book, protected):
    data = {**NOBODY, **PARTIES["p-barn"], "party": "p-barn", "protected_address": protected}
    case = case_of(
        book, ("PartyRegistered", KAREN, data, {}), ("HomeSchoolingNotified", KAREN, {"place": "Skjulvej 4"}, {})
    )
    seen = look_at(books, citizen("p-mor"), NUMBER, Point(), "history")
    child, home = (seen.history.recorded[version - 1].fact for version in (FIRST, FIRST + 1))
    assert (child.address is HIDDEN, home.place is HIDDEN) == (protected, protected)
    assert seen.case_id == case


def test_lost_earnings_are_for_the_parent_concerned(books, book):
    asked = [("TabtArbejdsfortjenesteRequested", KAREN, {"parent": parent}, {}) for parent in ("p-mor", "p-far")]
    case = case_of(book, *asked)
    assert versions(history_of(books, citizen("p-mor"), case))[FIRST - 1 :] == [FIRST]


def test_who_handed_a_draft_in_is_told_to_staff_by_name_and_to_the_auditor_not_at_all(books, book):
    mother = Actor("u-p-mor", "Mor Prøvesen", "borger", "borger", party="p-mor")
    case = case_of(book, ("UgeskemaReceived", mother, {}, {}))
    actor = {column: history_of(books, reader(column), case)[-1]["actor"] for column in ("AUTH", "PA")} | {
        "p-mor": history_of(books, citizen("p-mor"), case)[-1]["actor"]
    }
    assert (actor["AUTH"]["name"], actor["AUTH"]["user_id"]) == ("Mor Prøvesen", "u-p-mor")
    assert actor["PA"]["name"] == "Mor Prøvesen"
    assert "user_id" not in actor["PA"]
    assert actor["p-mor"]["user_id"] == "u-p-mor"


# What was marked


def marked(target, level="restricted", users=None):
    return (
        "ConfidentialityChanged",
        RITA,
        {"target": target, "level": level, "users": users, "reason": "Trusler."},
        {},
    )


@pytest.mark.parametrize(
    ("marks", "open_to"),
    [
        ([marked(NUMBER)], {"LEDER"}),
        ([marked(NUMBER, users=["u-fc-01"])], {"LEDER", "AUTH"}),
        ([marked(NUMBER, "protected", ["u-re-01", "u-pa-01"])], {"LEDER", "ADMIN", "PA"}),
        ([marked(NUMBER), marked(NUMBER, "normal")], {"AUTH", "PA", "LEDER", "ADMIN", "CITIZEN"}),
    ],
    ids=["nobody named", "adviser named", "others named", "lifted"],
)
def test_a_restricted_case_is_open_to_those_who_are_named_and_the_leaders(books, book, marks, open_to):
    case = case_of(book, *marks)
    Follower(book).catch_up()
    for column in ("AUTH", "PA", "LEDER", "ADMIN", "CITIZEN"):
        who = reader(column)
        listed = [seen.case_id for seen in views(book, who, Point())]
        if column in open_to:
            assert find_case(books, who.who, NUMBER) == (book, case)
            assert look_at(books, who, NUMBER, Point(), "case").case_id == case
            assert opens(book, who.who)(case)
            assert listed == [case]
        else:
            for look in (
                lambda who: find_case(books, who.who, NUMBER),
                lambda who: look_at(books, who, NUMBER, Point(), "case"),
            ):
                with pytest.raises(Forbidden, match="Sagen er beskyttet"):
                    look(who)
            assert not opens(book, who.who)(case)
            assert listed == []


NOTE = Asked("NoteRecorded", date(2022, 6, 10), {"text": "Mor ringer.", "about": "other", "internal": False})


@pytest.mark.parametrize("column", ["AUTH", "PA"])
def test_one_who_is_shut_out_of_a_case_writes_nothing_in_it(book, column):
    case, actor = case_of(book), reader(column).who.actor
    record(book, case, NOTE, actor, request_id="before")
    name, rita, marking, _ = marked(NUMBER, users=["u-re-01"])
    record(book, case, Asked(name, date(2022, 6, 11), marking), rita, request_id="marking")
    stands = len(book.entries(case))
    for write in (
        lambda: record(book, case, NOTE, actor, request_id="after"),
        lambda: record(book, case, NOTE, actor, request_id="before"),  # nor is the first receipt given again
        lambda: propose(book, case, replace(NOTE, type="EntryAnnulled"), actor, request_id="act"),
    ):
        with pytest.raises(Forbidden, match="Sagen er beskyttet"):
            write()
    assert len(book.entries(case)) == stands
    assert record(book, case, NOTE, reader("LEDER").who.actor, request_id="leader").version == stands + 1


def test_one_who_is_shut_out_of_a_case_is_told_so_when_they_write_over_http(books, book, tmp_path):
    case = case_of(book, marked(NUMBER))
    body = {"occurred_on": "2022-06-10", "data": dict(NOTE.data), "refs": {}}
    with served(books, tmp_path) as service:
        path, headers = f"/v1/cases/{case}/note-recorded", writing(len(book.entries(case)))
        answer = service.client("u-aa-karen").post(path, json=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "forbidden")


def test_the_marking_of_today_counts_whatever_day_is_asked_about(books, book):
    case_of(book, marked(NUMBER))
    for at in (Point(version=1), Point(as_of=date(2022, 6, 9), known_at=None, version=2)):
        with pytest.raises(Forbidden, match="Sagen er beskyttet"):
            look_at(books, reader("AUTH"), NUMBER, at, "case")


def test_a_marked_document_and_a_marked_party_are_absent_for_those_who_are_not_named(books, book):
    document = ("DocumentAdded", KAREN, {"document": "d-1", "kind": "letter", "sensitivity": "normal"}, {})
    case = case_of(book, document, marked("d-1", users=["u-fc-01"]), marked("p-far", "protected"))
    Follower(book).catch_up()
    documents = {
        column: read(books, reader(column), case, "documents", shown.documents) for column in ("AUTH", "ADMIN", "LEDER")
    }
    assert {column: len(rows) for column, rows in documents.items()} == {"AUTH": 1, "ADMIN": 0, "LEDER": 1}
    assert documents["AUTH"][0]["level"] == "restricted"
    fathers = {
        column: read(books, reader(column), case, "case", shown.case)["parties"][1] for column in ("AUTH", "LEDER")
    }
    assert set(fathers["AUTH"]) == {"party", "kind", "represents", "entries"} - {"represents"}
    assert fathers["LEDER"]["name"] == "Far Prøvesen"
    assert "Far Prøvesen" not in json.dumps(shown_to(books, reader("AUTH"), case), ensure_ascii=False)
    assert find_person(book, reader("AUTH"), CPRS["p-far"]) == []
    assert find_person(book, reader("LEDER"), CPRS["p-far"]) == [(case, "p-far")]


# Birthdays


def test_rows_that_would_tell_a_birthday_tell_the_year_to_those_without_identity(books, book):
    case = case_of(
        book,
        ("HjemmetraeningStarted", KAREN, {"started_on": "2022-06-09"}, {}),
        ("HjemmetraeningEndedAtAge18", KAREN, {"birthday": "2022-09-16"}, {}),
    )
    for column, day in (("AUTH", "2022-09-16"), ("revisor", "2022"), ("PA", "2022"), ("SUND", "2022")):
        row = next(
            row for row in history_of(books, reader(column), case) if row["type"] == "HjemmetraeningEndedAtAge18"
        )
        assert row["occurred_on"] == day
        assert ("recorded_at" in row) == (column == "AUTH")
        assert read(books, reader(column), case, "case", shown.case)["state_since"] == day
        born = read(books, reader(column), case, "case", shown.case)["parties"][0]["birth_date"]
        assert born == ("2014-09-16" if column == "AUTH" else "2014")


def test_deadlines_from_a_birthday_tell_the_year_to_those_without_identity(books, book):
    case = case_of(book, ("HjemmetraeningStarted", KAREN, {"started_on": "2022-06-09"}, {}))
    rules = {rule.slug for rule in book.law().rulebook.rules("aarhus") if rule.birthday is not None}
    at = Point(as_of=date(2033, 1, 1))
    told = {
        column: [
            row for row in shown.deadlines(look_at(books, reader(column), NUMBER, at, "deadlines")) if row.rule in rules
        ]
        for column in ("AUTH", "revisor")
    }
    assert told["AUTH"]
    assert [row.rule for row in told["AUTH"]] == [row.rule for row in told["revisor"]]
    for all_of_it, row in zip(told["AUTH"], told["revisor"], strict=True):
        assert row.trigger_on.isoformat() == str(all_of_it.trigger_on.year)
        assert row.due_on.isoformat() == str(all_of_it.due_on.year)
        assert row.days_late is HIDDEN
        with pytest.raises(Forbidden):
            shown.explain(look_at(books, reader("revisor"), NUMBER, at, "explain"), row.rule, None)
    assert look_at(books, OPERATOR, str(case), at, "deadlines").eyes.sees_birthdays
