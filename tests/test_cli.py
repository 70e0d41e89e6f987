"""The command `sagsbog` as people and scripts use it: the real console script in a process of its own."""

import getpass
import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from api.demo import SAMPLES
from ledger.law.rulebook import rulebook_in_force
from ledger.store.books import Books
from ledger.store.ledger import book_stream
from tests.command import run, start
from tests.conftest import MASTER_KEY
from tests.test_import import DAY, a_case, imported, note, sample

KAREN = "u-fc-01:familiecentret:fc_raadgiver"
BIRGIT = "u-fc-02:familiecentret:fc_raadgiver"
LEADER = "u-le-01:ledelse:leder"
AUDITOR = "u-rev-01:revision:revisor"
SMALL, AARHUS, ESBJERG = "AAR-2021-1", "AAR-2021-00417", "ESB-2020-00158"
KEYS = {
    "case": "case_number case_id municipality state version child parties metrics law_period",
    "cases": "case_number case_id municipality state version child",
    "history": "version seq type title sentence occurred_on recorded_at source_recorded_at actor source corrected_by"
    " annulled_by seal",
    "decisions": "version type title decided_by decided_on sent_on resultat hjemmel begrundelse klagevejledning"
    " recorded_by recorded_at mandate rulebook basis_version seal",
}
RECEIPT = {"case_id", "case_number", "version", "seq", "seal", "recorded_at", "notices"}


def expected(name):
    path = Path(__file__).parent / "data" / name.replace(".json", ".expected.json")
    return json.loads(path.read_text("utf-8"))


class Cli(NamedTuple):
    """The command on one place for books."""

    url: str

    @property
    def samples(self):
        """The sample cases that exist for whoever reads: on a shared database those of one municipality."""
        return [AARHUS] if self.url.startswith("postgresql") else [AARHUS, ESBJERG]

    def done(self, *arguments):
        ran = run(self.url, *arguments)
        assert (ran.code, ran.err) == (0, ""), ran
        return ran.out

    def json(self, *arguments):
        return json.loads(self.done(*arguments, "--format", "json"))

    def refused(self, *arguments, code=1, **settings):
        ran = run(self.url, *arguments, **settings)
        assert (ran.code, ran.out) == (code, ""), ran
        assert ran.err.count("\n") == 1, ran.err
        return ran.err.strip()


@pytest.fixture
def cli(database_url):
    return Cli(database_url)


@pytest.fixture
def embedded(tmp_path):
    return Cli(f"sqlite:///{tmp_path / 'data'}")


def lay_in(cli, place, *cases):
    with Books(cli.url, lambda: datetime.now(UTC), MASTER_KEY) as books:
        for case in cases:
            assert imported(books, case, place).error is None


def noted(*more, text="Far kom.", on="2026-01-05", who=KAREN):
    data = json.dumps({"text": text, "about": "other", "internal": False})
    return ("record", SMALL, "NoteRecorded", "--on", on, "--data", data, "--as", who, *more)


# Reading


def register(out):
    """The rows of the printed decision registers, their wrapped cells put together again."""
    rows = []
    for table in out.split("Sendt ")[1:]:
        header, *lines = ("Sendt " + table).splitlines()
        starts = [match.start() for match in re.finditer(r"\S+( \S+)*", header)]
        for line in lines:
            if not line.strip():
                break
            cells = [line[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)]
            if cells[0]:
                rows.append(cells)
            else:
                rows[-1] = [f"{above} {cell}".strip() for above, cell in zip(rows[-1], cells, strict=True)]
    return [(sent_on, unit, hjemmel) for sent_on, _, _, unit, hjemmel in rows]


