"""Acts over HTTP: those of several facts, those that take two persons, and those of the book."""

import pytest

from tests.esbjerg import NUMBER, set_clock, types, until
from tests.samples import AARHUS, import_sample
from tests.serving import KAREN, POUL, RITA, served, writing
from tests.test_annual_decision import sample_decision
from tests.test_hjemvisning import BASIS, PROMISED, sent_back
from tests.test_rate_acts import CAP
from tests.test_settlement_act import HEARING, decision

BODIL, OLE, LEIF = "u-es-bodil", "u-es-ole", "u-es-leif"
BIRGIT, RUTH = "u-aa-birgit", "u-aa-ruth"
CASE = f"/v1/cases/{AARHUS}"


def sent(service, user, path, body, *, version=None, key=None):
    return service.client(user).post(path, json=body, headers=writing(version, key))


def done(answer, version=None):
    """The receipt of what was recorded."""
    assert answer.status_code == 201, answer.text
    receipt = answer.json()
    assert answer.headers["ETag"] == f'"{receipt["version"]}"'
    assert version in (None, receipt["version"])
    return receipt


def guards(answer):
    """The ids of the guards that refused it."""
    assert answer.status_code == 409, answer.text
    return "+".join(dict.fromkeys(guard["id"] for guard in answer.json()["guards"]))


def places(answer):
    """What could not be understood."""
    assert answer.status_code == 422, answer.text
    return [fault["where"] for fault in answer.json()["fields"]]


# Acts of several facts, on the sample of Esbjerg as it stood right before each

ACTS = {
    # act: the sample up to, the day, by, body, the types recorded
    "annual-decision": (
        "annual2022", "2021-12-10", BODIL, sample_decision(), ["AnnualBudgetDecided", "BudgetPostApproved"],
    ),
    "settlement/2022/review": ("reviewed2022", "2023-03-08", OLE, {}, ["AccountsReviewed"]),
    "settlement/2022/hear": ("rhear", "2023-03-10", BODIL, HEARING, ["PartshoeringSent"]),
    "settlement/2022/decide": (
        "accdec", "2023-03-30", BODIL, decision(), ["AccountsDecided", "TilbagebetalingskravIssued"],
    ),
    "reopening": (
        "ast", "2023-10-12", BODIL, BASIS | {"promised": PROMISED},
        ["HjemvisningReopened", "DeadlineExtensionNotified"],
    ),
}  # fmt: skip
UNKNOWN = {
    "annual-decision": ({"budget_application": 1}, 422),
    "settlement/2022/review": ({"occurred_on": "2023-02-01"}, 422),  # the accounts were not in
    "settlement/2022/hear": ({"channel": "due"}, 422),
    "settlement/2022/decide": ({"claim": None}, 422),
    "reopening": ({"basis": None}, 422),
}
"""A change to the body that makes the act impossible, and what it is answered with."""


@pytest.fixture(params=ACTS)
def act(request, books, clock, tmp_path):
    """An act that can be done: its address, who does it, its body, and the types it records."""
    before, on, user, body, recorded_types = ACTS[request.param]
    case = until(books, clock, tmp_path, before)
    set_clock(clock, on)
    if request.param == "reopening":
        sent_back(case, 119, on)
    return request.param, case, user, {"occurred_on": on, **body}, recorded_types


@pytest.fixture
def served_act(act, books, tmp_path):
    with served(books, tmp_path) as service:
        yield service, *act


def test_an_act_is_recorded_whole_with_the_version_it_builds_on(served_act):
    service, name, (book, case_id), user, body, recorded_types = served_act
    before = book.head(case_id).version
    path = f"/v1/cases/{NUMBER}/{name}"
    receipt = done(sent(service, user, path, body, version=before, key="act"))
    new = types(book, case_id, before)
    assert [one for one in dict.fromkeys(new) if one in recorded_types] == recorded_types
    assert receipt["version"] == before + len(new)
    assert ("instalments" in receipt) is (name == "annual-decision")
    again = done(sent(service, user, path, body, version=before, key="act"))
    assert {**again, "seq": None} == {**receipt, "seq": None}, "a repeated request is told the first answer"
    assert book.head(case_id).version == receipt["version"]


