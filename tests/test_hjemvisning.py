"""What Ankestyrelsen sends back is taken up again by one act, and only then decided anew."""

from datetime import date

import pytest

from commands.hjemvisning import reopen
from ledger.errors import Invalid, Refused
from ledger.law.deadlines import deadlines
from tests.esbjerg import LETTER, LISE, NUMBER, TINE, command, option, recorded, set_clock, types, until

BASIS = {"basis": "Målgruppen skal vurderes igen."}
PROMISED = {
    "new_expected_on": "2023-11-23",
    "reason": "Der indhentes en ny udtalelse.",
    "channel": "digital_post",
    "to": ["p-mor", "p-far"],
}
RULE = "statute.hjemvisning-decision"


def sent_back(case, klage, on, udfald="hjemvist"):
    data = {"udfald": udfald, "decided_on": on, "received_on": on, "begrundelse": "Sagen er ikke oplyst."}
    return recorded(*case, "AnkestyrelsenDecided", on, data, refs={"klager": (klage,)})


def maalgruppe(case, on):
    data = LETTER | {"resultat": "omfattet", "favourable": "full", "sent_on": on, "hjemmel": ["serviceloven § 32"]}
    return recorded(*case, "MaalgruppeDecided", on, data)


@pytest.fixture
def case(books, clock, tmp_path):
    """The sample on 12 October 2023; the klage is version 119."""
    return until(books, clock, tmp_path, "ast")


@pytest.fixture
def hjemvist(case):
    """The same, with what was complained over sent back (version 137)."""
    assert sent_back(case, 119, "2023-10-12") == 137
    return case


def take_up(case, asked=BASIS, *, on="2023-10-12", actor=LISE, request_id="r1", **more):
    return reopen(*case, asked, actor, on=date.fromisoformat(on), request_id=request_id, **more)


def test_a_new_decision_waits_until_the_matter_is_taken_up(hjemvist):
    with pytest.raises(Refused, match=r"^G24: "):
        maalgruppe(hjemvist, "2023-10-12")
    receipt = take_up(hjemvist)
    entry = hjemvist[0].entry(hjemvist[1], receipt.version)
    assert (entry.type, entry.fact.round, entry.refs) == ("HjemvisningReopened", 2, {"ankestyrelsen": 137})
    assert maalgruppe(hjemvist, "2023-10-12") == 139


def test_the_promised_day_is_told_in_the_same_act_and_becomes_the_due_date(hjemvist):
    book, case_id = hjemvist
    take_up(hjemvist, BASIS | {"promised": PROMISED})
    assert types(book, case_id, after=137) == ["HjemvisningReopened", "DeadlineExtensionNotified"]
    notice = book.entries(case_id)[-1]
    assert notice.fact.as_data() == PROMISED | {"rule": RULE, "written": True}
    assert notice.refs == {"trigger": 137}
    (due,) = [one.due_on for one in deadlines(book.load(case_id), book.law()) if one.rule.slug == RULE]
    assert due == date(2023, 11, 23)


def test_only_what_was_sent_back_and_not_taken_up_is_taken_up_the_newest_first(case, clock):
    sent_back(case, 119, "2023-10-12", udfald="stadfaestet")
    with pytest.raises(Invalid, match="har ikke hjemvist noget"):
        take_up(case)
    first, second = sent_back(case, 119, "2023-10-12"), sent_back(case, 119, "2023-10-12")
    rounds = []
    for number in range(2):
        version = take_up(case, request_id=f"r{number}").version
        entry = case[0].entry(case[1], version)
        rounds.append((entry.refs["ankestyrelsen"], entry.fact.round))
    assert rounds == [(second, 2), (first, 3)]
    with pytest.raises(Invalid, match="har ikke hjemvist noget"):
        take_up(case, request_id="r3")
    set_clock(clock, "2023-10-20")
    later = sent_back(case, 119, "2023-10-20")
    with pytest.raises(Invalid, match="har ikke hjemvist noget"):
        take_up(case, request_id="r4", on="2023-10-19")
    version = take_up(case, request_id="r5", on="2023-10-20").version
    assert case[0].entry(case[1], version).refs == {"ankestyrelsen": later}


WRONG = {
    "by another role": (BASIS, {"actor": TINE}, Refused, "^G32: "),
    "tomorrow": (BASIS, {"on": "2023-10-13"}, Refused, "^G33: "),
    "with a CPR number in the letter": (
        BASIS | {"promised": PROMISED | {"reason": "010203-4567"}},
        {},
        Refused,
        "^G34: ",
    ),
    "with a letter to nobody known": (BASIS | {"promised": PROMISED | {"to": ["p-onkel"]}}, {}, Invalid, "p-onkel"),
    "with half a letter": (BASIS | {"promised": {"reason": "x"}}, {}, Invalid, r"promised\.new_expected_on: mangler"),
    "without saying what": ({}, {}, Invalid, "basis: mangler"),
    "with a round of one's own": (BASIS | {"round": 7}, {}, Invalid, "round: er et ukendt felt"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_taken_up_so_is_refused_and_nothing_is_kept(hjemvist, name):
    asked, how, error, sentence = WRONG[name]
    with pytest.raises(error, match=sentence):
        take_up(hjemvist, asked, **how)
    assert len(hjemvist[0].entries(hjemvist[1])) == 137


def test_the_same_request_gives_the_first_receipt(hjemvist):
    first = take_up(hjemvist, BASIS | {"promised": PROMISED})
    assert take_up(hjemvist, BASIS | {"promised": PROMISED}, if_version=137) == first
    assert len(hjemvist[0].entries(hjemvist[1])) == 139


@pytest.mark.usefixtures("hjemvist")
def test_the_command_takes_it_up_with_and_without_a_promised_day(database_url, monkeypatch, capfd):
    sagsbog = command(database_url, monkeypatch, capfd)
    arguments = ("reopen", NUMBER, "--on", "2023-10-12", "--basis", "Målgruppen.", "--as", option(LISE))
    with pytest.raises(Invalid, match=r"promised\.reason: mangler"):
        sagsbog(*arguments, "--expected-on", "2023-11-23")
    printed = sagsbog(*arguments, "--expected-on", "2023-11-23", "--reason", "Ny udtalelse.", "--channel", "letter",
                      "--to", "p-mor")  # fmt: skip
    assert "som version 139" in printed