def test_the_demo_shows_who_decided_what_when_and_on_which_basis(embedded, tmp_path):
    out = embedded.done("demo", "--data", tmp_path / "ny", "--no-serve")
    told = []
    for name in SAMPLES:
        units = rulebook_in_force().municipalities[sample(name)["case"]["municipality"]].units
        told += [
            (row["sent_on"], units[row["decided_by"]], "; ".join(row["hjemmel"])) for row in expected(name)["decisions"]
        ]
    assert register(out) == told
    assert out.count("intet er ændret") == 2
    assert "findes allerede" in embedded.refused("demo", "--data", tmp_path / "ny")


def test_the_read_models_say_what_is_expected_under_the_promised_keys(cli, tmp_path):
    lay_in(cli, tmp_path, *(sample(name) for name in SAMPLES))
    for name, number in zip(SAMPLES, (AARHUS, ESBJERG), strict=True):
        decisions, wanted = cli.json("decisions", number), expected(name)["decisions"]
        assert [{key: row[key] for key in want} for row, want in zip(decisions, wanted, strict=True)] == wanted
        assert set(KEYS["decisions"].split()) <= set(decisions[0])
    page = cli.json("case", AARHUS, "--as-of", expected(SAMPLES[0])["as_of"])
    assert set(KEYS["case"].split()) <= set(page)
    metrics = expected(SAMPLES[0])["metrics"]
    assert {key: metrics[key] for key in page["metrics"]} == page["metrics"]
    assert {"first_decision_days", "tilsyn_held", "complaints", "events"} <= set(page["metrics"])
    rows = cli.json("history", AARHUS)
    assert len(rows) == 69
    assert all(set(KEYS["history"].split()) <= set(row) for row in rows)
    assert sorted(row["seq"] for row in rows) == list(range(1, 70))
    cases = cli.json("cases")
    assert [row["case_number"] for row in cases] == cli.samples
    assert set(KEYS["cases"].split()) <= set(cases[0])
    assert [row["case_number"] for row in cli.json("cases", "--municipality", "esbjerg")] == [ESBJERG]


def test_a_case_is_seen_as_it_was_known_on_a_day_and_at_an_instant(embedded, tmp_path):
    lay_in(embedded, tmp_path, sample(SAMPLES[0]))
    assert embedded.json("case", AARHUS, "--known-at", "2021-02-01")["version"] == 9
    before = embedded.json("case", AARHUS, "--known-at", "2021-02-01T08:00:00Z")
    assert (before["version"], before["state"], before["as_of"]) == (8, "ansoegt", "2021-02-01")
    assert embedded.json("case", AARHUS, "--known-at", "2021-02-01T09:03:00+01:00")["version"] == 9
    assert embedded.json("case", AARHUS, "--as-of", "2021-01-31")["state"] == "henvendelse"
    assert "fandtes ikke endnu den 17. januar 2021" in embedded.refused("case", AARHUS, "--as-of", "2021-01-17")
    assert "kendtes ikke endnu" in embedded.refused("history", AARHUS, "--known-at", "2021-01-17")


def test_every_look_at_a_case_is_on_record_with_who_why_and_what(cli, tmp_path):
    lay_in(cli, tmp_path, a_case(note()))
    cli.done("case", SMALL)
    cli.done("history", SMALL, "--as", KAREN, "--purpose", "sagsbehandling")
    cli.done("cases")
    cli.refused("case", SMALL, "--as-of", "2000-01-01")
    with Books(cli.url, lambda: datetime.now(UTC), MASTER_KEY) as books:
        book, case_id = books.find(SMALL)
        looks = book.entries(book_stream("aarhus", "access"))
    shared = cli.url.startswith("postgresql")
    reader = "u-fc-09" if shared else getpass.getuser()
    assert [(look.fact.what, look.fact.purpose, look.actor.user_id) for look in looks] == [
        (("case",), "drift", reader),
        (("history",), "sagsbehandling", "u-fc-01"),
        (("cases",), "drift", reader),
    ]
    assert {look.fact.cases for look in looks} == {(case_id,)}
    assert {look.actor.claimed for look in looks} == {not shared}  # a token proves it