def test_an_act_that_cannot_be_done_leaves_nothing(served_act):
    service, name, (book, case_id), user, body, _ = served_act
    before, path = book.head(case_id).version, f"/v1/cases/{NUMBER}/{name}"
    change, status = UNKNOWN[name]
    attempts = {
        "impossible": (sent(service, user, path, body | change, version=before), status),
        "not theirs": (sent(service, LEIF, path, body, version=before), 409),
        "an old version": (sent(service, user, path, body, version=before - 1), 412),
        "no day": (sent(service, user, path, {**body, "occurred_on": None}, version=before), 422),
        "an unknown field": (sent(service, user, path, body | {"farve": "gul"}, version=before), 422),
        "no version": (sent(service, user, path, body), 428),
        "another municipality": (sent(service, KAREN, path, body, version=before), 404),
        "no case": (sent(service, user, f"/v1/cases/FINDES-IKKE/{name}", body, version=before), 404),
    }
    assert {name: answer.status_code for name, (answer, _) in attempts.items()} == {
        name: status for name, (_, status) in attempts.items()
    }
    assert places(attempts["no day"][0])[0] == "occurred_on"
    assert guards(attempts["not theirs"][0]) == "G32"
    assert attempts["an old version"][0].json()["current_version"] == before
    assert book.head(case_id).version == before


@pytest.mark.parametrize("year", ["0", "20222", "MMXXII", "2022.5"])
def test_a_year_that_is_none_is_refused(books, tmp_path, year):
    import_sample(books, AARHUS)
    with served(books, tmp_path) as service:
        answer = sent(service, KAREN, f"{CASE}/settlement/{year}/review", {"occurred_on": "2026-11-20"}, version=69)
        assert places(answer) == ["year"]


# Acts that two are to be about


@pytest.fixture
def service(books, tmp_path):
    import_sample(books, AARHUS)
    with served(books, tmp_path) as service:
        yield service


NOTE = {"occurred_on": "2026-11-20", "data": {"text": "Far ringede.", "about": "other", "internal": False}}
CORRECTION = {
    "occurred_on": "2026-11-20",
    "refs": {"target": 70},
    "data": {"field": "about", "old": "other", "new": "oral_information", "reason": "Der blev givet oplysninger."},
}
ANNULMENT = {"occurred_on": "2026-11-20", "refs": {"target": 70}, "data": {"reason": "Forkert sag."}}


@pytest.fixture
def noted(service):
    """A note, as version 70."""
    done(sent(service, KAREN, f"{CASE}/note-recorded", NOTE, version=69), 70)
    return service


PROPOSALS = {
    "corrections": (CORRECTION, "EntryCorrected"),
    "annulments": (ANNULMENT, "EntryAnnulled"),
    "proposals": (CORRECTION | {"type": "EntryCorrected"}, "EntryCorrected"),
}


@pytest.mark.parametrize("name", PROPOSALS)
def test_what_one_proposes_another_confirms(noted, books, name):
    body, recorded_type = PROPOSALS[name]
    done(sent(noted, KAREN, f"{CASE}/{name}", body, version=70), 71)
    assert guards(sent(noted, KAREN, f"{CASE}/proposals/71/confirm", {}, version=71)) == "G31"
    done(sent(noted, POUL, f"{CASE}/proposals/71/confirm", {}, version=71), 73)
    book, case_id = books.find(AARHUS)
    assert types(book, case_id, 70) == ["ActProposed", "ActConfirmed", recorded_type]
    assert book.entry(case_id, 73).fact.approved_by.user_id == POUL
    assert places(sent(noted, POUL, f"{CASE}/proposals/71/confirm", {}, version=73)) == ["proposal"]


