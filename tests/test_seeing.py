"""Who sees what: the table of roles and kinds of data, and that nothing hidden is in any answer."""

import json
from pathlib import Path

import pytest

from api import shown
from api.looking import find_case, find_person, look_at, look_at_two
from ledger.errors import Forbidden, Invalid, NotFound, PreconditionRequired
from ledger.facts.entry import Actor
from ledger.facts.fact import catalogue
from ledger.facts.lifecycle import DocumentKind, Sensitivity
from ledger.facts.marks import marks_of
from ledger.facts.shape import leaves, shape_of
from ledger.facts.values import DataKind
from ledger.law.rulebook import RulebookError
from ledger.law.seeing import read_seeing, seeing
from ledger.store.books import Books
from replay.answers import questions
from replay.as_of import Point
from tests.conftest import MASTER_KEY, ToldClock
from tests.everything import CPRS, NOW, Telling, record_everything
from tests.samples import AARHUS, ESBJERG, import_sample
from tests.seeing import COLUMNS, OPERATOR, READS, ROWS, STAFF, read, reader, shown_to

READ_AS = {
    "yes": ("yes",), "no": ("no",), "–": ("no",), "own": ("own",), "own unit": ("own",), "school": ("own",),
    "name only": ("no",), "name": ("no",), "yes (purpose)": ("purpose",), "yes (amounts)": ("yes",),
    "training/development parts": ("training",), "udredning": ("udredning",), "schooling parts": ("schooling",),
    "at visitation": ("visitation",), "at visitation (budget)": ("visitation", "budget"), "aggregated": ("no",),
    "budget decisions": ("budget_decisions",), "yes, pseudonymous": ("pseudonymous",),
    "own case, read-only": ("own",), "no (aktindsigt decides)": ("no",), "custody holder of the sibling": ("no",),
    "own + child; not the other parent's CPR/protected address": ("own",), "the parent concerned only": ("own",),
    "yes, except other person's confidential parts and internal notes": ("yes",), "employer parent": ("yes",),
    "list of who read the case, on request (AktindsigtRequested.access_list)": ("own",),
}  # fmt: skip
"""How each cell of ROLES §3 is read; `relevant element` is read by its row."""
ELEMENT = {"health": ("method_health",), "plan": ("method_plan",)}


# The table


@pytest.mark.parametrize("kind", ROWS)
def test_the_table_says_what_the_paper_says(kind):
    (row,) = (row for row in seeing().row if row.kind == kind)
    read_as = READ_AS | {"relevant element": ELEMENT.get(kind)}
    assert dict(row.cells()) == {column: read_as[text] for column, text in ROWS[kind].items()}


def test_names_are_for_all_whom_the_paper_gives_at_least_the_name():
    (row,) = (row for row in seeing().row if row.kind is DataKind.NAME)
    assert dict(row.cells()) == {
        column: ("no",) if text == "no" else ("yes",) for column, text in ROWS["identity"].items()
    }


def test_every_question_says_which_kinds_it_is_answered_from():
    assert set(seeing().answers) == set(questions())


@pytest.mark.parametrize("fact_type", catalogue().values(), ids=list(catalogue()))
def test_every_type_and_every_field_is_of_a_kind(fact_type):
    assert fact_type.declared.data in DataKind
    for name, mark in marks_of(fact_type).items():
        kinds = mark.kinds or {fact_type.declared.data}
        by_instance = "data_kind" in vars(fact_type) or fact_type.declared.type == "ActProposed"
        words = DataKind.CASE not in kinds or mark.subject is None
        assert words or by_instance, f"{name} is sealed, and so more than that a step was taken"


def test_what_tells_who_someone_is_is_identity_wherever_it_stands():
    told = {
        (name, field)
        for name, fact_type in catalogue().items()
        for field, mark in marks_of(fact_type).items()
        if DataKind.IDENTITY in mark.kinds
    }
    assert told == {
        ("PartyRegistered", field)
        for field in ("cpr", "birth_date", "address", "phone", "email", "custody", "custody_documented_by", "scope",
                      "valid_from", "valid_to", "protected_address")
    } | {("BusinessAccountRegistered", "account"), ("HomeSchoolingNotified", "place"),
         ("HjemmetraeningEndedAtAge18", "birthday")}  # fmt: skip


