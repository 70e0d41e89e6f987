"""Acts of two persons: citizens' drafts, large amounts and corrections; who answers them, and that they do it once."""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.as_party import actor_on
from api.principal import Principal
from commands.record import Asked, record
from commands.two_persons import confirm, propose, reject
from ledger.errors import Conflict, Invalid, Refused
from ledger.facts.acts import ActConfirmed, ActProposed, ActRejected
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor
from ledger.facts.fact import Task, catalogue
from ledger.store.books import Books
from ledger.store.head import Head
from ledger.store.ledger import case_id_of
from projections import findings, history, proposals
from replay.verify import verify
from tests.conftest import ToldClock
from tests.guarding import OPENING, fact_of, law_of, told

KAREN = Actor("u-fc-01", "Karen Prøvesen", "familiecentret", "fc_raadgiver")
BIRGIT = Actor("u-fc-02", "Birgit Prøvesen", "familiecentret", "fc_raadgiver")
METTE = Actor("u-pa-01", "Mette Prøvesen", "paedagogisk_afdeling", "pa_konsulent")
POUL = Actor("u-l-01", "Poul Prøvesen", "ledelse", "leder")
LIS = Actor("u-l-02", "Lis Prøvesen", "ledelse", "leder")
AUDITOR = Actor("u-rev-01", "Rie Prøvesen", "revision", "revisor")
MOR = Actor("u-mor", "Mor Prøvesen", "borger", "borger", party="p-mor")
FAR = Actor("u-far", "Far Testesen", "borger", "borger", party="p-far")
DAY = date(2026, 11, 20)
HELPER = told("PartyRegistered", "2024-01-05", party="p-hj", kind="helper", custody=None, key="helper")
NOTE = told("NoteRecorded", "2024-01-06", text="Mor ringede.", about="phone_call", key="note").by("u-fc-01", "x")
APPLIED = told("BudgetApplicationReceived", "2024-01-05", year=2024)
EXPENSE = {
    "expense": "x-1", "year": 2024, "post": "P1", "paid_on": "2024-03-01", "amount_oere": 50_000, "receipt": True,
    "abroad": False, "description": "Bolde",
}  # fmt: skip
LARGE = {
    "hjemmel": ["barnets lov § 85, stk. 6"], "sent_on": "2026-11-20", "channel": "digital_post",
    "recipients": ["p-mor"], "decided_by": {"unit": "familiecentret", "name": "Karen Prøvesen"}, "favourable": "full",
    "resultat": "godkendt", "year": 2024, "post": "P1", "category": "oevrige", "name": "Bolde", "option": "a",
    "amount_oere": 10_000_001,
}  # fmt: skip
DRAFT = Asked("ExpenseDocumented", DAY, EXPENSE)
GRANT = Asked("BudgetPostApproved", DAY, LARGE, {"budget_application": 5})
CHANGE = {"field": "about", "old": "phone_call", "new": "other", "reason": "ikke et opkald"}
CORRECTION = Asked("EntryCorrected", DAY, CHANGE, {"target": 7})
KINDS = {"a draft": (DRAFT, MOR), "a large amount": (GRANT, KAREN), "a correction": (CORRECTION, KAREN)}


class Case:
    """A case in a book: parties 2-4, a budget application 5, a helper 6, and a note of Karen's 7."""

    def __init__(self, book):
        self.book, self.case_id = book, case_id_of(book.municipality, str(uuid4()))
        story = [*OPENING, APPLIED, HELPER, replace(NOTE, actor=KAREN)]
        book.append(
            Head.of(self.case_id, []), [Draft(fact_of(one), one.on, one.actor or KAREN, "api") for one in story]
        )

    def entries(self):
        return self.book.entries(self.case_id)

    def types(self):
        return [entry.type for entry in self.entries()[7:]]

    def do(self, act, *asked, **more):
        return act(self.book, self.case_id, *asked, **{"request_id": str(uuid4()), **more}).version

    def proposed(self, kind):
        """One of the three kinds, by the one who proposes it."""
        asked, by = KINDS[kind]
        return self.do(record if by is MOR else propose, asked, by)

    def open(self):
        return list(proposals.tell(self.book.load(self.case_id), self.book.law()))

    def guards(self):
        """The guards that findings name."""
        return [
            row.guard for row in findings.tell(self.book.load(self.case_id), self.book.law()) if row.mode == "block"
        ]


