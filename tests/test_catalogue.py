"""The fact classes against the catalogue of the field (tests/data/events.tsv, copied from the domain papers)."""

import csv
import json
import re
from pathlib import Path

import pytest

from ledger.facts.example import example
from ledger.facts.fact import STAFF, Decision, catalogue
from ledger.facts.sentence import fields_told, sentence
from ledger.facts.shape import Shape, shape_of
from ledger.facts.values import CHILD, Slug

ROWS = list(csv.DictReader(
    (Path(__file__).parent / "data/events.tsv").read_text("utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE
))  # fmt: skip
FIELD = re.compile(r"`(\w+):(\w+)( ?)(!?)( ?)([SP]?)(?:\[(\w+)\])?`")
REF = re.compile(r"refs\.(\w+) ?(!?)(\(list)?")
TRAIT = {"hjemmel", "begrundelse", "facts_relied_on", "klagevejledning", "sent_on", "channel", "recipients",
         "decided_by", "decided_on", "favourable", "resultat"}  # fmt: skip

OTHER_SUBJECT = {
    "BusinessAccountRegistered": "holder",  # the only party it names
}
ADDED = {  # fields the catalogue gained since
    "MandateRegistered": {"max_amount_oere"},
    "ConfidentialityChanged": {"users"},
    "DocumentAdded": {"pages", "size", "media_type", "sender", "recipient", "purpose"},
    "BudgetPostApproved": {"second_approver"},
    "TilbagebetalingskravIssued": {"second_approver"},
}


@pytest.mark.parametrize("row", ROWS, ids=[row["type"] for row in ROWS])
def test_a_fact_class_has_the_fields_the_catalogue_names(row):
    cls = catalogue()[row["type"]]
    assert cls.declared.area == row["area"]
    assert cls.declared.dansk == row["dansk"]
    assert issubclass(cls, Decision) == (row["decision"] == "yes")
    named = {m[1]: m for m in FIELD.finditer(row["fields"])}
    trait = TRAIT if row["decision"] != "no" else set()
    assert set(cls.model_fields) - trait == set(named) | ADDED.get(row["type"], set())
    for name, m in named.items():
        assert cls.model_fields[name].is_required() == (m[4] == "!"), name
        node = shape_of(cls).fields[name]
        if m[2] == "text" and node.sealed is None:
            assert name in CLEAR, f"{name}: free text in clear"
        if m[6]:
            assert node.sealed, f"{name} is {m[6]}"
            assert m[6] == node.sealed.mark or name in CLEAR, name
            subject = OTHER_SUBJECT.get(row["type"], m[7] or "child")
            assert node.sealed.subject == (CHILD if subject == "child" else subject), name


OTHER_SUBJECT = {
    "BusinessAccountRegistered": "holder",  # the only party it names
    "BoernefagligUndersoegelseClosed": "child",  # about both parents at once: no single party's key fits
}


CLEAR = {  # text of the catalogue that is a word of the system
    "case_number", "mandate", "holder_unit", "holder_user", "legal_basis", "document", "sha256", "target",
    "source", "goals_ref", "post", "expense", "industry_code", "tilsyn", "responsible_unit", "unit",
    "without_consent_basis", "referred_to", "provision", "field",
}  # fmt: skip


REQUIRED_BY_KIND = {("KlageReceived", "decision")}
"""Required for one kind only: a guard's matter."""


@pytest.mark.parametrize("row", ROWS, ids=[row["type"] for row in ROWS])
def test_a_fact_class_has_the_refs_the_catalogue_names(row):
    cls = catalogue()[row["type"]]
    named = {m[1]: m for m in REF.finditer(row["fields"])}
    assert set(named) <= set(cls.declared.refs)
    for name, m in named.items():
        required = m[2] == "!" and (row["type"], name) not in REQUIRED_BY_KIND
        assert cls.declared.refs[name].required == required, name


def test_every_string_of_every_fact_is_sealed_or_a_word_of_the_system():
    def open_texts(shape: Shape, path: str):
        if shape.sealed is None:
            if shape.kind == "text":
                yield path
            for name, node in shape.fields.items():
                yield from open_texts(node, f"{path}.{name}")
            if shape.item:
                yield from open_texts(shape.item, path)

    found = {path for cls in catalogue().values() for path in open_texts(shape_of(cls), cls.declared.type)}
    allowed = ("hjemmel", "name", "legal_basis", "without_consent_basis", "referred_to", "role")
    assert {path for path in found if not path.endswith(allowed)} <= {
        "RateRegistered.source", "ReportIssued.statement",
    }  # fmt: skip


BY = re.compile(r"\b(AUTH|PA|VU|VG|OEKO|SUND|BK|LEDER|ADMIN|CITIZEN|SYS)\b")
OTHER_TASKS = {
    "DocumentAdded": STAFF, "NoteRecorded": STAFF,  # any staff role
    "EntryCorrected": STAFF, "EntryAnnulled": STAFF,  # whoever may record the target: commands/acts.py
    "MaalgruppeDecided": ("PA",), "GoalsSet": ("PA",),  # the task PA is the adviser's own outside aarhus
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=[row["type"] for row in ROWS])
def test_a_fact_class_is_recorded_by_whom_the_catalogue_names(row):
    wanted = OTHER_TASKS.get(row["type"]) or tuple(BY.findall(row["by"]))
    assert tuple(catalogue()[row["type"]].declared.by) == tuple(wanted)


def test_the_catalogue_has_the_103_types_of_the_twelve_chapters_and_what_was_added_since():
    assert len(ROWS) == 103
    added = set(catalogue()) - {row["type"] for row in ROWS}
    assert added == {
        "CaseAssigned", "ActProposed", "ActConfirmed", "ActRejected", "LegalHoldPlaced", "LegalHoldLifted",
        "ArchiveDelivered", "SubjectErased", "AppealItemAbsent",
        "RateRegistered", "EnquiriesCounted", "ReportIssued", "AccessLogged",
    }  # fmt: skip


@pytest.mark.parametrize("fact_type", catalogue().values(), ids=list(catalogue()))
def test_a_fact_class_is_whole(fact_type):
    fact = fact_type.model_validate_json(json.dumps(example(fact_type)), strict=True)
    assert fact.as_data() == example(fact_type)
    told = sentence(fact, str.upper)
    assert told.endswith((".", "”", "!", "?")) or fact_type.declared.says.endswith("}")
    assert not re.search(r"[\[\]{}]|None", told), told
    assert fields_told(fact_type.declared.says) <= set(fact_type.model_fields)
    assert (fact_type.__doc__ or "").strip()
    assert all(info.description for info in fact_type.model_fields.values())
    assert fact_type.declared.changes_no_state != ("apply" in vars(fact_type))


def test_every_slug_has_its_danish_word():
    def slugs(cls):
        for sub in cls.__subclasses__():
            yield sub
            yield from slugs(sub)

    found = list(slugs(Slug))
    assert len(found) > 60
    for slug in found:
        assert all(member.dansk and re.fullmatch(r"[a-z0-9_]+", member.value) for member in slug), slug
