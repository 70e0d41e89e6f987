"""Sealing: what is about a person is encrypted before the entry's bytes exist.

A sealed value is stored as {"commitment", "party", "sealed"}: ciphertext under the data subject's key
(AES-256-GCM, random nonce, bound to its place), with the commitment's 32 random bytes inside it, and padded,
so that its length tells nothing.
"""

import os
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.errors import SagsbogError
from ledger.facts.shape import Shape, rewrite
from ledger.facts.values import ERASED
from ledger.store.seal import commitment, framed

_TAG: Final = b"sagsbog/sealed/1"
_SALT: Final = 32
_NONCE: Final = 12
_BLOCK: Final = 64  # values are padded with spaces, which JSON does not mind: true and false look alike


class BrokenSealError(SagsbogError):
    """A sealed value is not what was sealed here under this key."""


Place = tuple[UUID, int]
"""Case id and version of the entry a value stands in."""
At = tuple[Place, str]
"""The entry and the path of a value in it."""


def canonical(value: Any) -> bytes:
    """A JSON value in the one form that is stored, sealed and committed to: sorted keys, no spaces."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def seal_value(value: Any, at: At, party: str, subject: UUID, key: AESGCM, *, keep: bool = True) -> dict[str, str]:
    """A value as it is stored. Without `keep` only the commitment to it is, with its random bytes."""
    place, path = at
    plain, salt, nonce = canonical(value), os.urandom(_SALT), os.urandom(_NONCE)
    content = salt + plain + b" " * (-len(plain) % _BLOCK) if keep else salt
    box = nonce + key.encrypt(nonce, content, _in_entry(place) + _in_value(path, subject))
    return {
        "commitment": commitment(*place, path, salt, plain).hex(),
        "party": party,
        "sealed": b64encode(box).decode(),
    }


def open_value(stored: Mapping[str, str], at: At, subject: UUID, key: AESGCM) -> tuple[bytes, bytes]:
    """The value as canonical JSON (empty when only committed to) and its random bytes."""
    place, path = at
    opened = _decrypt(stored, _in_entry(place) + _in_value(path, subject), key)
    return opened[_SALT:].rstrip(b" "), opened[:_SALT]


def _decrypt(stored: Mapping[str, str], place: bytes, key: AESGCM) -> bytes:
    box = a2b_base64(stored["sealed"])
    try:
        return key.decrypt(box[:_NONCE], box[_NONCE:], place)
    except InvalidTag:
        raise BrokenSealError("En forseglet oplysning er ændret efter at den blev gemt. Kør: sagsbog verify") from None


def _in_entry(place: Place) -> bytes:
    """What binds a ciphertext to its entry; the place of a value in it follows."""
    case_id, version = place
    return framed(_TAG, case_id.bytes, version.to_bytes(8))


def _in_value(path: str, subject: UUID) -> bytes:
    return framed(path.encode(), subject.bytes)


def seal_data(data: Mapping[str, Any], shape: Shape, seal: Callable[[Any, str, str], Any]) -> dict[str, Any]:
    """A fact's data with every sealed value replaced by what `seal(value, path, about)` makes of it.

    `about` is the name of the field that holds the party the value is about, CHILD for the child.
    """

    def visit(path: str, value: Any, node: Shape) -> Any:
        return value if node.sealed is None or value is None else seal(value, path, node.sealed.subject)

    fields = shape.fields  # KeyError for a member that the shape does not know: nothing is passed over
    return {
        name: rewrite(fields[name], value, visit, f"data.{name}") if fields[name].seals else value
        for name, value in data.items()
    }


class Opener:
    """Opens the sealed values of one stored entry, as far as their keys exist."""

    def __init__(self, place: Place, key_of: Callable[[str], tuple[UUID, AESGCM | None]]) -> None:
        """`key_of` gives the data subject of a party, and its key."""
        self._place = _in_entry(place)
        self._key_of = key_of
        self.erased: list[str] = []
        """Paths of the values whose key is gone."""

    def open(self, stored: Any, path: str) -> Any:
        """The value with every sealed value in it opened; ERASED where the key is gone."""
        if type(stored) is dict:
            if "commitment" in stored:
                return self._opened(stored, path)
            return {
                name: self.open(one, f"{path}.{name}") if type(one) in _CONTAINERS else one
                for name, one in stored.items()
            }
        if type(stored) is list:
            return [self.open(one, f"{path}.{i}") if type(one) in _CONTAINERS else one for i, one in enumerate(stored)]
        return stored

    def _opened(self, stored: Mapping[str, str], path: str) -> Any:
        subject, key = self._key_of(stored["party"])
        if key is None:
            self.erased.append(path)
            return ERASED
        content = _decrypt(stored, self._place + _in_value(path, subject), key)[_SALT:]
        return orjson.loads(content) if content else None


_CONTAINERS: Final = (dict, list)
