"""Logs carry ids: never a name, a CPR number or a text from a case."""

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

SAGSBOG = Path(sys.executable).parent / "sagsbog"


def personal_strings() -> set[str]:
    """Every name, CPR number, address and longer text of the sample cases."""
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)
        elif isinstance(value, str) and (" " in value or "-" in value) and len(value) > 8:
            found.add(value)

    for name in ("aarhus-approved.json", "esbjerg-settlement.json"):
        case = json.loads(files("api").joinpath("samples", name).read_text("utf-8"))
        walk([event["data"] for event in case["events"] if event["type"] != "CaseOpened"])
    return {text for text in found if not text[:4].isdigit() and "§" not in text}


def test_a_whole_day_of_work_leaves_no_personal_data_in_the_logs(tmp_path):
    environment = {**os.environ, "SAGSBOG_DATABASE_URL": f"sqlite:///{tmp_path}/data", "SAGSBOG_LOG_LEVEL": "debug"}
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
        done = subprocess.run([SAGSBOG, *command], env=environment, capture_output=True, text=True, check=False)
        logged += done.stderr
    events = [json.loads(line)["event"] for line in logged.splitlines() if line.startswith("{")]
    assert "appended" in events
    assert "master key made" in events
    personal = personal_strings()
    assert len(personal) > 50
    assert not [text for text in personal if text in logged]
    assert "740916" not in logged
