"""What the command line takes and gives, beside the answers: texts as they are, and refusals in one sentence.

Most of it runs in this process: starting the command takes most of a second.
"""

import json
import re
import sqlite3
from contextlib import contextmanager
from datetime import date
from importlib.resources import files

import pytest
import typer

from api import program, tables
from api.demo import SAMPLES
from api.points import read_day
from api.terminal import app, check_arguments, point, read_refs
from api.who import who_reads, who_records
from ledger.errors import Invalid, SagsbogError
from ledger.store.ledger import Ledger
from tests.conftest import MASTER_KEY
from tests.test_cli import AARHUS, DAY, KAREN, LEADER, SMALL, Cli, noted
from tests.test_import import a_case, note

NASTY = "[/x] [bold]A[/bold] :smile: \x1b]0;væk\x07\x1b[31m\x7f\x9b2J\u202e\r\nlinje"
SHOWN = "[/x] [bold]A[/bold] :smile: ·]0;væk··[31m··2J··"
CLAIMED = "Hvad der var kendt, bygger på de tidspunkter, som det importerede system har oplyst."


@pytest.fixture
def sagsbog(tmp_path, monkeypatch, capfd):
    """The command in this process, on an embedded ledger of its own; gives what it prints."""
    monkeypatch.setenv("SAGSBOG_DATABASE_URL", f"sqlite:///{tmp_path / 'data'}")
    monkeypatch.setenv("SAGSBOG_MASTER_KEY", MASTER_KEY)
    assert program.app is app

    def run(*arguments):
        capfd.readouterr()
        app([str(argument) for argument in arguments], standalone_mode=False)
        return capfd.readouterr().out

    return run


@pytest.fixture
def with_case(sagsbog, tmp_path):
    def lay_in(case):
        path = tmp_path / "sag.json"
        path.write_text(json.dumps(case), "utf-8")
        sagsbog("import", path)
        return sagsbog

    return lay_in


# Texts as they are


def test_a_text_is_shown_as_it_is_and_never_steers_the_terminal(with_case):
    assert tables.printable(NASTY) == SHOWN + "\nlinje"
    assert tables.printable("a\u00a0b æøå 😀") == "a\u00a0b æøå 😀"
    case = a_case(note(text=NASTY), number="SAG [rest] 1")
    case["events"][1]["data"]["name"] = case["parties"][0]["name"] = "[/x] Prøve"
    sagsbog = with_case(case)
    number = "SAG [rest] 1"
    page, timeline = sagsbog("case", number), sagsbog("history", number)
    assert page.startswith(f"{number} · aarhus · ")
    assert "[/x] Prøve" in page
    assert number in sagsbog("cases")
    assert not [word for word in SHOWN.split() if word not in timeline]
    assert "[/x] Prøve" in timeline
    for form in ("table", "json"):
        out = sagsbog("history", number, "--format", form)
        assert not [char for char in out if char != "\n" and char in "\x1b\x07\x7f\x9b\r"]
    assert NASTY in json.loads(out)[-1]["sentence"]


def test_what_steers_a_terminal_does_not_reach_standard_error(tmp_path):
    said = Cli(f"sqlite:///{tmp_path / 'data'}").refused("case", "\x1b[31m[/x]\x9b")
    assert "\x1b" not in said
    assert "\x9b" not in said


# Refusals in one sentence


