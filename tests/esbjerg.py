"""What the tests of acts share: the Esbjerg sample up to where the acts take over, and the people who act."""

import json
from datetime import UTC, date, datetime
from importlib.resources import files

from api import acting, in_book
from api.terminal import app
from commands.record import Asked, record
from ledger.facts.entry import Actor
from tests.conftest import MASTER_KEY
from tests.provider import credentials
from tests.test_import import imported

SAMPLE = "esbjerg-settlement.json"
NUMBER = "ESB-2020-00158"
LISE = Actor("u-frh-01", "Lise Maarup", "familieraadgivningen_handicap", "frh_raadgiver")
BO = Actor("u-frh-02", "Bo Prøve", "familieraadgivningen_handicap", "frh_raadgiver")
TINE = Actor("u-oek-01", "Tine Ravn", "familieraadgivningen_handicap", "oekonomikonsulent")
LEADER = Actor("u-l-01", "Poul Prøve", "ledelse", "leder")
AUDITOR = Actor("u-rev-01", "Rie Prøve", "revision", "revisor")
LETTER = {
    "channel": "digital_post",
    "recipients": ["p-mor", "p-far"],
    "decided_by": {"unit": "familieraadgivningen_handicap", "name": "Lise Maarup"},
    "hjemmel": ["serviceloven § 32 a, stk. 6"],
    "klagevejledning": {
        "instans": "ankestyrelsen", "frist_uger": 4, "sendes_til": "familieraadgivningen_handicap",
    },
}  # fmt: skip


def events():
    """The sample's events by key, in order."""
    case = json.loads(files("api").joinpath("samples", SAMPLE).read_text("utf-8"))
    return {event["key"]: event for event in case["events"]}


def set_clock(clock, day):
    """The evening of a day."""
    clock.now = datetime.fromisoformat(f"{day}T20:00:00").replace(tzinfo=UTC)


def case_until(key, change=lambda event: event):
    """The sample as a file that ends before an event; `change` gives each event, or None to leave it out."""
    case = json.loads(files("api").joinpath("samples", SAMPLE).read_text("utf-8"))
    keys = [event["key"] for event in case["events"]]
    case["events"] = [one for event in case["events"][: keys.index(key)] if (one := change(event))]
    registered = {one["data"]["party"]: one["data"] for one in case["events"] if one["type"] == "PartyRegistered"}
    case["parties"] = list(registered.values())
    return case


def until(books, clock, place, key, change=lambda event: event):
    """The book and the case as it stands right before an event of the sample, in the evening of that day."""
    set_clock(clock, events()[key]["recorded_at"][:10])
    outcome = imported(books, case_until(key, change), place)
    assert outcome.error is None
    return books.find(NUMBER)


def recorded(book, case_id, fact_type, on, data, *, by=LISE, refs=None):
    """The version of a fact recorded live."""
    asked = Asked(fact_type, date.fromisoformat(on), data, refs or {})
    request_id = f"{fact_type}-{len(book.entries(case_id))}"
    return record(book, case_id, asked, by, request_id=request_id).version


def types(book, case_id, after):
    """The types recorded after a version."""
    return [entry.type for entry in book.entries(case_id, after=after)]


def command(url, monkeypatch, capfd):
    """The command line in this process, on the books at a place; gives what it prints."""
    assert acting.app is in_book.app is app
    monkeypatch.setenv("SAGSBOG_DATABASE_URL", url)
    monkeypatch.setenv("SAGSBOG_MASTER_KEY", MASTER_KEY)

    def run(*arguments):
        for name, value in credentials(url, arguments).items():
            monkeypatch.setenv(name, value)
        capfd.readouterr()
        app([str(argument) for argument in arguments], standalone_mode=False)
        return capfd.readouterr().out

    return run


def option(actor):
    """An actor as the command line takes it."""
    return f"{actor.user_id}:{actor.unit}:{actor.role}"
