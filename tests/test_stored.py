"""What was stored once is read for ever: tests/stored holds a real entry of every type and schema version."""

import json
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.facts.fact import Fact, catalogue
from ledger.facts.lifecycle import EntryCorrected
from ledger.facts.values import Text
from ledger.store.codec import Codec
from ledger.store.sealing import canonical
from tests.stored.write import HERE, sample_path

SAMPLES = sorted(HERE.glob("*.json"))


class Keys:
    """A vault that holds just the keys of a sample."""

    def __init__(self, keys: dict[str, str]) -> None:
        self.keys = {UUID(subject): AESGCM(bytes.fromhex(key)) for subject, key in keys.items()}

    def key(self, subject: UUID) -> AESGCM | None:
        return self.keys.get(subject)


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_a_stored_entry_reads_as_it_did_when_it_was_stored(path):
    sample = json.loads(path.read_text("utf-8"))
    type_name, _, schema_version = path.stem.partition(".")
    stored = sample["stored"].encode()
    entry = Codec(Keys(sample["keys"]), "aarhus").decode(UUID(sample["case_id"]), sample["version"], type_name, stored)
    reads = sample["reads"]
    if type_name == EntryCorrected.declared.type:
        reads = {**reads, "old": None}  # stored as a commitment only
    assert entry.fact.as_data() == reads
    assert entry.seal.hex() == sample["seal"]
    assert json.loads(stored)["schema_version"] == int(schema_version)


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_a_stored_entry_is_plain_json_with_sorted_keys(path):
    stored = json.loads(path.read_text("utf-8"))["stored"].encode()
    assert canonical(json.loads(stored)) == stored


def test_every_type_has_a_sample_of_every_schema_version():
    for fact_type in catalogue().values():
        name = fact_type.declared.type
        for version in range(1, fact_type.declared.schema_version + 1):
            assert (HERE / f"{name}.{version}.json").exists(), f"{name}: run python -m tests.stored.write"
        assert sample_path(fact_type) in SAMPLES


def test_an_older_schema_version_is_read_through_its_upcast():
    class Renamed(
        Fact,
        type="NoteRecordedInATest",
        dansk="Notat",
        data=catalogue()["NoteRecorded"].declared.data,
        says="{said}",
        by=catalogue()["NoteRecorded"].declared.by,
        version=2,
        upcasts=(lambda data: {"said": data["text"]},),
        changes_no_state=True,
    ):
        """A note whose field was called `text` in version 1."""

        said: Text

    sample = json.loads((HERE / "NoteRecorded.1.json").read_text("utf-8"))
    codec = Codec(Keys(sample["keys"]), "aarhus")
    try:
        entry = codec.decode(
            UUID(sample["case_id"]), sample["version"], "NoteRecordedInATest", sample["stored"].encode()
        )
        assert entry.fact == Renamed(said=sample["reads"]["text"])
        unknown = Codec(Keys({}), "aarhus").decode(
            UUID(sample["case_id"]), sample["version"], "NoteRecordedInATest", sample["stored"].encode()
        )
        assert str(unknown.fact.said) == "slettet"
        assert unknown.erased == ("data.text",)
    finally:
        catalogue().pop("NoteRecordedInATest")