OBJECT = "^--data: skal være et JSON-objekt$"
REF = "^--ref: .* skal have formen NAVN=VERSION"
YEARS = "skal ligge i årene 1900-2199$"
CPR = "^--as: må ikke indeholde et CPR-nummer$"
USER = "^--as: BRUGER skal være 1-64 bogstaver"
SLUG = "^--as: ENHED og ROLLE skal være 1-64 tegn"
CORRECTION = ("propose", SMALL, "EntryCorrected", "--on", DAY, "--ref", "target=1", "--as", KAREN, "--data")
REFUSED = {
    **{f"recording {data}": ((*noted()[:6], data, "--as", KAREN), OBJECT) for data in ("null", "[]", '"x"', "1")},
    **{f"proposing {data}": ((*CORRECTION, data), OBJECT) for data in ("null", "[]", '"x"', "true")},
    "a ref too large": (noted("--ref", f"t={10**22}"), REF),
    "one of the refs too large": (noted("--ref", f"t=1,{10**9}"), REF),
    "a day before the law": (("cases", "--as-of", "0001-01-01"), f"^--as-of: {YEARS}"),
    "a day of recording too late": (noted(on="2200-01-01"), f"^--on: {YEARS}"),
    "known on the last day there is": (("cases", "--known-at", "9999-12-31"), f"^--known-at: {YEARS}"),
    "known before the first instant": (("cases", "--known-at", "0001-01-01T00:00:00+14:00"), f"^--known-at: {YEARS}"),
    "known after the last instant": (("cases", "--known-at", "9999-12-31T23:00:00-14:00"), f"^--known-at: {YEARS}"),
    "a version to confirm too large": (("confirm", SMALL, 2**31, "--as", LEADER), "^VERSION: skal være en version"),
    "a version to reject too large": (
        ("reject", SMALL, 10**30, "--reason", "Nej.", "--as", LEADER), "^VERSION: skal være en version",
    ),
    "a version to meet too large": (noted("--if-version", 10**30), "^--if-version: skal være en version"),
    "an empty request id": (noted("--request-id", ""), "request_id: skal være 1-100 tegn"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused(with_case, case):
    arguments, sentence = REFUSED[case]
    with pytest.raises(Invalid, match=sentence):
        with_case(a_case())(*arguments)


def test_a_number_no_computer_reads_is_wrong_usage(sagsbog):
    with pytest.raises(typer.TyperException):
        sagsbog("confirm", SMALL, "9" * 5000, "--as", LEADER)


def test_days_and_refs_at_the_edges_are_taken(with_case):
    assert read_refs(["t=999999999", "u=1,2", "v=3,"]) == {"t": 999_999_999, "u": (1, 2), "v": (3,)}
    assert (read_day("1900-01-01", "--on"), read_day("2199-12-31", "--on")) == (date(1900, 1, 1), date(2199, 12, 31))
    assert point(None, "2199-12-31T23:59:59-23:59").known_at.year == 2199
    sagsbog = with_case(a_case())
    for last in ("2199-12-31", "2199-12-31T23:59:59-23:59"):
        assert SMALL in sagsbog("cases", "--known-at", last)
        assert SMALL in sagsbog("case", SMALL, "--as-of", "2199-12-31", "--known-at", last)
    for first in ("1900-01-01", "1900-01-01T00:00:00+23:59"):
        assert "ingen sager" in sagsbog("cases", "--as-of", "1900-01-01", "--known-at", first)


BAD = "\udcff"  # how the byte \xff arrives
NOT_TEXT = {
    "a case": ("case", f"A{BAD}"),
    "a type": ("record", SMALL, BAD, "--on", DAY, "--as", KAREN),
    "a document": (*noted(), "--document", BAD),
    "a document in one word": (*noted(), f"--document={BAD}"),
    "a reason": ("reject", SMALL, "5", "--reason", BAD, "--as", LEADER),
    "somebody": ("cases", "--as", f"{BAD}:drift:drift"),
    "data": ("record", SMALL, "NoteRecorded", "--on", DAY, "--data", f'{{"text": "{BAD}"}}'),
}


@pytest.mark.parametrize("case", NOT_TEXT)
def test_bytes_that_are_not_text_are_refused_wherever_they_stand(case):
    with pytest.raises(Invalid, match=r"^Argument [0-9]+( \(efter --[a-z]+\))? er ikke gyldig UTF-8\.$"):
        check_arguments([str(argument) for argument in NOT_TEXT[case]])


def test_the_command_refuses_bytes_that_are_not_text_in_one_line(tmp_path):
    said = Cli(f"sqlite:///{tmp_path / 'data'}").refused(*noted("--document", BAD))
    assert said == "Argument 11 (efter --document) er ikke gyldig UTF-8."
    check_arguments(["case", "æøå 😀"])


# Who it is


@pytest.mark.parametrize(
    ("actor", "sentence"),
    [
        ("010203-4567:drift:drift", CPR),
        ("u-0102034567:drift:drift", CPR),
        ("u:010203-4567:drift", CPR),
        ("Karen Lindholt:drift:drift", USER),
        ("u\x1b[31m:drift:drift", USER),
        ("u\n:drift:drift", USER),
        (f"{'u' * 65}:drift:drift", USER),
        ("u:Drift:drift", SLUG),
        ("u:drift:_drift", SLUG),
        ("u:drift:drift\n", SLUG),
        (f"u:{'d' * 65}:drift", SLUG),
        ("u:drift:drift:", "BRUGER:ENHED:ROLLE"),
    ],
)
def test_what_is_no_name_of_a_user_does_not_get_into_the_access_log(actor, sentence):
    for read in (who_records, who_reads):
        with pytest.raises(Invalid, match=sentence) as refused:
            read(actor)
        assert "4567" not in str(refused.value)


def test_the_user_of_the_operating_system_is_named_by_the_same_letters(monkeypatch):
    assert who_records("Åse.Ø+1_-:fc-aarhus.nord:leder").actor.user_id == "Åse.Ø+1_-"
    for name, user in {
        "karen": "karen",
        "DOMÆNE\\karen lind:x": "DOMÆNE_karen_lind_x",
        f"k{BAD}\x1b": "k__",
        "k" * 70: "k" * 64,
    }.items():
        monkeypatch.setenv("LOGNAME", name)
        assert who_reads(None).actor.user_id == user
    monkeypatch.setenv("LOGNAME", "010203-4567")
    assert re.fullmatch("uid-[0-9]+", who_reads(None).actor.user_id)


# When the database fails


@contextmanager
def failing(monkeypatch, *, stored):
    """The database fails at the next append: before it, or when it is stored already."""
    append = Ledger.append

    def fails(self, *arguments, **named):
        if stored:
            append(self, *arguments, **named)
        raise sqlite3.OperationalError("disk I/O error\nmere")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "append", fails)
        yield


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("command", ["record", "open", "record under an id given"])
def test_an_unknown_outcome_is_told_with_the_request_id_that_makes_it_known(with_case, monkeypatch, command, stored):
    sagsbog = with_case(a_case())
    opened = ("open", "aarhus", "AAR-9", "--child", "p-barn", "--on", "2026-01-05", "--as", KAREN)
    given = ("--request-id", "mit-id") if command.endswith("given") else ()
    arguments = opened if command == "open" else noted()
    with failing(monkeypatch, stored=stored), pytest.raises(SagsbogError) as failed:
        sagsbog(*arguments, *given)
    said = re.fullmatch(
        r"Databasen svarer ikke \(disk I/O error\)\. Det vides ikke, om det blev registreret\. "
        r"Gentag kommandoen med --request-id (\S+); så registreres det højst én gang\.",
        str(failed.value),
    )
    assert said is not None
    assert not given or said[1] == "mit-id"
    for _ in range(2):
        receipt = json.loads(sagsbog(*arguments, "--request-id", said[1], "--format", "json"))
        assert receipt["version"] == (1 if command == "open" else 4)


# What an answer rests on


def test_an_answer_that_rests_on_claimed_times_says_so(with_case):
    sagsbog = with_case(json.loads(files("api").joinpath("samples", SAMPLES[0]).read_text("utf-8")))
    for command in ("case", "history", "decisions"):
        assert sagsbog(command, AARHUS, "--known-at", "2022-02-01").splitlines()[-1] == CLAIMED
        assert CLAIMED not in sagsbog(command, AARHUS)
        assert CLAIMED not in sagsbog(command, AARHUS, "--as-of", "2022-02-01")
        assert CLAIMED not in sagsbog(command, AARHUS, "--known-at", "2022-02-01", "--format", "json")
    sagsbog("open", "aarhus", "AAR-9", "--child", "p-barn", "--on", "2026-01-05", "--as", KAREN)
    assert CLAIMED not in sagsbog("case", "AAR-9", "--known-at", "2199-01-01")