@pytest.mark.parametrize("name", PROPOSALS)
def test_what_one_proposes_another_rejects_with_a_reason(noted, books, name):
    body, _ = PROPOSALS[name]
    done(sent(noted, KAREN, f"{CASE}/{name}", body, version=70), 71)
    assert places(sent(noted, POUL, f"{CASE}/proposals/71/reject", {}, version=71)) == ["reason"]
    done(sent(noted, POUL, f"{CASE}/proposals/71/reject", {"reason": "Det står rigtigt."}, version=71), 72)
    book, case_id = books.find(AARHUS)
    assert types(book, case_id, 70) == ["ActProposed", "ActRejected"]


def test_a_proposal_is_on_the_list_until_it_is_answered(noted):
    path = f"{CASE}/proposals"
    assert noted.client(KAREN).get(path).json()["items"] == []
    done(sent(noted, KAREN, f"{CASE}/corrections", CORRECTION, version=70), 71)
    (row,) = noted.client(KAREN).get(path).json()["items"]
    assert (row["version"], row["type"], row["proposed_by"]["user_id"]) == (71, "EntryCorrected", KAREN)
    done(sent(noted, POUL, f"{path}/71/confirm", {}, version=71))
    assert noted.client(KAREN).get(path).json()["items"] == []


NOT_PROPOSED = {
    "a target that is not there": ("corrections", CORRECTION | {"refs": {"target": 99}}, 422),
    "no target": ("corrections", {**CORRECTION, "refs": {}}, 422),
    "a value that is not what it was": (
        "corrections", CORRECTION | {"data": {**CORRECTION["data"], "old": "consent"}}, 412,
    ),
    "an approver named by oneself": (
        "annulments", ANNULMENT | {"data": {"reason": "x", "approved_by": {"user_id": POUL}}}, 422,
    ),
    "a type that one records alone": ("proposals", NOTE | {"type": "NoteRecorded"}, 422),
    "a type there is none of": ("proposals", NOTE | {"type": "Opfundet"}, 422),
    "no type": ("proposals", CORRECTION, 422),
    "a correction by the way of another": ("corrections", CORRECTION | {"type": "EntryCorrected"}, 422),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_PROPOSED)
def test_a_proposal_that_could_not_be_confirmed_is_refused_at_once(noted, books, name):
    path, body, status = NOT_PROPOSED[name]
    answer = sent(noted, KAREN, f"{CASE}/{path}", body, version=70)
    assert answer.status_code == status, answer.text
    assert books.book("aarhus").head(books.find(AARHUS)[1]).version == 70


@pytest.mark.parametrize(("answer", "body"), [("confirm", {}), ("reject", {"reason": "Nej."})])
def test_only_an_open_proposal_is_answered_and_only_on_the_version_one_has_seen(noted, answer, body):
    done(sent(noted, KAREN, f"{CASE}/corrections", CORRECTION, version=70), 71)
    for proposal, where in (("70", "proposal"), ("99", "proposal"), ("0", "proposal"), ("x", "proposal")):
        assert places(sent(noted, POUL, f"{CASE}/proposals/{proposal}/{answer}", body, version=71)) == [where]
    old = sent(noted, POUL, f"{CASE}/proposals/71/{answer}", body, version=70)
    assert (old.status_code, old.json()["current_version"]) == (412, 71)
    assert places(sent(noted, POUL, f"{CASE}/proposals/71/{answer}", {**body, "x": 1}, version=71)) == ["x"]


# The book


