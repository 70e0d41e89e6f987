"""Settling a year by acts: reviewed, heard and decided with the computed amounts, and refused while it cannot be."""

import json
from datetime import date

import pytest

from commands import accounts
from commands.annual_decision import annual_decision
from commands.record import Asked, record
from commands.settlement import settle
from commands.system_clock import tick
from ledger.errors import Conflict, Invalid, Refused
from ledger.facts.acts import BY_TWO
from ledger.facts.budget import RefusalCode
from ledger.facts.entry import Actor
from ledger.facts.history import history
from projections.balances import tell
from replay.verify import verify
from tests.esbjerg import (
    BO,
    LETTER,
    LISE,
    NUMBER,
    TINE,
    case_until,
    command,
    events,
    option,
    recorded,
    set_clock,
    types,
    until,
)
from tests.test_annual_decision import sample_decision
from tests.test_balances import CAPS, EXPECTED, cut, plain
from tests.test_import import imported

HEARING = {"channel": "digital_post", "to": ["p-mor", "p-far"]}
CLAIM = {"hjemmel": ["serviceloven § 164"], "begrundelse": "Ikke dokumenteret.", "pay_by": "2023-05-01"}
ANNE = Actor("u-soc-01", "Anne Prøve", "socialafdelingen", "soc_raadgiver")
ACTORS = {actor.user_id: actor for actor in (LISE, BO, TINE)}


def decision(**changes):
    return {"letter": LETTER | {"begrundelse": "Afstemt post for post."}, "claim": CLAIM} | changes


@pytest.fixture
def reviewing(books, clock, tmp_path):
    """The sample on 8 March 2023: the accounts of 2022 are in, and not reviewed."""
    return until(books, clock, tmp_path, "reviewed2022")


@pytest.fixture
def heard(books, clock, tmp_path):
    """The sample on 23 March 2023: the family was heard on the 10th, and has not answered."""
    return until(books, clock, tmp_path, "e108")


@pytest.fixture
def deciding(books, clock, tmp_path):
    """The sample on 30 March 2023: heard, answered, and screened anew."""
    return until(books, clock, tmp_path, "accdec")


def day(text):
    return date.fromisoformat(text)


def review(case, *, on="2023-03-08", actor=TINE, request_id="review", year=2022):
    return accounts.review(*case, year, actor, on=day(on), request_id=request_id)


def hear(case, *, on="2023-03-10", actor=LISE, request_id="hear", asked=None, year=2022):
    return accounts.hear(*case, year, asked or HEARING, actor, on=day(on), request_id=request_id)


def decide(case, asked=None, *, on="2023-03-30", actor=LISE, request_id="decide", year=2022):
    return accounts.decide(*case, year, asked or decision(), actor, on=day(on), request_id=request_id)


# What it comes to


def test_the_settlement_is_the_samples_on_each_of_its_days(books, clock, tmp_path):
    book, case_id = until(books, clock, tmp_path, "e145")
    told = book.entries(case_id)
    found = {
        on: settle(history(told, as_of=day(on)), 2022)
        for on in ("2023-02-27", "2023-03-10", "2023-03-30", "2023-10-31")
    }
    assert [one.repay_oere for one in found.values()] == [0, 1_173_875, 1_109_875, 909_875]
    assert [one.accounts for one in found.values()] == [None, 102, 102, 102]
    at_decision = found["2023-03-30"]
    assert (at_decision.accepted_oere, at_decision.own_cost_oere) == (25_238_875, 84_000)
    assert at_decision.most_to_claim_oere == 1_109_875
    assert [(one.expense, one.code) for one in at_decision.not_accepted] == [
        ("x-p9a", RefusalCode.MANGLER_KVITTERING),
        ("x-cbd", RefusalCode.IKKE_BEVILGET),
        ("x-fee", RefusalCode.IKKE_BEVILGET),
    ]