# Recording


def test_recording_gives_a_receipt_once_and_refuses_with_every_reason(cli, tmp_path):
    lay_in(cli, tmp_path, a_case())
    receipt = cli.json(*noted("--request-id", "r1", "--if-version", 3))
    assert set(receipt) == RECEIPT
    assert (receipt["case_number"], receipt["version"], receipt["seq"]) == (SMALL, 4, 4)
    assert cli.json(*noted("--request-id", "r1", "--if-version", 3)) == receipt
    assert "request_id: er allerede brugt" in cli.refused(*noted("--request-id", "r1", text="Andet."))
    assert "er på version 4, ikke 3" in cli.refused(*noted("--if-version", 3))
    every = cli.refused(*noted(text="Barn 740916-0002", on="2199-01-01", who=AUDITOR))
    assert every.startswith("G32+G33+G34: Din rolle må ikke registrere denne hændelse. ")
    assert every.index("rolle") < every.index("fremtiden") < every.index("CPR-nummer")
    assert cli.json("history", SMALL)[-1]["version"] == 4
    opened = ("--child", "p-barn", "--on", "2026-01-05", "--as")
    assert cli.json("open", "aarhus", "AAR-9", *opened, KAREN)["version"] == 1
    assert "AAR-9 findes allerede (version 1)" in cli.refused("open", "aarhus", "AAR-9", *opened, KAREN)
    assert cli.refused("open", "aarhus", "AAR-10", *opened, LEADER).startswith("G32: ")


def test_a_correction_takes_two_persons_and_shows_what_stood_before(cli, tmp_path):
    lay_in(cli, tmp_path, a_case(note()))
    change = {"field": "text", "old": "Mor ringede.", "new": "Far ringede.", "reason": "tastefejl"}
    asked = (SMALL, "EntryCorrected", "--on", DAY, "--data", json.dumps(change), "--ref", "target=4", "--as")
    assert cli.refused("record", *asked, KAREN).startswith("G31: ")
    assert cli.refused("propose", *asked, AUDITOR).startswith("G32: ")
    assert cli.json("propose", *asked, KAREN)["version"] == 5
    assert cli.json("history", SMALL)[3]["corrected_by"] == []
    for nobody in (KAREN, BIRGIT):
        assert cli.refused("confirm", SMALL, 5, "--as", nobody).startswith("G31: ")
    assert cli.json("confirm", SMALL, 5, "--as", LEADER)["version"] == 7
    assert "allerede besvaret" in cli.refused("confirm", SMALL, 5, "--as", LEADER)
    assert "allerede besvaret" in cli.refused("reject", SMALL, 5, "--reason", "Nej.", "--as", LEADER)
    row = next(row for row in cli.json("history", SMALL) if row["version"] == 4)
    assert row["corrected_by"] == [7]
    assert ("Far ringede." in row["sentence"], "Mor ringede." in row["original_sentence"]) == (True, True)
    back = json.dumps(change | {"old": "Far ringede.", "new": "Mor ringede."})
    assert cli.json("propose", *asked[:5], back, *asked[6:], KAREN)["version"] == 8
    assert cli.refused("reject", SMALL, 8, "--reason", "Nej.", "--as", KAREN).startswith("G31: ")
    assert cli.json("reject", SMALL, 8, "--reason", "Nej.", "--as", LEADER)["version"] == 9
    assert "allerede besvaret" in cli.refused("confirm", SMALL, 8, "--as", LEADER)
    assert "er ikke et forslag" in cli.refused("confirm", SMALL, 4, "--as", LEADER)


# What goes wrong


