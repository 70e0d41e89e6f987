"""What no log may hold: every name, CPR number and text of the sample cases, and of the persons the tests invent."""

import json
import re
from importlib.resources import files
from pathlib import Path

_SAMPLES = ("aarhus-approved.json", "esbjerg-settlement.json")
_CPR = re.compile(r"\b\d{6}-\d{4}\b")
_INVENTED = re.compile(r"\b[A-ZÆØÅ]\w+(?: [A-ZÆØÅ]\w+)*? (?:Prøve|Test)esen\b")


def personal_strings() -> set[str]:
    """All of it."""
    samples = [files("api").joinpath("samples", name).read_text("utf-8") for name in _SAMPLES]
    tests = [path.read_text("utf-8") for path in Path(__file__).parent.rglob("*.py")]
    found = {text for sample in samples for text in _texts(json.loads(sample))}
    for told in (*samples, *tests):
        found |= set(_CPR.findall(told)) | set(_INVENTED.findall(told))
    return found


def _texts(case: dict) -> set[str]:
    """Names, addresses and the longer texts of a case file."""
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

    walk([event["data"] for event in case["events"] if event["type"] != "CaseOpened"])
    return {text for text in found if not text[:4].isdigit() and "§" not in text}
