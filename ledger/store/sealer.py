"""By which key each value of an append is sealed: that of the data subject it is about."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.facts.entry import Actor, Request
from ledger.facts.fact import Fact
from ledger.facts.lifecycle import EntryCorrected
from ledger.facts.shape import Shape
from ledger.facts.values import CHILD
from ledger.store.head import Head
from ledger.store.sealing import At, Place, seal_data, seal_value
from ledger.store.vault import LostKeyError, Vault

CITIZEN: Final = "borger"
"""Role of an actor who is not staff: their name is personal."""


class Sealer:
    """Seals the values of one append. A data subject is made at the first value about its party."""

    def __init__(self, vault: Vault, head: Head, child: str) -> None:
        self.vault = vault
        self.head = head
        self.child = child
        self.keys: dict[str, tuple[UUID, AESGCM]] = {}
        self.fresh: dict[UUID, bytes] = {}
        self.used: dict[Place, dict[str, UUID]] = {}
        """Entry to the data subjects of its sealed values."""

    def data(
        self, place: Place, fact: Fact, data: Mapping[str, Any], shape: Shape, about: Mapping[str, Any]
    ) -> dict[str, Any]:
        """A fact's data as it is stored. `about` holds the names of the parties it is about."""

        def sealed(value: Any, path: str, field: str) -> dict[str, str]:
            replaced = isinstance(fact, EntryCorrected) and f"{path}.".startswith("data.old.")
            return self._seal(value, (place, path), self.child if field == CHILD else about[field], keep=not replaced)

        return seal_data(data, shape, sealed)

    def actor(self, place: Place, actor: Actor, about: Mapping[str, Any]) -> dict[str, Any]:
        """An actor as stored: staff in clear, because it is public office; of a citizen only role and party."""
        stored = dict(_as_stored(actor))
        if actor.role == CITIZEN:
            party = actor.party or self.child or about["period"]
            for name in ("name", "user_id"):
                stored[name] = self._seal(stored[name], (place, f"actor.{name}"), party)
        return stored

    def request(self, place: Place, request: Request) -> dict[str, Any]:
        """A request as stored. What was asked may be about a person: its digest goes with the child's key."""
        digest = self._seal(request.digest, (place, "request.digest"), self.child) if self.child else request.digest
        return {"digest": digest, "id": request.id}

    def _seal(self, value: Any, at: At, party: str, *, keep: bool = True) -> dict[str, str]:
        subject, key = self._key(party)
        self.used.setdefault(at[0], {})[party] = subject
        return seal_value(value, at, party, subject, key, keep=keep)

    def keep_keys(self) -> None:
        """Makes the new keys durable. An entry may only follow after this."""
        self.vault.create(self.fresh)

    def _key(self, party: str) -> tuple[UUID, AESGCM]:
        if party not in self.keys:
            self.keys[party] = self._found(party) or self._made()
        return self.keys[party]

    def _found(self, party: str) -> tuple[UUID, AESGCM] | None:
        if not self.child:  # the book's own streams: a subject is a period, the same for every process
            subject = uuid5(self.head.case_id, party)
            return subject, self.vault.ensure(subject)
        known = self.head.subjects.get(party)
        if known is None:
            return None
        key = self.vault.key(known)
        if key is None and not self.vault.was_destroyed(known):
            raise LostKeyError(f"Nøglen til {party} mangler i nøglelageret, men er ikke slettet. Gendan nøglelageret.")
        return (known, key) if key else None

    def _made(self) -> tuple[UUID, AESGCM]:
        subject, key = uuid4(), AESGCM.generate_key(256)
        self.fresh[subject] = key
        return subject, AESGCM(key)


@lru_cache(maxsize=10_000)
def _as_stored(actor: Actor) -> Mapping[str, Any]:
    """The same few members of staff, as what they record names them."""
    return {name: value for name, value in asdict(actor).items() if value not in (None, False)}