@pytest.fixture
def case(books):
    return Case(books.book("aarhus"))


# A citizen's draft


def test_what_a_citizen_records_is_a_draft_that_has_no_effect_and_keeps_their_name_sealed(case):
    version = case.do(record, DRAFT, MOR, if_version=7)
    entry = case.entries()[-1]
    assert (version, entry.type, entry.actor) == (8, "ActProposed", MOR)
    assert (entry.fact.proposed_type, entry.fact.data["description"]) == ("ExpenseDocumented", "Bolde")
    stored = case.book.recorder.select_events(case.case_id)[-1].state.decode()
    assert not [word for word in ("Mor Prøvesen", "u-mor", "Bolde") if word in stored]
    assert not list(case.book.load(case.case_id).of(catalogue()["ExpenseDocumented"]))
    assert case.guards() == []


def test_a_confirmed_draft_is_recorded_as_the_citizens_own(case):
    version = case.proposed("a draft")
    assert case.do(confirm, version, KAREN) == 10
    assert case.types() == ["ActProposed", "ActConfirmed", "ExpenseDocumented"]
    confirmed, fact = case.entries()[8:]
    assert (confirmed.actor, confirmed.refs) == (KAREN, {"proposal": 8})
    assert (fact.actor, fact.occurred_on, fact.fact.as_data()) == (MOR, DAY, EXPENSE)
    assert case.guards() == []
    assert [row.actor.party for row in history.tell(case.book.load(case.case_id)) if row.version in (8, 10)] == [
        "p-mor"
    ] * 2
    assert verify(case.book).faults == ()


def test_a_rejected_draft_comes_to_nothing_and_says_why(case):
    version = case.proposed("a draft")
    assert case.do(reject, version, "Kvitteringen kan ikke læses.", KAREN) == 9
    assert case.types() == ["ActProposed", "ActRejected"]
    assert case.entries()[-1].fact.reason == "Kvitteringen kan ikke læses."
    assert case.guards() == []


@pytest.mark.parametrize(
    ("kind", "custody", "may"),
    [
        ("custody_holder", "joint", True), ("custody_holder", "sole", True), ("custody_holder", None, True),
        ("custody_holder", "none", False), ("parent", "joint", True), ("parent", "sole", True), ("parent", None, False),
        ("parent", "none", False), ("bisidder", "joint", False), ("child", None, False), ("sibling", "sole", False),
    ],
)  # fmt: skip
def test_it_is_those_with_custody_today_who_hand_in_drafts(case, kind, custody, may):
    far = told("PartyRegistered", "2024-01-06", party="p-far", kind=kind, custody=custody)
    case.book.append(Head.of(case.case_id, case.entries()), [Draft(fact_of(far), far.on, KAREN, "api")])
    if may:
        assert case.do(record, DRAFT, FAR) == 9
    else:
        with pytest.raises(Refused, match=NO_CUSTODY):
            case.do(record, DRAFT, FAR)


def test_a_citizen_is_the_party_that_their_own_cpr_number_names(case):
    sole = {"kind": "parent", "custody": "sole", "cpr": "710686-0005"}
    far = told("PartyRegistered", "2024-01-06", party="p-far", **sole)
    case.book.append(Head.of(case.case_id, case.entries()), [Draft(fact_of(far), far.on, KAREN, "api")])
    parties = {
        cpr: actor_on(case.book, case.case_id, Principal(replace(FAR, party=None), "aarhus", cpr)).party
        for cpr in ("710686-0005", "710686-0013", None)
    }
    assert parties == {"710686-0005": "p-far", "710686-0013": None, None: None}
    assert actor_on(case.book, case.case_id, Principal(KAREN, "aarhus")) == KAREN


