"""Whether anything was changed, left out or put in: seals, chains and the log, recomputed from the stored bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import orjson

from ledger.store.ledger import Ledger
from ledger.store.seal import NO_SEAL, seal_of

_BATCH = 2_000


@dataclass(frozen=True)
class Verified:
    """What was checked, and what was found wrong."""

    municipality: str
    entries: int
    streams: int
    not_numbered: int
    """Committed entries that the sequencer had not reached before the log was read."""
    faults: tuple[str, ...]


def verify(ledger: Ledger) -> Verified:
    """Reads the whole log in order and recomputes every seal and every link."""
    return read_through(ledger)[0]


def read_through(ledger: Ledger) -> tuple[Verified, set[UUID]]:
    """What `verify` finds, and the data subjects that the entries read name.

    When nothing was waiting for its number, that is every entry committed before this was called.
    """
    while ledger.number():
        pass
    waiting = ledger.recorder.unnumbered()  # counted first: what is numbered by now is read below
    heads: dict[UUID, tuple[int, bytes]] = {}
    subjects: set[UUID] = set()
    faults: list[str] = []
    last = 0
    while batch := ledger.recorder.sealed_after(last, _BATCH):
        for seq, event, leaf in batch:
            assert isinstance(event.originator_id, UUID)
            case_id, version = event.originator_id, event.originator_version
            seal = seal_of(case_id, version, event.topic, event.state)
            known, previous = heads.get(case_id, (0, NO_SEAL))
            names, link = _read(event.state)
            faults += _faults(seq, last, (version, known), (link, previous), (seal, leaf))
            subjects |= names
            heads[case_id] = (version, seal)
            last = seq
    faults += _lost_keys(ledger, subjects)
    newest = ledger.recorder.max_notification_id() or 0
    if newest > last and not ledger.recorder.sealed_after(last, 1):
        faults.append(f"Loggen når til nummer {newest}, men registreringerne kun til nummer {last}.")
    if waiting and ledger.recorder.numbers_at_once:
        faults.append(f"{waiting} registreringer mangler i loggen.")
    return Verified(ledger.municipality, last, len(heads), waiting, tuple(faults)), subjects


def _read(stored: bytes) -> tuple[set[UUID], str]:
    """The data subjects that an entry names, and the seal it follows on; nothing of either when it is unreadable."""
    try:
        raw = orjson.loads(stored)
        return {UUID(subject) for subject in raw.get("subjects", {}).values()}, str(raw["previous"])
    except (AttributeError, LookupError, TypeError, ValueError):
        return set(), ""


def _faults(
    seq: int, last: int, version: tuple[int, int], link: tuple[str, bytes], seals: tuple[bytes, bytes]
) -> Iterator[str]:
    if seq != last + 1:
        yield f"Loggen springer fra nummer {last} til {seq}."
    if version[0] != version[1] + 1:
        yield f"Nummer {seq}: sagen springer fra version {version[1]} til {version[0]}."
    if seals[0] != seals[1]:
        yield f"Nummer {seq}: den gemte registrering passer ikke til sit segl i loggen."
    if link[0] != link[1].hex():
        yield f"Nummer {seq}: registreringen følger ikke efter den foregående på sagen."


def _lost_keys(ledger: Ledger, subjects: set[UUID]) -> Iterator[str]:
    for subject in sorted(subjects):
        if ledger.vault.key(subject) is None and not ledger.vault.was_destroyed(subject):
            yield f"Nøglen til {subject} mangler i nøglelageret, men er ikke slettet."
