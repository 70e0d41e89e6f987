"""Sealing: what is about a person is never in clear, is bound to its place, and goes with its key."""

from base64 import b64encode
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.persistence import OperationalError
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from ledger.errors import Conflict
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry
from ledger.facts.fact import Fact
from ledger.facts.intake import ApplicationReceived, GuidanceGiven
from ledger.facts.lifecycle import CaseOpened, EntryCorrected, NoteRecorded, PartyRegistered
from ledger.facts.values import ERASED
from ledger.store.books import Books
from ledger.store.ledger import Ledger
from ledger.store.sealing import At, BrokenSealError, open_value, seal_value
from ledger.store.vault import MasterKeyError
from tests.tail import DAY, KAREN, MUNICIPALITY, after

CASE = "AAR-2026-00001"
MOTHER = Actor("u-borger-1", "Sigrid Vestergaard", "borger", "borger", party="p-mor")
FACTS: tuple[tuple[Fact, Actor], ...] = (
    (CaseOpened(case_number=CASE, opened_on=DAY, subject="hjemmetraening", child="p-barn"), KAREN),
    (PartyRegistered(
        party="p-barn", kind="child", name="Alma Vestergaard", cpr="010116-4444", birth_date=date(2016, 1, 1),
    ), KAREN),
    (PartyRegistered(
        party="p-mor", kind="parent", name="Sigrid Vestergaard", cpr="020285-2222", address="Æblevej 7, 8000 Aarhus",
        phone="+45 20 30 40 50", email="sigrid@vestergaard.example", custody="joint", work="Sygeplejerske på Skejby",
        custody_documented_by="Udskrift fra Familieretshuset",
    ), KAREN),
    (ApplicationReceived(
        applicants=("p-mor",), parts=("application_form",), reason="Alma trives ikke i gruppen", methods=(
            {"method": "Domanmetoden", "kind": "alternative", "elements": ("kravlebane", "åndedrætsmaske")},
            {"method": "Taleøvelser", "kind": "conventional", "elements": ("spejløvelser",)},
        ),
    ), MOTHER),
    (GuidanceGiven(form="phone", topics=("Træningstimer", "Ferie hos mormor"), to="p-mor"), KAREN),
    (NoteRecorded(text='Mor er bekymret for "natten"\nog om dagen', about="phone_call", internal=False), KAREN),
)  # fmt: skip
# Long enough not to turn up in hex or base64 by chance.
PERSONAL = (
    "Alma Vestergaard", "Vestergaard", "010116-4444", "2016-01-01", "Sigrid", "020285-2222", "Æblevej", "20 30 40 50",
    "sigrid@", "Sygeplejerske", "Skejby", "Familieretshuset", "trives", "Domanmetoden", "kravlebane", "åndedrætsmaske",
    "Taleøvelser", "spejløvelser", "Træningstimer", "mormor", "bekymret", "natten",
)  # fmt: skip


def drafts(*facts: tuple[Fact, Actor]) -> list[Draft]:
    return [Draft(fact, DAY, actor, "api") for fact, actor in facts]


@pytest.fixture
def ledger(books: Books) -> Ledger:
    """A book with one case of six entries."""
    ledger = books.book(MUNICIPALITY)
    ledger.append(after(ledger, CASE), drafts(*FACTS))
    ledger.number()
    return ledger


def entries(ledger: Ledger) -> list[Entry[Any]]:
    return ledger.entries(after(ledger, CASE).case_id)


def stored(ledger: Ledger, version: int) -> dict[str, Any]:
    (event,) = ledger.recorder.select_events(after(ledger, CASE).case_id, gt=version - 1, lte=version)
    found: dict[str, Any] = orjson.loads(event.state)
    return found


def keys(ledger: Ledger, party: str, version: int) -> tuple[UUID, AESGCM]:
    subject = entries(ledger)[version - 1].subjects[party]
    key = ledger.vault.key(subject)
    assert key is not None
    return subject, key


def strangers_commitment(case_id: UUID, version: int, path: str, salt: bytes, value: bytes) -> bytes:
    """As ledger/store/seal.py tells it, written again: each part behind its length in eight bytes, big end first."""
    digest = sha256()
    for part in (b"sagsbog/commitment/1", case_id.bytes, version.to_bytes(8, "big"), path.encode(), salt, value):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def kept_bytes(ledger: Ledger, database_url: str) -> bytes:
    """Everything of the book: on SQLite every byte of its files, on PostgreSQL every column of every table."""
    if database_url.startswith("sqlite"):
        book = Path(database_url.removeprefix("sqlite:///")) / MUNICIPALITY
        return b"".join(file.read_bytes() for file in sorted(book.glob("*.sqlite*")))
    found = b""
    with psycopg.connect(database_url) as connection:
        for table in ("entries", "log", "sequencer"):
            for row in connection.execute(f"SELECT * FROM sagsbog_{ledger.municipality}.{table}"):
                found += b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in row)
    return found