USAGE = {
    "a command there is none of": (("fristerne",), "Kommandoen fristerne findes ikke. Se: sagsbog --help"),
    "a command that is nearly one": (("casse",), "Kommandoen casse findes ikke. Se: sagsbog --help"),
    "an option there is none of": (("cases", "--nej"), "Kommandoen kender ikke --nej. Se: sagsbog cases --help"),
    "a number below zero": (("confirm", "A", "-1"), "Kommandoen kender ikke -1. Se: sagsbog confirm --help"),
    "an argument missing": (("case",), "CASE mangler. Se: sagsbog case --help"),
    "an argument too many": (("case", "A", "B"), "Kommandoen tager ikke så meget: B. Se: sagsbog case --help"),
    "an option missing": (("record", "A", "NoteRecorded"), "--on mangler. Se: sagsbog record --help"),
    "an option's value missing": (("case", "A", "--as-of"), "--as-of mangler en værdi. Se: sagsbog --help"),
    "a format there is none of": (
        ("case", "A", "--format", "xml"), "--format skal være en af: table, json. Se: sagsbog case --help",
    ),
    "a version that is no number": (
        ("confirm", "A", "fem"), "VERSION skal være et helt tal. Se: sagsbog confirm --help",
    ),
    "no file": (("import",), "FILE… mangler. Se: sagsbog import --help"),
}  # fmt: skip


@pytest.mark.parametrize("case", USAGE)
def test_wrong_usage_is_one_danish_line_and_exit_2(embedded, case):
    arguments, line = USAGE[case]
    assert embedded.refused(*arguments, code=2) == line


def test_without_a_command_the_help_page_is_shown_and_what_is_missing(embedded):
    ran = run(embedded.url)
    assert (ran.code, ran.err) == (2, "Angiv en kommando. Se: sagsbog --help\n")
    assert "annual-decision" in ran.out


