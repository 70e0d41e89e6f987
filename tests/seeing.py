"""What tests of who sees what share: the roles, and everything that each is shown of a case."""

import csv
import json
from contextlib import suppress
from datetime import date
from pathlib import Path

from api import shown
from api.looking import Reader, look_at, look_at_two
from api.principal import Principal
from api.tables import as_json
from ledger.errors import Forbidden, PreconditionRequired
from ledger.facts.entry import Actor
from replay.answers import questions
from replay.as_of import Point
from tests.everything import CPRS


def table(name):
    return list(csv.DictReader((Path(__file__).parent / "data" / name).read_text("utf-8").splitlines(), delimiter="\t"))


ROWS = {row.pop("data"): row for row in table("seeing.tsv")}
READS = {row.pop("read"): row for row in table("seeing_reads.tsv")}
COLUMNS = list(ROWS["identity"])
STAFF = {
    "AUTH": ("aarhus", "u-fc-01", "familiecentret", "fc_raadgiver"),
    "PA": ("aarhus", "u-pa-01", "paedagogisk_afdeling", "pa_konsulent"),
    "VU": ("aarhus", "u-vu-01", "visitationsudvalg", "vu_medlem"),
    "OEKO": ("esbjerg", "u-oe-01", "familieraadgivningen_handicap", "oekonomikonsulent"),
    "VG": ("esbjerg", "u-vg-01", "visitationsgruppe_32", "vg_medlem"),
    "BK": ("esbjerg", "u-bk-01", "boern_og_kultur", "skole"),
    "SUND": ("aarhus", "u-su-01", "sundhed", "sundhedsfaglig"),
    "LEDER": ("aarhus", "u-le-01", "ledelse", "leder"),
    "ADMIN": ("aarhus", "u-re-01", "registratur", "registrator"),
    "revisor": ("aarhus", "u-rev-01", "revision", "revisor"),
    "CITIZEN": ("aarhus", "u-mor", "borger", "borger"),
}


def reader(column, text=None):
    municipality, user, unit, role = STAFF[column]
    cpr = CPRS["p-mor"] if column == "CITIZEN" else None
    return Reader(Principal(Actor(user, user, unit, role), municipality, cpr), purpose_text=text)


OPERATOR = Reader(Principal(Actor("root", "root", "drift", "drift", claimed=True)))


TELLS = (
    "case", "history", "documents", "tilsyn", "proposals", "decisions", "klager", "deadlines", "findings", "balances",
)  # fmt: skip
DENIED = (Forbidden, PreconditionRequired)


def shown_to(books, who, case):
    """The JSON of everything that a reader is shown of a case, by what it is; what they are denied is not there."""
    found = {what: told for what in TELLS if (told := read(books, who, case, what, getattr(shown, what))) is not None}
    found["settlement"] = read(books, who, case, "settlement", lambda seen: shown.settlement(seen, 2022))
    for row in found.get("deadlines", []):
        asked = row["rule"], date.fromisoformat(row["trigger_on"]) if len(row["trigger_on"]) > len("2022") else None
        explained = read(books, who, case, "explain", lambda seen, asked=asked: shown.explain(seen, *asked))
        found[f"explain {row['rule']} {row['trigger_on']}"] = explained
    for name, one in questions().items():
        if all(given.default is not given.empty for given in one.takes.values()):
            found[name] = read(books, who, case, "answer", lambda seen, q=name: shown.answer(seen, q, {}))
    with suppress(*DENIED):
        both = look_at_two(books, who, str(case), (Point(version=5), Point()), "diff")
        found["diff"] = json.loads(as_json(shown.diff(*both)))
    return {what: told for what, told in found.items() if told is not None}


def read(books, who, case, what, tell):
    try:
        return json.loads(as_json(tell(look_at(books, who, str(case), Point(), what))))
    except DENIED:
        return None