def test_a_year_is_over_when_it_has_passed_or_the_training_has_ended(reviewing):
    book, case_id = reviewing
    for on, over in {"2022-12-31": False, "2023-01-01": True}.items():
        assert settle(history(book.entries(case_id), as_of=day(on)), 2022).is_over is over


# Reviewed and heard


def test_the_review_and_the_hearing_say_what_is_computed(reviewing, clock):
    book, case_id = reviewing
    version = review(reviewing).version
    fact, expected = book.entry(case_id, version).fact.as_data(), dict(events()["reviewed2022"]["data"])
    assert by_post(fact) == by_post(expected)
    assert (fact["provisional_repay_oere"], fact["year"]) == (1_173_875, 2022)
    assert book.entry(case_id, version).refs == {"accounts": 102}
    set_clock(clock, "2023-03-10")
    version = hear(reviewing).version
    entry, expected = book.entry(case_id, version), events()["rhear"]["data"]
    assert types(book, case_id, after=103) == ["AccountsReviewed", "PartshoeringSent"]
    assert entry.fact.as_data() | {"per_post": []} == expected | {"per_post": []}
    assert by_post(entry.fact.as_data()) == by_post(expected)
    assert entry.refs == {"about": (104,)}


def by_post(data):
    return {one["post"]: one for one in data["per_post"]}


def test_in_esbjerg_the_adviser_hears_about_the_consultants_review_and_cannot_do_without(reviewing, clock):
    set_clock(clock, "2023-03-10")
    with pytest.raises(Refused, match=r"^G32: "):
        hear(reviewing)
    with pytest.raises(Refused, match=r"^G32: "):
        hear(reviewing, actor=TINE)
    assert len(reviewing[0].entries(reviewing[1])) == 103
    review(reviewing)
    assert hear(reviewing).version == 105


def test_a_review_that_no_longer_holds_is_not_what_the_family_is_heard_about(reviewing, clock):
    set_clock(clock, "2023-03-10")
    review(reviewing)
    late = {"expense": "x-ny", "year": 2022, "post": "P9", "paid_on": "2022-03-15", "amount_oere": 64_000,
            "receipt": True, "abroad": False, "description": "Transport"}  # fmt: skip
    recorded(*reviewing, "ExpenseDocumented", "2023-03-09", late)
    with pytest.raises(Refused, match=r"^G32: "):
        hear(reviewing)
    review(reviewing, on="2023-03-10", request_id="review2")
    version = hear(reviewing).version
    sent = reviewing[0].entry(reviewing[1], version)
    assert (sent.fact.proposed_oere, sent.refs) == (1_109_875, {"about": (106,)})


def nyborg(books, clock, place):
    """The same case where one adviser does everything."""
    set_clock(clock, "2023-03-08")
    who = {"user_id": ANNE.user_id, "name": ANNE.name, "unit": ANNE.unit, "role": ANNE.role}
    case = case_until("reviewed2022", lambda event: event | {"actor": who})
    case["case"]["municipality"] = "nyborg"
    assert imported(books, case, place).error is None
    return books.find(NUMBER)


def test_one_who_may_do_both_reviews_and_hears_in_one_act_or_not_at_all(books, clock, tmp_path):
    case = nyborg(books, clock, tmp_path)
    book, case_id = case
    before = len(book.entries(case_id))
    with pytest.raises(Invalid, match="p-onkel"):
        hear(case, on="2023-03-08", actor=ANNE, asked=HEARING | {"to": ["p-onkel"]})
    assert len(book.entries(case_id)) == before
    receipt = hear(case, on="2023-03-08", actor=ANNE, asked=HEARING | {"to": ["p-mor"]})
    assert types(book, case_id, after=before) == ["AccountsReviewed", "PartshoeringSent"]
    assert book.entries(case_id)[-1].refs == {"about": (before + 1,)}
    assert hear(case, on="2023-03-08", actor=ANNE, asked=HEARING | {"to": ["p-mor"]}) == receipt


# Decided