WRONG = {
    "a day that does not exist": (("cases", "--as-of", "2021-02-30"), "--as-of: '2021-02-30'"),
    "an instant without zone": (("cases", "--known-at", "2021-02-01T10:00"), "--known-at: skal være"),
    "a state there is none of": (("cases", "--state", "glad"), "--state: skal være en af"),
    "a municipality there is none of": (("cases", "--municipality", "odense"), "kommunen 'odense' kendes ikke"),
    "a case there is none of": (("case", "AAR-404"), "ingen sag AAR-404"),
    "somebody half named": (("cases", "--as", "u-1:leder"), "--as: 'u-1:leder'"),
    "data that is no JSON": ((*noted()[:6], "{", "--as", KAREN), "--data: er ikke gyldig JSON"),
    "data in a file there is none of": ((*noted()[:6], "@væk.json", "--as", KAREN), "--data: væk.json findes ikke"),
    "data in a file without end": ((*noted()[:6], "@/dev/zero", "--as", KAREN), "--data: /dev/zero er over 50 MB"),
    "a rulebook without a name": (("cases", "--rulebook", ""), "--rulebook: mangler"),
    "two versions for one point": (("diff", "A", "--from", "version:1,version:2", "--to", "version:3"), "--from: "),
    "a point of nothing": (("diff", "A", "--from", "as-of:2021-01-01", "--to", "rulebook:"), "--to: mangler"),
    "an answer about nothing": (("answer", "A", "Q01", "post="), "post=: skal have formen NAVN=VÆRDI"),
    "a proposal of a rate beyond all": (
        ("rate-confirm", "aarhus", 2**70, "--as", KAREN),
        "VERSION: skal være en version",
    ),
    "a ref that names nothing": (noted("--ref", "target"), "--ref: 'target'"),
    "nobody who records": (noted()[:-2], "--as: mangler"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_one_line_and_exit_1(embedded, case):
    arguments, sentence = WRONG[case]
    assert sentence in embedded.refused(*arguments)


def test_a_case_that_is_opened_again_by_recording_is_named(cli, tmp_path):
    lay_in(cli, tmp_path, a_case())
    line = cli.refused("record", SMALL, "CaseOpened", "--on", DAY, "--as", KAREN)
    assert line == f"Sagen {SMALL} findes allerede (version 3)."


def test_lists_of_nothing_say_so_and_make_no_book(embedded, tmp_path):
    assert embedded.done("deadlines") == "Der er ingen frister.\n"
    assert embedded.done("findings", "--municipality", "nyborg") == "Der er intet at bemærke.\n"
    assert embedded.done("rates", "nyborg", "--as-of", "1950-01-01") == "Der er ikke registreret satser for den dag.\n"
    assert embedded.json("rates", "nyborg", "--as-of", "2022-06-01")
    assert not list(tmp_path.rglob("nyborg*"))


WHILE_READING_IN = """
import os, signal, sys
from api.cli import main

class Interrupting:
    def find_spec(self, name, *_):
        if name == "ledger.facts.case":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
main()
"""


def test_where_there_is_no_book_nothing_is_said_to_be_well(embedded):
    for command in ("verify", "sweep", "rebuild", "status"):
        assert embedded.done(command) == "Der er ingen sagsbog her endnu. Se SAGSBOG_DATABASE_URL.\n"


def test_ctrl_c_while_the_program_is_read_in_ends_it_without_a_word():
    ran = subprocess.run([sys.executable, "-c", WHILE_READING_IN], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (-signal.SIGINT, "", "")


def test_ctrl_c_while_a_command_runs_ends_it_without_a_word_and_nothing_is_kept(embedded, tmp_path):
    lay_in(embedded, tmp_path, a_case())
    data = tmp_path / "data.json"
    os.mkfifo(data)
    process = start(embedded.url, *noted()[:6], f"@{data}", "--as", KAREN)
    with data.open("w"):  # opens when the command does
        process.send_signal(signal.SIGINT)
        assert process.communicate() == ("", "")
    assert process.returncode == 130
    assert len(embedded.json("history", SMALL)) == 3


def test_a_database_that_cannot_be_used_is_one_line(embedded, tmp_path, postgres_url):
    assert "skal SAGSBOG_MASTER_KEY være sat" in Cli(postgres_url).refused("cases", SAGSBOG_MASTER_KEY="")
    assert "32 byte i base64" in Cli(postgres_url).refused("cases", SAGSBOG_MASTER_KEY="kort")
    assert "Databasen svarer ikke" in Cli("postgresql://u:hemmelig@127.0.0.1:1/x").refused("cases")
    assert "SAGSBOG_LOG_LEVEL" in embedded.refused("cases", code=2, SAGSBOG_LOG_LEVEL="højt")
    file = tmp_path / "fil"
    file.write_text("")
    (tmp_path / "sag.json").write_text(json.dumps(a_case()))
    assert "er ikke en mappe" in Cli(f"sqlite:///{file}").refused("import", tmp_path / "sag.json")


def test_no_personal_data_goes_to_stderr(embedded, tmp_path):
    case = sample(SAMPLES[0])
    lay_in(embedded, tmp_path, case)
    people = {value for party in case["parties"] for name, value in party.items() if name in ("name", "cpr", "address")}
    other = json.dumps(case, ensure_ascii=False).replace("Asta Prøve", "Astrid Prøve")
    for name, raw in {
        "ændret": other,
        "afkortet": other[:300],
        "cpr": json.dumps(case, ensure_ascii=False).replace("betingelser", "740916-0002"),
        "tal": json.dumps(case, ensure_ascii=False).replace('"birth_date": "2016-09-14"', '"birth_date": "Asta Prøve"'),
    }.items():
        (tmp_path / f"{name}.json").write_text(raw, "utf-8")
    files = sorted(tmp_path.glob("*.json"))
    said = run(embedded.url, "import", *files, SAGSBOG_LOG_LEVEL="debug").err
    said += embedded.refused("record", AARHUS, *noted(text="Asta Prøve Nordhavn 740916-0002")[2:])
    assert said.count("\n") == 4
    assert not [person for person in people | {"Astrid", "Nordhavn", "740916"} if person in said]