def test_nothing_personal_is_kept_in_clear(ledger, database_url):
    kept = kept_bytes(ledger, database_url)
    for clear in (CASE, "Karen Lindholt", "familiecentret", "p-mor", "application_form", "hjemmetraening"):
        assert clear.encode() in kept, f"{clear}: a word of the system, or the test looks in the wrong place"
    for secret in PERSONAL:
        assert any(secret in f"{fact.as_data()} {actor.name}" for fact, actor in FACTS)
        for written in (secret.encode(), secret.encode("latin-1"), b64encode(secret.encode())):
            assert written not in kept, secret


def test_what_was_sealed_is_read_back_as_it_was(ledger):
    assert [(entry.fact, entry.actor) for entry in entries(ledger)] == list(FACTS)
    assert [entry.erased for entry in entries(ledger)] == [()] * 6
    assert stored(ledger, 4)["actor"]["name"].keys() == {"commitment", "party", "sealed"}, "a citizen's name"


@pytest.mark.parametrize(
    ("version", "way", "party", "value"),
    [
        (2, "name", "p-barn", "Alma Vestergaard"),
        (3, "address", "p-mor", "Æblevej 7, 8000 Aarhus"),
        (4, "methods.0.elements.1", "p-barn", "åndedrætsmaske"),
        (5, "topics.1", "p-barn", "Ferie hos mormor"),
    ],
)
def test_a_disclosed_value_is_checked_with_sha256_alone(ledger, version, way, party, value):
    sealed: Any = stored(ledger, version)["data"]
    for part in way.split("."):
        sealed = sealed[int(part)] if part.isdecimal() else sealed[part]
    case_id, path = after(ledger, CASE).case_id, f"data.{way}"
    content, salt = open_value(sealed, ((case_id, version), path), *keys(ledger, party, version))
    assert (content, len(salt)) == (orjson.dumps(value), 32)
    published = bytes.fromhex(sealed["commitment"])
    assert strangers_commitment(case_id, version, path, salt, content) == published
    assert strangers_commitment(case_id, version, path, salt, orjson.dumps(value + ".")) != published
    assert strangers_commitment(case_id, version, path + ".0", salt, content) != published
    assert strangers_commitment(case_id, version + 1, path, salt, content) != published
    with pytest.raises(BrokenSealError):
        open_value(sealed, ((case_id, version), path + ".0"), *keys(ledger, party, version))


def test_a_destroyed_key_erases_one_subject_everywhere_and_nothing_else(ledger):
    before, bytes_before = entries(ledger), [stored(ledger, version) for version in range(1, 7)]
    ledger.vault.destroy(before[2].subjects["p-mor"])
    read = entries(ledger)
    mothers = ("name", "cpr", "address", "phone", "email", "work")
    gone = {3: tuple(f"data.{name}" for name in mothers), 4: ("actor.name", "actor.user_id")}
    assert {entry.version: set(entry.erased) for entry in read} == {n: set(gone.get(n, ())) for n in range(1, 7)}
    assert all(getattr(read[2].fact, name) is ERASED for name in mothers)
    assert read[3].actor.name is ERASED
    assert read[2].fact.custody_documented_by == "Udskrift fra Familieretshuset", "about the child"
    assert (read[2].fact.kind, read[2].fact.custody) == ("parent", "joint")
    assert [entry.fact for entry in read if entry.version != 3] == [e.fact for e in before if e.version != 3]
    assert [(entry.seal, entry.previous) for entry in read] == [(entry.seal, entry.previous) for entry in before]
    assert [stored(ledger, version) for version in range(1, 7)] == bytes_before


def test_what_is_recorded_after_an_erasure_is_readable_under_a_new_key(ledger):
    erased = entries(ledger)[2].subjects["p-mor"]
    ledger.vault.destroy(erased)
    again = PartyRegistered(party="p-mor", kind="parent", name="Sigrid Holm")
    for _ in range(2):
        ledger.append(after(ledger, CASE), drafts((again, KAREN)))
    first, second = entries(ledger)[-2:]
    assert (first.fact.name, second.fact.name) == ("Sigrid Holm", "Sigrid Holm")
    assert first.subjects["p-mor"] == second.subjects["p-mor"] != erased
    assert entries(ledger)[2].fact.name is ERASED


def test_another_process_sees_an_erasure_at_its_next_reading(ledger, database_url, clock):
    with Books(database_url, clock, b64encode(bytes(range(32))).decode()) as other:
        assert entries(other.book(MUNICIPALITY))[1].fact.name == "Alma Vestergaard"
        ledger.vault.destroy(entries(ledger)[1].subjects["p-barn"])
        assert entries(other.book(MUNICIPALITY))[1].fact.name is ERASED


def count_keys(ledger: Ledger) -> int:
    schema = "" if ledger.vault.engine.name == "sqlite" else f"sagsbog_{ledger.municipality}_vault."
    with ledger.vault.engine.connect() as connection:
        found: int = connection.execute(text(f"SELECT count(*) FROM {schema}subject_keys")).scalar_one()
    return found