def test_the_decision_and_the_claim_are_the_samples_in_one_letter(deciding):
    book, case_id = deciding
    receipt = decide(deciding)
    accounts_decided, claim = book.entries(case_id, after=112)
    said = events()["accdec"]["data"]
    assert (receipt.version, receipt.notices) == (114, ())
    assert accounts_decided.fact.as_data() == said | {"begrundelse": "Afstemt post for post."}
    assert accounts_decided.refs == {"accounts": 102, "hearing": 107}
    assert claim.fact.as_data() == events()["claim"]["data"] | {"begrundelse": "Ikke dokumenteret."}
    assert claim.refs == {"accounts": 102, "hearing": 107, "part_of": 113}


def test_the_same_request_gives_the_first_receipt_and_another_under_its_id_is_invalid(deciding):
    first = decide(deciding)
    assert decide(deciding) == first
    with pytest.raises(Invalid, match="allerede brugt"):
        decide(deciding, decision(claim=CLAIM | {"pay_by": "2023-06-01"}))
    assert len(deciding[0].entries(deciding[1])) == 114


def per_post(**oere):
    return decision(claim=CLAIM | {"per_post": [{"post": post, "repay_oere": amount} for post, amount in oere.items()]})


def test_less_than_computed_can_be_claimed_but_no_post_bears_an_oere_more(deciding):
    whole = {"P1": 25_000, "P3": 550_000, "P5": 399_000, "P6": 49_875, "P9": 86_000}
    for more in ({"P3": 550_001, "P5": 0}, {"P2": 1}, {"P99": 1}):
        with pytest.raises(Refused, match=r"^G35: Kravet er større end det beregnede .*\(claim\.per_post\.P"):
            decide(deciding, per_post(**whole | more))
    with pytest.raises(Invalid, match="posten P1 mere end én gang"):
        decide(deciding, decision(claim=CLAIM | {"per_post": [{"post": "P1", "repay_oere": 1}] * 2}))
    assert len(deciding[0].entries(deciding[1])) == 112
    decide(deciding, per_post(**whole | {"P3": 0}))
    year, claim = deciding[0].entries(deciding[1], after=112)
    assert year.fact.total_repay_oere == claim.fact.amount_oere == 559_875
    assert "P3" not in {one.post for one in claim.fact.per_post}


