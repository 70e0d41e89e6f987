"""The commands that tell the law of a case, as scripts use them: every promised key, on both engines."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commands.rates import confirm_rate, propose_rate
from commands.record import Asked, record
from ledger.facts.book import AccessLogged
from ledger.facts.entry import Actor
from ledger.store.books import Books
from ledger.store.ledger import book_stream
from tests.command import environment
from tests.conftest import MASTER_KEY
from tests.samples import AARHUS, ESBJERG, import_sample
from tests.test_cli import Cli

DEADLINE = {
    "rule", "title", "trigger_on", "due_on", "met_on", "status", "days_late", "extended_to", "notice_in_time",
    "obliged", "class", "entries",
}  # fmt: skip
FIGURES = {"approved_oere", "paid_oere", "documented_oere", "accepted_oere", "own_cost_oere", "repay_oere"}
POST = FIGURES | {"option", "name", "entries"}
TOTAL = FIGURES | {"cost_oere", "instalments_oere", "uncovered_oere", "cap_oere", "headroom_oere", "entries"}
CLAIM = {"heard_oere", "issued_oere", "adjusted_to_oere", "received_oere", "outstanding_oere", "entries"}
FINDING = {"guard", "flag", "sentence", "version", "mode", "occurred_on", "entries"}


@pytest.fixture
def cli(tmp_path):
    """On one engine: that the read models are alike on both is asked where they are told, and over HTTP."""
    database_url = f"sqlite:///{tmp_path / 'data'}"
    with Books(database_url, lambda: datetime.now(UTC), MASTER_KEY) as books:
        import_sample(books, AARHUS)
        import_sample(books, ESBJERG)
    return Cli(database_url)


def test_every_read_model_has_exactly_the_promised_keys(cli):
    day = ("--as-of", "2023-11-01")
    assert all(set(row) == DEADLINE for row in cli.json("deadlines", ESBJERG, *day))
    told = cli.json("balances", ESBJERG, *day)
    assert set(told) == {"balances", "repayment"}
    for year in told["balances"].values():
        assert set(year) == {"posts", "total"}
        assert all(set(post) == POST for post in year["posts"].values())
        assert set(year["total"]) == TOTAL
    assert set(told["repayment"]["2022"]) == CLAIM
    found = cli.json("findings", ESBJERG, *day)
    assert [(row["guard"], row["flag"], row["version"]) for row in found] == [
        ("", "NO_SECOND_APPROVER", 18),
        ("G17", "mangler_kvittering", 42),
        ("G17", "ikke_bevilget", 71),
        ("", "NO_SECOND_APPROVER", 93),
    ]
    assert all(set(row) == FINDING for row in found)
    assert cli.json("findings", AARHUS, *day) == []
    assert set(cli.json("balances", ESBJERG, "--year", "2023")["balances"]) == {"2023"}


def test_lists_over_all_cases_come_from_the_tables_today_and_are_told_for_another_day(cli):
    today = cli.json("deadlines")
    assert today == {number: cli.json("deadlines", number) for number in cli.samples}
    assert "statute.age-18" in {row["rule"] for row in today[AARHUS]}
    then = cli.json("deadlines", "--as-of", "2021-03-01", "--municipality", "aarhus")
    assert {row["rule"] for row in then[AARHUS]} == {"aarhus.decision", "aarhus.information", "statute.age-18"}
    assert set(cli.json("findings", "--as-of", "2023-11-01", "--municipality", "esbjerg")) == {ESBJERG}


def test_a_person_is_found_by_cpr_without_its_standing_anywhere(cli):
    def found(cpr):
        ran = subprocess.run(
            [Path(sys.executable).parent / "sagsbog", "find", "--format", "json", "--purpose", "klage"],
            input=f"{cpr}\n",
            env=environment(cli.url),
            capture_output=True,
            text=True,
            check=False,
        )
        return ran.returncode, ran.stdout, ran.stderr

    code, out, _ = found("740916-0002")
    (one,) = json.loads(out)
    assert (code, one["case_number"], one["party"]) == (0, AARHUS, "p-barn")
    assert found("7409160002")[1] == out
    assert json.loads(found("740916-0003")[1]) == []
    code, out, err = found("ingen")
    assert (code, out) == (1, "")
    assert "CPR-nummer" in err
    with Books(cli.url, lambda: datetime.now(UTC), MASTER_KEY) as books:
        book = books.book("aarhus")
        looks = [entry.fact for entry in book.entries(book_stream("aarhus", "access"))]
        asked = [look for look in looks if isinstance(look, AccessLogged) and "find" in look.what]
        assert len(asked) == 3
        assert {look.query_index for look in asked} == {
            book.vault.blind_index("740916-0002"), book.vault.blind_index("740916-0003"),
        }  # fmt: skip


def test_every_entry_names_the_law_it_was_recorded_under(books):
    import_sample(books, AARHUS)
    book, case_id = books.find(AARHUS)
    assert {entry.rulebook for entry in book.entries(case_id)} == {book.rulebook.digest}
    assert {entry.book_version for entry in book.entries(case_id)} == {None}
    first, second = (Actor(f"u-{n}", f"Registrator {n}", "registratur", "registrator") for n in (1, 2))
    rate = {
        "kind": "cap", "name": "cap", "year": 2025, "amount_oere": 73_203_800, "source": "Opdigtet", "certainty": "ver",
    }  # fmt: skip
    proposed = propose_rate(book, rate, first, on=book.today(), request_id="r-1")
    confirm_rate(book, proposed.version, second, request_id="r-2")
    assert book.law().cap_oere(2025) == 73_203_800
    note = Asked("NoteRecorded", book.today(), {"text": "Mor ringede.", "about": "phone_call", "internal": False})
    karen = Actor("u-fc-01", "Karen Lindholt", "familiecentret", "fc_raadgiver")
    receipt = record(book, case_id, note, karen, request_id="r-3")
    assert book.entry(case_id, receipt.version).book_version == 3


def test_the_read_models_are_told_again_and_say_how_far_they_are(cli):
    before = {row["municipality"]: row for row in cli.json("status")}
    assert set(before) == {"aarhus", "esbjerg"}
    assert all(row["cursor"] == 0 and row["lag"] == row["log_size"] for row in before.values())
    rebuilt = {row["municipality"]: row for row in cli.json("rebuild")}
    assert all(row["complete"] and row["swapped"] for row in rebuilt.values())
    assert all(model["equal"] for row in rebuilt.values() for model in row["models"])
    after = {row["municipality"]: row for row in cli.json("status")}
    assert all(row["lag"] == 0 and row["current_law"] and row["cases"] == 1 for row in after.values())


def test_tilsyn_klager_and_documents_are_read_from_any_point_in_time(cli):
    held = cli.json("tilsyn", ESBJERG, "--as-of", "2023-11-01")
    assert [row["held_on"] for row in held] == ["2022-04-20", "2022-10-26", "2023-04-19", "2023-10-25"]
    assert len(cli.json("tilsyn", ESBJERG, "--as-of", "2022-06-01", "--rulebook", "1")) < len(held)
    (klage,) = cli.json("klager", ESBJERG)
    assert (klage["version"], klage["decision"], klage["udfald"]) == (119, 114, "aendret")
    (before,) = cli.json("klager", ESBJERG, "--known-at", "2023-05-01")
    assert (before["genvurdering_on"], before["udfald"]) == (None, None)
    assert cli.json("klager", ESBJERG, "--as-of", "2023-04-25") == []
    assert cli.json("documents", AARHUS) == []
    assert "fastholdt" in cli.done("klager", ESBJERG)
    assert "2022-04-20" in cli.done("tilsyn", ESBJERG)
    assert "Der er ingen dokumenter." in cli.done("documents", AARHUS)


NONSENSE = {
    "a day out of range": (("Q14", "on=9999-01-01"), "skal være en dato (ÅÅÅÅ-MM-DD)"),
    "no day": (("Q14", "on=abc"), "skal være en dato (ÅÅÅÅ-MM-DD)"),
    "no number": (("Q28", "visitation=x"), "skal være et helt tal"),
    "a version that is no decision": (("Q05", "decision=0"), "ingen sådan afgørelse"),
    "a parameter it does not take": (("Q40", "post=P3"), "kendes ikke"),
    "no such question": (("Q41",), "findes ikke"),
}


def test_a_question_that_makes_no_sense_is_refused_in_words(tmp_path):
    embedded = Cli(f"sqlite:///{tmp_path / 'data'}")
    with Books(embedded.url, lambda: datetime.now(UTC), MASTER_KEY) as books:
        import_sample(books, ESBJERG)
    for asked, sentence in NONSENSE.values():
        assert sentence in embedded.refused("answer", ESBJERG, *asked)