def test_a_key_is_durable_before_its_entry_and_may_be_left_alone(ledger, monkeypatch):
    father = PartyRegistered(party="p-far", kind="parent", name="Jens Vestergaard")
    known, keys_before = after(ledger, CASE), count_keys(ledger)
    seen: list[int] = []

    def broken(*_: Any, **__: Any) -> None:
        seen.append(count_keys(ledger))
        raise OperationalError("the connection broke")

    with monkeypatch.context() as patch:
        patch.setattr(ledger.recorder, "insert_events", broken)
        with pytest.raises(OperationalError):
            ledger.append(known, drafts((father, KAREN)))
    assert seen == [keys_before + 1]
    assert len(entries(ledger)) == 6
    (entry,) = ledger.append(known, drafts((father, KAREN)))
    with pytest.raises(Conflict):
        ledger.append(known, drafts((father, KAREN)))
    assert count_keys(ledger) == keys_before + 3, "one in use, two orphans"
    assert entries(ledger)[-1].fact == father == entry.fact


def test_another_master_key_is_refused(ledger, database_url, clock):
    wrong = b64encode(bytes(32)).decode()
    with pytest.raises(MasterKeyError), Books(database_url, clock, wrong) as other:
        entries(other.book(MUNICIPALITY))
    with pytest.raises(MasterKeyError), Books(database_url, clock, wrong) as other:
        other.book(MUNICIPALITY).append(after(ledger, "en-ny-sag"), drafts(*FACTS[:2]))
    assert len(ledger.cases()) == 1, "nothing is ever sealed under keys that two master keys wrap"
    for malformed in ("", "kort", b64encode(bytes(31)).decode()):
        with pytest.raises(MasterKeyError), Books(f"postgresql://{malformed}", clock, malformed):
            pass


WORDS = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(-1e9, 1e9) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(JSON, st.integers(1, 2**31 - 1), st.text(max_size=20))
def test_any_value_survives_sealing_and_no_two_seals_look_alike(value, version, path):
    at: At = ((uuid4(), version), path)
    subject, key = uuid4(), AESGCM(AESGCM.generate_key(256))
    one, two = seal_value(value, at, "p", subject, key), seal_value(value, at, "p", subject, key)
    content, salt = open_value(one, at, subject, key)
    assert orjson.loads(content) == value
    assert content == orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    assert strangers_commitment(*at[0], path, salt, content).hex() == one["commitment"]
    assert one["sealed"] != two["sealed"]
    assert one["commitment"] != two["commitment"]
    with pytest.raises(BrokenSealError):
        open_value(one, at, uuid4(), key)


def correction(ledger: Ledger, target: int, field: str, old: Any, new: Any) -> Entry[Any]:
    approved = {"user_id": "u-l", "name": "Lis Leder", "role": "fc_leder"}
    fact = EntryCorrected(field=field, old=old, new=new, reason="Skrevet forkert", approved_by=approved)
    ledger.append(after(ledger, CASE), [Draft(fact, DAY, KAREN, "api", refs={"target": target})])
    return entries(ledger)[-1]


def test_a_correction_commits_to_the_old_value_and_seals_the_new(ledger, database_url):
    entry = correction(ledger, 3, "address", "Æblevej 7, 8000 Aarhus", "Pærevej 9, 8000 Aarhus")
    assert (entry.fact.old, entry.fact.new) == (None, "Pærevej 9, 8000 Aarhus")
    assert ledger.load(entry.case_id).told[2].fact.address == "Pærevej 9, 8000 Aarhus"
    data = stored(ledger, entry.version)["data"]
    assert {data["old"]["party"], data["new"]["party"]} == {"p-mor"}, "not the child: the mother lives there"
    place = (entry.case_id, entry.version)
    content, salt = open_value(data["old"], (place, "data.old"), *keys(ledger, "p-mor", entry.version))
    assert content == b""
    target: At = ((entry.case_id, 3), "data.address")
    first, _ = open_value(stored(ledger, 3)["data"]["address"], target, *keys(ledger, "p-mor", 3))
    assert strangers_commitment(*place, "data.old", salt, first).hex() == data["old"]["commitment"]
    assert "Pærevej".encode() not in kept_bytes(ledger, database_url)


def test_a_corrected_list_is_sealed_text_by_text(ledger):
    old = [{"method": "Domanmetoden", "kind": "alternative", "elements": ["kravlebane", "åndedrætsmaske"]}]
    new = [{"method": "ABA", "kind": "conventional", "elements": ["belønning"]}]
    entry = correction(ledger, 4, "methods", old, new)
    assert entry.fact.new == new
    assert entry.fact.old == [{"method": None, "kind": "alternative", "elements": [None, None]}]


def test_a_corrected_word_of_the_system_stays_in_clear(ledger):
    entry = correction(ledger, 3, "custody", "joint", "sole")
    data = stored(ledger, entry.version)["data"]
    assert (data["old"], data["new"], entry.fact.old) == ("joint", "sole", "joint")
    assert data["reason"].keys() == {"commitment", "party", "sealed"}


def test_what_is_left_of_an_erased_entry_can_still_be_corrected(ledger):
    ledger.vault.destroy(entries(ledger)[2].subjects["p-mor"])
    entry = correction(ledger, 3, "custody", "joint", "sole")
    corrected = ledger.load(entry.case_id).told[2].fact
    assert (corrected.custody, corrected.name) == ("sole", ERASED)