def test_a_rate_is_proposed_by_one_registrar_and_confirmed_by_another(service, books):
    body = {"occurred_on": "2026-11-20", "data": CAP}
    proposal = done(sent(service, RITA, "/v1/rates", body, key="r1"), 1)
    assert (proposal["municipality"], proposal["type"]) == ("aarhus", "ActProposed")
    assert done(sent(service, RITA, "/v1/rates", body, key="r1")) == proposal | {"seq": proposal["seq"]}
    assert guards(sent(service, RITA, "/v1/rates/1/confirm", {})) == "G31"
    assert done(sent(service, RUTH, "/v1/rates/1/confirm", {}), 3)["type"] == "RateRegistered"
    assert places(sent(service, RUTH, "/v1/rates/1/confirm", {})) == ["proposal"]
    rates = service.client(KAREN).get("/v1/rates?as_of=2025-06-01&limit=200").json()["items"]
    (cap,) = [rate for rate in rates if (rate["kind"], rate["name"]) == ("cap", "cap")]
    assert (cap["amount_oere"], cap["version"], cap["registered_by"]) == (72_000_000, 3, [RITA, RUTH])
    before = service.client(KAREN).get("/v1/rates?as_of=2025-06-01&known_at=2026-11-01&limit=200").json()["items"]
    assert cap not in before
    assert books.book("aarhus").law().cap(2025).value == 72_000_000


def test_a_rate_is_rejected_with_a_reason(service):
    done(sent(service, RITA, "/v1/rates", {"occurred_on": "2026-11-20", "data": CAP}), 1)
    assert places(sent(service, RUTH, "/v1/rates/1/reject", {})) == ["reason"]
    assert done(sent(service, RUTH, "/v1/rates/1/reject", {"reason": "Forkert år."}))["type"] == "ActRejected"


NO_RATE = {
    "by one who is no registrar": (KAREN, {}, 409),
    "found tomorrow": (RITA, {"occurred_on": "2026-11-22"}, 409),
    "without data": (RITA, {"data": {}}, 422),
    "confirmed by oneself": (RITA, {"data": CAP | {"second_approver": {"user_id": RUTH}}}, 422),
    "of another municipality": (RITA, {"data": CAP | {"municipality": "esbjerg"}}, 422),
    "without a day": (RITA, {"occurred_on": None}, 422),
}


@pytest.mark.parametrize("name", NO_RATE)
def test_a_rate_that_cannot_be_is_refused(service, name):
    user, change, status = NO_RATE[name]
    answer = sent(service, user, "/v1/rates", {"occurred_on": "2026-11-20", "data": CAP} | change)
    assert answer.status_code == status, answer.text


MANDATE = {
    "mandate": "m-2026-1",
    "holder_unit": "familiecentret",
    "event_types": ["BudgetPostApproved"],
    "granted_by": {"unit": "ledelse", "name": "Poul Prøvesen"},
    "legal_basis": "delegationsplan 2026",
    "valid_from": "2026-01-01",
    "max_amount_oere": 20_000_000,
}
COUNTED = {"year": 2025, "months_covered": 12, "count": 17}
OF_THE_BOOK = {"mandate-registered": (MANDATE, POUL, KAREN), "enquiries-counted": (COUNTED, RITA, KAREN)}


@pytest.mark.parametrize("name", OF_THE_BOOK)
def test_a_fact_of_the_book_is_recorded_by_those_whose_task_it_is(service, name):
    data, may, may_not = OF_THE_BOOK[name]
    body = {"occurred_on": "2026-11-20", "data": data}
    assert guards(sent(service, may_not, f"/v1/book/{name}", body)) == "G32"
    assert sent(service, may, f"/v1/book/{name}", {**body, "data": {}}).status_code == 422
    assert service.client(may).post(f"/v1/book/{name}", json=body).status_code == 428
    done(sent(service, may, f"/v1/book/{name}", body), 1)


def test_the_mandates_of_the_book_are_listed_as_known_at_an_instant(service):
    done(sent(service, POUL, "/v1/book/mandate-registered", {"occurred_on": "2026-11-20", "data": MANDATE}), 1)
    (row,) = service.client(KAREN).get("/v1/mandates").json()["items"]
    assert {name: row[name] for name in MANDATE} == MANDATE
    assert (row["version"], row["recorded_by"]["user_id"]) == (1, POUL)
    assert service.client(KAREN).get("/v1/mandates?known_at=2026-11-01").json()["items"] == []
    assert service.client(BODIL).get("/v1/mandates").json()["items"] == []
    assert service.client("u-aa-sofie").get("/v1/mandates").status_code == 403
