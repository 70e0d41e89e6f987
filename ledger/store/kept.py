"""What a recorder keeps beside an entry's bytes."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from ledger.store.seal import framed, seal_of


@dataclass(frozen=True)
class Kept(StoredEvent):
    """A stored entry on its way to the recorder."""

    seal: bytes
    request: str | None = None
    """Mark of the request it was recorded by; on the first entry of an act only."""

    @classmethod
    def of(cls, event: StoredEvent) -> "Kept":
        """A stored event as the ledger keeps it."""
        if isinstance(event, cls):
            return event
        case_id, version = event.originator_id, event.originator_version
        assert isinstance(case_id, UUID)
        return cls(case_id, version, event.topic, event.state, seal_of(case_id, version, event.topic, event.state))


def request_mark(principal: str, request_id: str) -> str:
    """What a request is found by: a digest of who asked and their request id, hex."""
    return sha256(framed(b"sagsbog/request/1", principal.encode(), request_id.encode())).hexdigest()