def test_what_is_recorded_as_a_citizens_without_being_confirmed_is_a_finding(case):
    head = Head.of(case.case_id, case.entries())
    case.book.append(head, [Draft(fact_of(told("ExpenseDocumented", "2026-11-20", **EXPENSE)), DAY, MOR, "api")])
    assert case.guards() == ["G32"]


NOT_A_DRAFT = "Denne hændelse kan en borger ikke indsende et udkast til; kontakt sagens rådgiver."
NO_CUSTODY = "Kun den, der har forældremyndigheden over barnet, kan indsende udkast på sagen."
DRAFTS = {  # what a citizen may hand in, and what is near it and they may not
    "their own expense": (DRAFT, MOR, {}, Asked("NoteRecorded", DAY, {
        "text": "Hej.", "about": "other", "internal": False,
    }), MOR, {}, Refused, f"G32: {NOT_A_DRAFT}"),
    "an application": (
        Asked("BudgetApplicationReceived", DAY, {"scope": "annual", "year": 2025, "posts": []}), FAR, {},
        GRANT, FAR, {}, Refused, f"G32: {NOT_A_DRAFT}",
    ),
    "with custody": (DRAFT, FAR, {}, DRAFT, replace(MOR, party="p-hj"), {}, Refused, f"G32: {NO_CUSTODY}"),
    "as a party of the case": (DRAFT, MOR, {}, DRAFT, replace(MOR, party="p-onkel"), {}, Invalid, "actor.party"),
    "as someone at all": (DRAFT, MOR, {}, DRAFT, replace(MOR, party=None), {}, Invalid, "actor.party"),
    "no correction": (DRAFT, MOR, {}, CORRECTION, MOR, {}, Refused, "G31+G32: "),
    "no confirmation by hand": (DRAFT, MOR, {}, Asked("ActConfirmed", DAY, {}), MOR, {}, Invalid, "ikke direkte"),
    "whole": (DRAFT, MOR, {}, replace(DRAFT, data={}), MOR, {}, Invalid, "data.expense: mangler"),
    "of today": (
        replace(DRAFT, occurred_on=date(2026, 11, 21)), MOR, {},
        replace(DRAFT, occurred_on=date(2026, 11, 22)), MOR, {}, Refused, "G33: ",
    ),
    "without a CPR number": (
        DRAFT, MOR, {}, replace(DRAFT, data=EXPENSE | {"description": "710118-0001"}), MOR, {}, Refused, "G34: ",
    ),
    "of the case as they saw it": (DRAFT, MOR, {"if_version": 7}, DRAFT, MOR, {"if_version": 6}, Conflict, "version 7"),
    "all at once": (
        DRAFT, MOR, {}, Asked("NoteRecorded", date(2026, 11, 22), {
            "text": "710118-0001", "about": "other", "internal": False,
        }), replace(MOR, party="p-hj"), {}, Refused, "G32+G33+G34: ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", [record, propose])
@pytest.mark.parametrize("name", DRAFTS)
def test_a_citizen_drafts_what_is_theirs_and_nothing_else(case, name, how):
    asked, by, more, other, who, extra, error, says = DRAFTS[name]
    with pytest.raises(error) as refused:
        case.do(how, other, who, **extra)
    assert says in str(refused.value)
    assert case.types() == []
    case.do(how, asked, by, **more)
    assert case.types() == ["ActProposed"]


@pytest.mark.parametrize("fact_type", [cls for cls in catalogue().values() if "case" in cls.declared.streams])
def test_a_citizen_may_draft_exactly_the_types_that_say_so(fact_type):
    for slug in ("aarhus", "esbjerg", "nyborg"):
        here = law_of(slug).municipality
        assert here.may_draft("borger", fact_type) == (Task.CITIZEN in fact_type.declared.by)
        assert not here.may_record("borger", fact_type)
        assert not [role for role in here.roles if role != "borger" and here.may_draft(role, fact_type)]


def test_a_draft_whose_writer_was_erased_cannot_be_confirmed_but_can_be_rejected(case):
    version = case.proposed("a draft")
    subject = case.entries()[-1].subjects["p-barn"]
    case.book.vault.destroy(subject)
    with pytest.raises(Invalid, match="slettet"):
        case.do(confirm, version, KAREN)
    case.do(reject, version, "Slettet.", KAREN)
    assert case.open() == []


# A second pair of eyes on large amounts


def test_the_second_approver_is_the_one_who_confirmed(case):
    version = case.do(propose, GRANT, KAREN)
    receipt = confirm(case.book, case.case_id, version, BIRGIT, request_id="c1")
    assert receipt.notices == ()
    entry = case.entries()[-1]
    assert (entry.actor, entry.fact.second_approver.user_id) == (KAREN, BIRGIT.user_id)
    assert "NO_SECOND_APPROVER" not in [
        row.flag for row in findings.tell(case.book.load(case.case_id), case.book.law())
    ]


@pytest.mark.parametrize("field", ["second_approver", "second_approver.user_id"])
def test_who_approved_is_not_made_up_by_a_correction(case, field):
    version = case.do(confirm, case.do(propose, GRANT, KAREN), BIRGIT)
    new = {"user_id": "u-9", "name": "n"} if field == "second_approver" else "u-9"
    change = {"field": field, "old": None, "new": new, "reason": "x", "letter_was_right": True}
    with pytest.raises(Invalid, match="kan ikke rettes"):
        case.do(propose, Asked("EntryCorrected", DAY, change, {"target": version}), KAREN)


def test_a_ref_to_several_entries_comes_through_a_proposal(case):
    asked = replace(GRANT, data=LARGE | {"facts_relied_on": [5, 7]}, document_ids=("d-1",))
    case.do(confirm, case.do(propose, asked, KAREN), BIRGIT)
    entry = case.entries()[-1]
    assert (entry.fact.facts_relied_on, entry.document_ids) == ((5, 7), ("d-1",))


WRONG = {
    "what one may record alone": (replace(DRAFT, type="NoteRecorded", data={
        "text": "x", "about": "other", "internal": False,
    }), KAREN, Invalid, "NoteRecorded registreres direkte; kun det, to skal være om, foreslås"),
    "an approver of one's own": (
        replace(GRANT, data=LARGE | {"second_approver": {"user_id": "u", "name": "n"}}), KAREN, Invalid,
        "second_approver: udfyldes af systemet",
    ),
    "what is not one's own to record": (GRANT, METTE, Refused, "^G32: Din rolle"),
    "a type there is none of": (replace(GRANT, type="Bevilget"), KAREN, Invalid, "findes ikke"),
    "data that is no object": (replace(GRANT, data=[]), KAREN, Invalid, "skal være et objekt"),
    "a case at another version": (GRANT, KAREN, Conflict, "version 7, ikke 6"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_proposed_is_refused_and_nothing_is_kept(case, name):
    asked, by, error, says = WRONG[name]
    with pytest.raises(error, match=says):
        case.do(propose, asked, by, if_version=6 if error is Conflict else 7)
    assert case.types() == []


# Who answers


ANOTHER = "Forslaget skal godkendes eller afvises af en anden end den, der har stillet det."
LEADER = "En rettelse eller annullering godkendes eller afvises af en leder."
ADVISER = "Et udkast fra en borger godkendes eller afvises af sagens rådgiver."
COMPETENT = "Den, der godkender eller afviser, skal selv måtte registrere det foreslåede."
ROLE = "Din rolle må ikke registrere denne hændelse."
ANSWERS = {  # proposal: who may answer, and who may not and what they are told
    "a draft": ((KAREN, BIRGIT), {
        "the citizen": (MOR, [ANOTHER, ROLE, ADVISER]), "the other parent": (FAR, [ROLE, ADVISER]),
        "a leader": (POUL, [ADVISER]), "another unit": (METTE, [ADVISER]), "an auditor": (AUDITOR, [ROLE, ADVISER]),
        "the citizen at work": (replace(KAREN, user_id=MOR.user_id), [ANOTHER]),
    }),
    "a large amount": ((BIRGIT,), {
        "the same person": (KAREN, [ANOTHER]),
        "in another role": (replace(POUL, user_id="u-fc-01"), [ANOTHER, COMPETENT]),
        "a leader": (POUL, [COMPETENT]), "another unit": (METTE, [COMPETENT]), "a citizen": (MOR, [COMPETENT, ROLE]),
        "an auditor": (AUDITOR, [COMPETENT, ROLE]),
    }),
    "a correction": ((POUL, LIS), {
        "the same person": (KAREN, [LEADER, ANOTHER]), "in another role": (replace(POUL, user_id="u-fc-01"), [ANOTHER]),
        "a colleague": (BIRGIT, [LEADER]), "another unit": (METTE, [LEADER]), "a citizen": (MOR, [LEADER, ROLE]),
        "an auditor": (AUDITOR, [LEADER, ROLE]),
    }),
}  # fmt: skip
NOBODY = [(kind, who) for kind, (_, others) in ANSWERS.items() for who in others]
SOMEBODY = [(kind, one) for kind, (those, _) in ANSWERS.items() for one in those]


def test_every_kind_of_proposal_has_its_table():
    assert set(ANSWERS) == set(KINDS)


@pytest.mark.parametrize(("kind", "who"), NOBODY)
def test_a_proposal_is_not_answered_by_one_who_may_not(case, kind, who):
    by, says = ANSWERS[kind][1][who]
    version = case.proposed(kind)
    for act, more in ((confirm, ()), (reject, ("Nej.",))):
        with pytest.raises(Refused) as refused:
            case.do(act, version, *more, by)
        assert {one.sentence for one in refused.value.guards} == set(says)
    assert case.types() == ["ActProposed"]


@pytest.mark.parametrize(("kind", "by"), SOMEBODY)
def test_a_proposal_is_confirmed_or_rejected_by_one_who_may_and_only_once(case, kind, by):
    confirmed, rejected = case.proposed(kind), case.do(propose, *KINDS[kind])
    assert by.role in {row.answered_by[0] for row in case.open()}
    case.do(confirm, confirmed, by, if_version=9)
    case.do(reject, rejected, "Nej.", by, if_version=11)
    for version in (confirmed, rejected):
        for act, more in ((confirm, ()), (reject, ("Nej.",))):
            with pytest.raises(Invalid, match="allerede besvaret"):
                case.do(act, version, *more, by)
    assert (case.open(), case.guards()) == ([], [])
    assert verify(case.book).faults == ()


@pytest.mark.parametrize("version", [0, 1, 7, 9, 2**31 - 1])
def test_what_is_no_proposal_is_not_answered(case, version):
    case.proposed("a draft")
    for act, more in ((confirm, ()), (reject, ("Nej.",))):
        with pytest.raises(Invalid, match="er ikke et forslag"):
            case.do(act, version, *more, KAREN)


def test_an_answer_builds_on_the_version_that_was_seen(case):
    version = case.proposed("a draft")
    for act, more in ((confirm, ()), (reject, ("Nej.",))):
        with pytest.raises(Conflict, match="version 8, ikke 7"):
            case.do(act, version, *more, KAREN, if_version=7)
    case.do(confirm, version, KAREN, if_version=8)


def test_a_repeated_answer_gets_the_first_receipt(case):
    version = case.proposed("a draft")
    first = confirm(case.book, case.case_id, version, KAREN, request_id="c1")
    assert confirm(case.book, case.case_id, version, KAREN, request_id="c1", if_version=8) == first
    with pytest.raises(Invalid, match="allerede brugt"):
        reject(case.book, case.case_id, version, "Nej.", KAREN, request_id="c1")


def test_neither_a_proposal_nor_its_answer_is_annulled(case):
    case.do(confirm, case.proposed("a draft"), KAREN)
    for target, by in ((8, KAREN), (9, KAREN)):
        asked = Asked("EntryAnnulled", DAY, {"reason": "forkert"}, {"target": target})
        with pytest.raises(Invalid, match="annulleres ikke"):
            case.do(propose, asked, by)
    annulment = Asked("EntryAnnulled", DAY, {"reason": "forkert"}, {"target": 10})  # what came of it is
    case.do(confirm, case.do(propose, annulment, KAREN), POUL)
    assert (case.open(), case.guards()) == ([], [])


# The list of open proposals


def test_the_open_proposals_say_who_may_answer_them(case):
    versions = [case.proposed(kind) for kind in KINDS]
    assert [(row.version, row.type, row.is_draft, row.answered_by, row.proposed_by) for row in case.open()] == [
        (versions[0], "ExpenseDocumented", True, ("fc_raadgiver",), MOR),
        (versions[1], "BudgetPostApproved", False, ("fc_raadgiver",), KAREN),
        (versions[2], "EntryCorrected", False, ("leder",), KAREN),
    ]
    (row, *_) = case.open()
    assert (row.title, row.proposed_on, row.entries) == ("Udgift dokumenteret", DAY, (8,))
    case.do(confirm, versions[1], BIRGIT)
    assert [row.version for row in case.open()] == [versions[0], versions[2]]
    before = case.book.load(case.case_id, up_to=10)
    assert [row.version for row in proposals.tell(before, case.book.law())] == versions


# One answer, whoever is first


@pytest.mark.parametrize("kind", KINDS)
def test_of_several_who_answer_at_once_exactly_one_wins(case, kind):
    first, *_ = ANSWERS[kind][0]
    version = case.proposed(kind)
    people = [replace(first, user_id=f"u-{number}") for number in range(6)]
    together = Barrier(len(people))

    def answer(number):
        together.wait()
        try:
            if number % 2:
                return case.do(confirm, version, people[number])
            return case.do(reject, version, "Nej.", people[number])
        except (Conflict, Invalid) as error:
            return str(error)

    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(len(people)) as pool:
            answers = list(pool.map(answer, range(len(people))))
    finally:
        sys.setswitchinterval(switching)
    assert len([one for one in answers if isinstance(one, int)]) == 1
    assert all("ændret imens" in one or "besvaret" in one for one in answers if isinstance(one, str))
    assert len([one for one in case.types() if one in ("ActConfirmed", "ActRejected")]) == 1
    assert verify(case.book).faults == ()


PEOPLE = (KAREN, BIRGIT, METTE, POUL, LIS, AUDITOR, MOR, FAR, replace(POUL, user_id="u-fc-01"))
STEPS = st.lists(
    st.tuples(st.sampled_from(["propose", "confirm", "reject"]), st.sampled_from(list(KINDS)), st.sampled_from(PEOPLE)),
    max_size=12,
)  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    clock = ToldClock(datetime(2026, 11, 21, 8, 0, tzinfo=UTC))
    with Books(f"sqlite:///{tmp_path_factory.mktemp('drafts') / 'data'}", clock) as books:
        yield books.book("aarhus")


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, which=st.randoms(use_true_random=False))
def test_whatever_is_done_in_whatever_order_one_person_never_is_both(book, steps, which):
    case = Case(book)
    for act, kind, by in steps:
        made = [entry.version for entry in case.entries() if isinstance(entry.fact, ActProposed)]
        try:
            if act == "propose":
                case.do(propose, KINDS[kind][0], by)
            elif made:
                answered = which.choice(made)
                case.do(confirm, answered, by) if act == "confirm" else case.do(reject, answered, "Nej.", by)
        except (Refused, Invalid, Conflict):
            continue
    entries = {entry.version: entry for entry in case.entries()}
    answers = [entry for entry in entries.values() if isinstance(entry.fact, ActConfirmed | ActRejected)]
    answered = [entry.pointer("proposal") for entry in answers]
    assert len(answered) == len(set(answered))
    for entry in answers:
        proposal = entries[entry.pointer("proposal")]
        assert proposal.actor.user_id != entry.actor.user_id
        if isinstance(entry.fact, ActConfirmed):
            fact = entries[entry.version + 1]
            assert (fact.type, fact.actor) == (proposal.fact.proposed_type, proposal.actor)
    confirmed = [entry.version + 1 for entry in answers if isinstance(entry.fact, ActConfirmed)]
    told_of = (ActProposed, ActConfirmed, ActRejected)
    assert [one for one in entries if one > 7 and not isinstance(entries[one].fact, told_of)] == confirmed
    assert {row.version for row in case.open()} == {
        version for version, entry in entries.items() if isinstance(entry.fact, ActProposed)
    } - set(answered)