REFUSED = {
    "by the consultant": ({"actor": TINE}, Refused, "^G32: "),
    "in a letter to come": ({"on": "2023-03-31"}, Refused, "^G33: "),
    "before the accounts were in": (
        {"on": "2023-02-27"}, Invalid, r"regnskab for 2022 er ikke modtaget den 27\. februar 2023",
    ),
    "for a year without accounts": ({"year": 2023}, Invalid, "regnskab for 2023 er ikke modtaget"),
    "without the claim": ({"asked": {"letter": LETTER}}, Invalid, r"claim: mangler; der er 11\.098,75 kr\. at betale"),
    "without guidance on complaints": (
        {"asked": decision(letter={**LETTER, "begrundelse": "x", "klagevejledning": None})}, Refused, "^G13: ",
    ),
    "with an amount of one's own": (
        {"asked": decision(claim=CLAIM | {"amount_oere": 1})}, Invalid, "claim.amount_oere: er et ukendt felt",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_decided_is_refused_with_its_reason_and_nothing_is_kept(deciding, name):
    how, error, sentence = REFUSED[name]
    with pytest.raises(error, match=sentence):
        decide(deciding, **how)
    assert len(deciding[0].entries(deciding[1])) == 112


def test_an_unanswered_hearing_has_expired_the_day_after_its_last_day_also_when_the_clock_has_not_run(heard, clock):
    book, case_id = heard
    set_clock(clock, "2023-03-25")
    with pytest.raises(Refused, match=r"^G22: Tilbagebetaling kan ikke afgøres"):
        decide(heard, on="2023-03-24")
    assert len(book.entries(case_id)) == 107
    decide(heard, on="2023-03-25")
    assert types(book, case_id, after=107) == ["AccountsDecided", "TilbagebetalingskravIssued"]


def test_a_claim_needs_a_hearing_and_not_one_about_less(reviewing, clock):
    book, case_id = reviewing
    review(reviewing)
    set_clock(clock, "2023-04-30")
    with pytest.raises(Refused, match=r"^G22: "):
        decide(reviewing, on="2023-03-30")
    hear(reviewing)
    rejected = {"expense": "x14", "resultat_review": "rejected", "accepted_oere": 0, "code": "udland", "reason": "x"}
    x14 = next(entry.version for entry in book.entries(case_id) if getattr(entry.fact, "expense", "") == "x14")
    recorded(book, case_id, "ExpenseReviewed", "2023-03-28", rejected, by=TINE, refs={"expense": x14})
    with pytest.raises(Refused, match=r"^G22: Kravet er større end det, familien er hørt om"):
        decide(reviewing, on="2023-03-30")
    review(reviewing, on="2023-03-30", request_id="review2")
    hear(reviewing, on="2023-03-30", request_id="hear2")
    decide(reviewing, on="2023-04-30")


def test_a_year_that_is_not_over_is_neither_heard_nor_decided_until_the_training_has_ended(reviewing, clock):
    set_clock(clock, "2023-07-01")
    recorded(*reviewing, "AccountsReceived", "2023-06-30", {"year": 2023, "lines": 1, "template_used": True}, by=TINE)
    for act in (review, hear, decide):
        with pytest.raises(Refused, match=r"^G38: "):
            act(reviewing, on="2023-06-30", year=2023)
    talk = recorded(*reviewing, "MeetingHeld", "2023-06-30",
                    {"kind": "termination_dialogue", "participants": ["p-mor"], "child_present": False})  # fmt: skip
    ended = LETTER | {"resultat": "ophoert", "favourable": "full", "ground": "parents_wish", "immediate": True,
                      "effective_on": "2023-06-30", "sent_on": "2023-06-30"}  # fmt: skip
    recorded(*reviewing, "HjemmetraeningTerminated", "2023-06-30", ended, refs={"meeting": talk})
    assert review(reviewing, on="2023-06-30", year=2023).version == 107


def test_nothing_to_pay_back_is_decided_without_hearing_or_claim(reviewing):
    book, case_id = reviewing
    used = {post.post: post for post in settle(history(book.entries(case_id), as_of=day("2023-03-08")), 2022).posts}
    granted = {entry.fact.post: entry for entry in book.entries(case_id) if entry.type == "BudgetPostApproved"}
    for name, post in used.items():
        if post.repay_oere:
            less = LETTER | {"resultat": "nedsat", "favourable": "none", "begrundelse": "Kun det brugte.", "year": 2022,
                             "post": name, "sent_on": "2023-03-08", "cause": "change_of_need",
                             "old_amount_oere": post.approved_oere, "new_amount_oere": post.accepted_oere}  # fmt: skip
            recorded(*reviewing, "BudgetPostAdjusted", "2023-03-08", less, refs={"post": granted[name].version})
    with pytest.raises(Invalid, match="der er intet at betale tilbage for 2022, og derfor intet at høre om"):
        hear(reviewing, on="2023-03-08")
    with pytest.raises(Invalid, match="claim: der er intet at betale tilbage"):
        decide(reviewing, on="2023-03-08")
    before = len(book.entries(case_id))
    decide(reviewing, {"letter": decision()["letter"]}, on="2023-03-08")
    (year,) = book.entries(case_id, after=before)
    assert (year.fact.resultat, year.fact.total_repay_oere) == ("godkendt_med_aendringer", 0)


def without_instalments(event):
    return None if event["data"].get("kind") == "instalment" else event


def test_what_the_family_never_got_is_not_claimed_back_unless_someone_says_how_much(books, clock, tmp_path):
    case = until(books, clock, tmp_path, "accdec", without_instalments)
    book, case_id = case
    before = len(book.entries(case_id))
    with pytest.raises(Invalid, match=r"claim\.per_post: mangler; familien har kun fået 0,00 kr\. mere"):
        decide(case)
    decide(case, per_post())
    (year,) = book.entries(case_id, after=before)
    assert year.fact.total_repay_oere == 0


# The whole life of a year


def test_a_year_lived_through_the_acts_comes_to_the_samples_figures_to_the_oere(books, clock, tmp_path):
    case = until(books, clock, tmp_path, "annual2022")
    book, case_id = case
    versions = {key: number for number, key in enumerate(events(), 1) if number <= 12}
    for key, event in list(events().items())[12:]:
        set_clock(clock, event["recorded_at"][:10])
        versions[key] = live(case, key, event, versions)
    assert len(book.entries(case_id)) == 145
    rows = plain(tell(book.load(case_id), CAPS.get))
    assert cut(rows["balances"], EXPECTED["balances"]) == EXPECTED["balances"]
    assert cut(rows["repayment"], EXPECTED["repayment"]) == EXPECTED["repayment"]
    assert not any(isinstance(entry.fact, BY_TWO) for entry in book.entries(case_id))
    assert verify(book).faults == ()


def live(case, key, event, versions):
    """The version of one of the sample's events, done by the act that leads to it."""
    book, case_id = case
    on = day(event["occurred_on"])
    if key == "annual2022":
        annual_decision(*case, sample_decision(), LISE, on=on, request_id=key)
        return 13
    if key.startswith("post2022-") and key != "post2022-P10":
        post = event["data"]["post"]
        return next(one.version for one in book.entries(case_id, after=13) if one.fact.post == post)
    if key == "reviewed2022":
        return review(case).version
    if key == "rhear":
        return hear(case).version
    if key in ("accdec", "claim"):
        return decide(case, request_id="decide").version - (key == "accdec")
    if event["type"] == "PartshoeringExpired":
        (ticked,) = tick(book)
        return ticked.version
    refs = {name: tuple(versions[one] for one in to) if isinstance(to, list) else versions[to]
            for name, to in event.get("refs", {}).items()}  # fmt: skip
    actor = ACTORS[event["actor"]["user_id"]]
    return record(book, case_id, Asked(event["type"], on, event["data"], refs), actor, request_id=key).version


# On the command line


@pytest.mark.usefixtures("reviewing")
def test_the_commands_show_and_record_the_settlement(database_url, monkeypatch, capfd, tmp_path):
    sagsbog = command(database_url, monkeypatch, capfd)
    shown = sagsbog("settlement", NUMBER, 2022, "--as-of", "2023-03-08")
    assert "11.738,75 kr." in shown
    assert "kvittering mangler" in shown
    told = json.loads(sagsbog("settlement", NUMBER, 2022, "--as-of", "2023-03-08", "--format", "json"))
    assert (told["repay_oere"], told["accounts"], len(told["posts"])) == (1_173_875, 102, 10)
    sagsbog("settlement-review", NUMBER, 2022, "--on", "2023-03-08", "--as", option(TINE))
    sagsbog("settlement-hear", NUMBER, 2022, "--on", "2023-03-10", "--channel", "digital_post", "--to", "p-mor",
            "--to", "p-far", "--as", option(LISE))  # fmt: skip
    path = tmp_path / "afgoerelse.json"
    path.write_text(json.dumps(decision()), "utf-8")
    receipt = json.loads(sagsbog("settlement-decide", NUMBER, 2022, "--on", "2023-03-30", "--data", f"@{path}",
                                 "--as", option(LISE), "--if-version", 105, "--format", "json"))  # fmt: skip
    assert receipt["version"] == 107
    with pytest.raises(Conflict, match="version 107, ikke 105"):
        sagsbog("settlement-review", NUMBER, 2022, "--on", "2023-03-30", "--as", option(TINE), "--if-version", 105)
