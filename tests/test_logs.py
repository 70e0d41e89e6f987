"""Logs carry ids: never a name, a CPR number or a text from a case."""

import json
import logging
import re
import signal
import subprocess
import sys
import time
from importlib.resources import files
from io import StringIO
from urllib.parse import quote

import httpx2
import structlog

from api import logs
from api.identity import LocalIdentity
from tests.command import SAGSBOG, environment, run
from tests.personal import personal_strings
from tests.serving import KAREN, POUL, writing

AARHUS = "AAR-2021-00417"
CASE = f"/v1/cases/{AARHUS}"
NAME, CPR = "Asta Prøve Nordhavn", "740916-0002"


def test_what_is_looked_for_are_the_persons_of_the_samples_and_of_the_tests():
    personal = personal_strings()
    assert {NAME, CPR, "Klitrosen 901, 6799 Prøveby", "Alma Prøve Testesen", "710118-0001"} <= personal
    assert len(personal) > 150


def test_a_whole_day_of_work_leaves_no_personal_data_in_the_logs(tmp_path):
    url = f"sqlite:///{tmp_path}/data"
    samples = [
        str(files("api").joinpath("samples", name)) for name in ("aarhus-approved.json", "esbjerg-settlement.json")
    ]
    logged = ""
    for command in (
        ["import", *samples],
        ["decisions", "AAR-2021-00417", "--as", "u-1:familiecentret:fc_raadgiver", "--purpose", "sagsbehandling"],
        ["record", "AAR-2021-00417", "NoteRecorded", "--on", "2026-01-05", "--as", "u-1:familiecentret:fc_raadgiver",
         "--data", '{"text": "Asta Prøve Nordhavn var med til mødet.", "about": "other", "internal": false}'],
        ["record", "AAR-2021-00417", "NoteRecorded", "--on", "2026-01-05", "--as", "u-1:familiecentret:fc_raadgiver",
         "--data", '{"text": "Asta Prøve Nordhavn, 740916-0002", "about": "other", "internal": false}'],
    ):  # fmt: skip
        logged += run(url, *command, SAGSBOG_LOG_LEVEL="debug").err
    logged += "\n".join(served_day(tmp_path, environment(url, SAGSBOG_LOG_LEVEL="debug")))
    events = [json.loads(line)["event"] for line in logged.splitlines() if line.startswith("{")]
    assert {"appended", "request"} <= set(events)
    assert not [text for text in personal_strings() if text in logged]
    assert "740916" not in logged


def served_day(directory, told_to_it):
    """What the service logs of a day: read, recorded, refused, misspelt, and asked for in every wrong way."""
    with (directory / "log").open("w+b") as log:
        serving = subprocess.Popen([SAGSBOG, "serve", "--port", "0"], env=told_to_it, stderr=log)
        try:
            ask_all(address_in(directory / "log"), LocalIdentity(directory / "data"))
        finally:
            serving.send_signal(signal.SIGTERM)
            serving.wait(30)
    lines = (directory / "log").read_text("utf-8").splitlines()
    told = [json.loads(line) for line in lines if not line.startswith("Tjenesten kører")]
    asked = [one for one in told if one["event"] == "request"]
    assert {200, 201, 401, 404, 409, 422} <= {one["status"] for one in asked}
    assert all(re.fullmatch(r"[0-9a-f]{32}", one["request"]) for one in asked)
    assert {KAREN, POUL, None} <= {one["user"] for one in asked}
    assert not [one for one in asked if AARHUS in json.dumps(one)], "the template of a route names no case"
    return lines


def address_in(log):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if found := re.search(r"http://127.0.0.1:\d+", log.read_text("utf-8")):
            return found[0]
        time.sleep(0.05)
    raise AssertionError(log.read_text("utf-8"))


def ask_all(url, identity):
    for user in (KAREN, POUL):
        headers = {"Authorization": f"Bearer {identity.token(user)}", "X-Purpose": "ledelse"}
        with httpx2.Client(base_url=url, headers=headers, timeout=30) as client:
            for path in ("", "/history", "/decisions", "/deadlines", "/balances", "/findings", "/documents"):
                client.get(f"{CASE}{path}")
            for text in (f"{NAME} var med.", f"{NAME}, {CPR}", NAME * 400_000):
                body = {"occurred_on": "2026-01-05", "data": {"text": text, "about": "other", "internal": False}}
                version = client.get(CASE).json()["version"]
                client.post(f"{CASE}/note-recorded", json=body, headers=writing(version))
            client.post(f"{CASE}/note-recorded", json={NAME: CPR, "data": NAME}, headers=writing(version))
            client.post(f"{CASE}/note-recorded", content=f'{{"{NAME}', headers=writing(version))
            client.post(f"{CASE}/{CPR}", json={"data": NAME}, headers=writing(version))
            client.get(f"/v1/cases/{CPR}", params={"name": NAME, "as_of": CPR})
            client.get(f"/{quote(NAME)}/{CPR}", headers={"X-Request-ID": CPR, "User-Agent": CPR, "Cookie": CPR})
            client.get(CASE, headers={"Authorization": f"Bearer {CPR}", "X-Purpose-Text": quote(NAME)})


def broken():
    raise ValueError(NAME)


def test_an_error_is_told_by_its_kind_and_its_place_never_by_its_words():
    said, before = StringIO(), structlog.get_config()
    logs.configure("debug", said)
    try:
        broken()
    except ValueError:
        structlog.get_logger().exception("went wrong")
    finally:
        structlog.configure(**before)
    told = json.loads(said.getvalue())
    assert told["error"] == "ValueError"
    assert re.fullmatch(r".*test_logs\.py:\d+", told["at"][-1])
    assert NAME not in said.getvalue()


def test_what_a_library_warns_of_comes_in_the_same_form_without_its_words(monkeypatch):
    said = StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    before = logging.root.handlers[:], logging.root.level
    logs.take_in_libraries()
    try:
        library = logging.getLogger("some.library")
        library.warning("could not read %s", NAME)
        library.error("could not read " + NAME)
        library.info("said too much")
        broken()
    except ValueError:
        logging.getLogger("asyncio").exception("never retrieved")
    finally:
        logging.root.handlers[:], logging.root.level = before
    told = [json.loads(line) for line in said.getvalue().splitlines()]
    assert [one["event"] for one in told] == ["could not read %s", "some.library", "asyncio"]
    assert told[2]["error"] == "ValueError"
    assert NAME not in said.getvalue()