@pytest.mark.parametrize(
    ("was", "put", "says"),
    [
        ('PA = "training"', 'PA = "trainig"', r"seeing.toml, linje \d+: row.3.PA: ordet 'trainig' findes ikke"),
        ('kind = "taf"', 'kind = "tabt"', r"seeing.toml, linje \d+: row.6.kind: "),
        ('SUND = "method_health"', 'LAEGE = "yes"', r"seeing.toml, linje \d+: row.3.(SUND|LAEGE): "),
        ('kind = "log"', 'kind = "taf"', r"oplysninger uden række: log"),
        ('"HealthAssessmentReceived"', '"HealthAssessed"', r"parts.method_health: der er intet 'HealthAssessed'"),
        ('"TilsynHeld.observation"', '"TilsynHeld.seen"', r"parts.training: der er intet 'TilsynHeld.seen'"),
    ],
    ids=["word", "kind", "role", "missing", "type", "field"],
)
def test_a_table_that_cannot_be_meant_is_refused_with_file_and_line(tmp_path, was, put, says):
    text = Path("ledger/law/seeing.toml").read_text("utf-8")
    assert was in text
    file = tmp_path / "seeing.toml"
    file.write_text(text.replace(was, put, 1), "utf-8")
    with pytest.raises(RulebookError, match=says):
        read_seeing(file)


def test_each_line_that_is_named_is_the_line(tmp_path):
    text = Path("ledger/law/seeing.toml").read_text("utf-8").replace('PA = "training"', 'PA = "x"')
    file = tmp_path / "seeing.toml"
    file.write_text(text, "utf-8")
    line = text.splitlines().index('PA = "x"') + 1
    with pytest.raises(RulebookError, match=f"linje {line}:"):
        read_seeing(file)


# A case in which everything happened


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """Books with such a case in two municipalities, recorded by others; of each its id and where its words stand."""
    place, cases = tmp_path_factory.mktemp("seeing"), {}
    with Books(f"sqlite:///{place}", ToldClock(NOW), MASTER_KEY) as books:
        for municipality in ("aarhus", "esbjerg"):
            told = Telling()
            cases[municipality] = record_everything(books.book(municipality), ANOTHER, told, MORE), told.stands
        yield books, cases


ANOTHER = Actor("u-ny-01", "Nanna Prøvesen", "socialafdelingen", "soc_raadgiver")
MORE = [
    ("CaseAssigned", {"user_id": "u-fc-01"}),
    ("NoteRecorded", {"internal": True}),
    ("NoteRecorded", {"internal": False}),
    *(("DocumentAdded", {"document": f"d-{one}", "kind": one.value, "sensitivity": "normal"}) for one in DocumentKind),
    *(("DocumentAdded", {"document": f"d-{one}", "kind": "letter", "sensitivity": one.value}) for one in Sensitivity),
]


def may_see(column, entry, field, *, stated):
    """Whether the table lets a role see a field of what another unit recorded."""
    kinds = {entry.fact.data_kind, *marks_of(type(entry.fact))[field].kinds}
    return all(_lets(column, kind, entry, field, stated=stated) for kind in kinds)


def _lets(column, kind, entry, field, *, stated):
    (row,) = (row for row in seeing().row if row.kind is kind)
    sealed = marks_of(type(entry.fact))[field].subject is not None
    unit = STAFF[column][2]
    own = unit in (entry.actor.unit, getattr(getattr(entry.fact, "decided_by", None), "unit", None))
    holds = {"yes": True, "no": False, "purpose": stated, "own": own, "visitation": False, "pseudonymous": not sealed}
    places = {entry.type, f"{entry.type}.{field}"}
    return all(holds[word] if word in holds else places & set(seeing().parts[word]) for word in getattr(row, column))


OF_ANOTHER_KIND = {"ActProposed", "ActRejected", "PartshoeringAnswered", "PartshoeringDeadlineExtended"}
"""Types that are of the kind of the entry they are about: asked of their own below."""


@pytest.mark.parametrize(
    ("column", "stated"), [*((column, False) for column in COLUMNS if column != "CITIZEN"), ("LEDER", True)]
)
def test_nothing_that_a_role_may_not_see_is_in_anything_it_is_shown(everything, column, stated):
    books, cases = everything
    case, stands = cases[STAFF[column][0]]
    who = reader(column, "Det er en prøve." if stated else None)
    entries = {one.version: one for one in books.book(STAFF[column][0]).entries(case)}
    answers = json.dumps(shown_to(books, who, case), ensure_ascii=False)
    for word, (version, name, field) in stands.items():
        if name not in OF_ANOTHER_KIND and not may_see(column, entries[version], field, stated=stated):
            assert word not in answers, (name, field, word)


@pytest.mark.parametrize("column", [column for column in COLUMNS if column != "CITIZEN"])
def test_what_a_role_may_see_is_shown_to_it_as_to_the_one_who_holds_the_ledger(everything, column):
    books, cases = everything
    case, stands = cases[STAFF[column][0]]
    entries = {one.version: one for one in books.book(STAFF[column][0]).entries(case)}
    history, all_of_it = (
        json.dumps(read(books, who, case, "history", shown.history), ensure_ascii=False)
        for who in (reader(column, "Det er en prøve."), OPERATOR)
    )
    told = {word for word, (version, name, _) in stands.items() if word in all_of_it and name not in OF_ANOTHER_KIND}
    assert told
    for word in told:
        version, _, field = stands[word]
        assert (word in history) == may_see(column, entries[version], field, stated=True), stands[word]


@pytest.mark.parametrize("column", ["PA", "VU", "OEKO", "VG", "BK", "SUND", "LEDER", "ADMIN", "revisor"])
def test_no_sealed_word_of_the_sample_cases_reaches_a_role_that_may_not_see_it(samples, column):
    books, case = samples, {"aarhus": AARHUS, "esbjerg": ESBJERG}[STAFF[column][0]]
    book, case_id = find_case(books, reader(column).who, case)
    words = {}
    for entry in book.entries(case_id):
        for path, value, _ in leaves(shape_of(type(entry.fact)), entry.fact.as_data()):
            field = path.split(".")[1]
            if marks_of(type(entry.fact))[field].subject is not None and isinstance(value, str) and " " in value:
                words.setdefault(value, []).append(may_see(column, entry, field, stated=False))
    law = " ".join(rule.says for rule in book.law().rulebook.rules(book.municipality))
    hidden = [word for word, seen in words.items() if not any(seen) and word not in law]
    assert len(hidden) > 20
    answers = json.dumps(shown_to(books, reader(column), case_id), ensure_ascii=False)
    assert not [word for word in hidden if word in answers]


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    with Books(f"sqlite:///{tmp_path_factory.mktemp('samples')}", ToldClock(NOW), MASTER_KEY) as books:
        import_sample(books, AARHUS)
        import_sample(books, ESBJERG)
        yield books


# Whole read models


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("what", READS)
def test_every_role_is_shown_every_read_model_that_is_for_it_and_no_other(everything, what, column):
    books, cases = everything
    case, _ = cases[STAFF[column][0]]
    for text, allowed in ((None, ("yes",)), ("Det er en prøve.", ("yes", "purpose"))):
        if READS[what][column] in allowed:
            opened(books, reader(column, text), case, what)
        else:
            with pytest.raises(PreconditionRequired if READS[what][column] == "purpose" else Forbidden):
                opened(books, reader(column, text), case, what)


def opened(books, who, case, what):
    if what == "diff":
        look_at_two(books, who, str(case), (Point(), Point()), what)
    elif what == "find":
        find_person(books.book(who.who.municipality), who, CPRS["p-barn"])
    else:
        look_at(books, who, str(case), Point(), what)


def test_every_read_model_of_the_table_is_asked_about():
    assert set(READS) | {"cases"} == set(seeing().reads)


OWN_DEADLINES = {
    "PA": {"aarhus.hearing", "aarhus.information", "aarhus.maalgruppe", "aarhus.plan-assessment", "aarhus.plan-meeting",
           "aarhus.tilsyn-6-months", "aarhus.tilsynsrapport-hearing", "aarhus.undersoegelse-and-indstilling",
           "statute.klage", "statute.tilsyn-twice-a-year"},
    "VU": {"aarhus.visitation"},
    "OEKO": {"esbjerg.accounts", "esbjerg.accounts-decision", "esbjerg.budget-application", "esbjerg.budget-decision",
             "esbjerg.equipment-decision", "esbjerg.supervision-documentation"},
    "VG": set(),
    "BK": set(),
}  # fmt: skip


@pytest.mark.parametrize("column", ["AUTH", "LEDER", "ADMIN", "revisor", *OWN_DEADLINES])
def test_a_role_sees_all_deadlines_or_those_that_are_met_by_what_it_records(samples, column):
    case = {"aarhus": AARHUS, "esbjerg": ESBJERG}[STAFF[column][0]]
    told = {row.rule for row in shown.deadlines(look_at(samples, reader(column), case, Point(), "deadlines"))}
    every = {row.rule for row in shown.deadlines(look_at(samples, OPERATOR, case, Point(), "deadlines"))}
    assert told == OWN_DEADLINES.get(column, every)


ANSWERED = {
    "AUTH": set(questions()),
    "LEDER": set(questions()),
    "OEKO": {"Q35", "Q36", "Q37", "Q38"},
    "ADMIN": {"Q09", "Q10", "Q13", "Q28", "Q40"},
    "revisor": {"Q40"},
}
"""Of those that the sample cases have an answer to; the others rest on an entry that the role does not see all of."""


@pytest.mark.parametrize("column", [column for column in COLUMNS if column != "CITIZEN"])
def test_a_question_is_answered_for_those_who_see_all_that_the_answer_rests_on(samples, column):
    case = {"aarhus": AARHUS, "esbjerg": ESBJERG}[STAFF[column][0]]
    seen = look_at(samples, reader(column, "Det er en prøve."), case, Point(), "answer")
    answered, denied = set(), set()
    for question in questions():
        try:
            shown.answer(seen, question, {})
            answered.add(question)
        except Forbidden:
            denied.add(question)
        except (Invalid, NotFound):  # it wants to be told something, or there is nothing to ask about
            continue
    assert answered == ANSWERED.get(column, set()) & (answered | denied)
    assert answered | denied
