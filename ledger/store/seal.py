"""Seals: what makes a change to the ledger visible.

An entry's seal is a SHA-256 over its stored bytes and its place. The bytes of each entry hold the seal of
the entry before it, so the newest seal of a case vouches for the whole case. Sealed values stay
ciphertext under the seal: destroying a key never breaks the chain.
"""

from hashlib import sha256
from typing import Final
from uuid import UUID

NO_SEAL: Final = bytes(32)
"""What the first entry of a stream has before it."""

_ENTRY: Final = b"sagsbog/entry/1"
_COMMITMENT: Final = b"sagsbog/commitment/1"


def framed(*parts: bytes) -> bytes:
    """The parts, each behind its length in eight bytes, so that no two lists of parts give the same bytes."""
    return b"".join([piece for part in parts for piece in (len(part).to_bytes(8), part)])


_BEFORE_CASE: Final = framed(_ENTRY) + (16).to_bytes(8)
_BEFORE_VERSION: Final = (8).to_bytes(8)


def seal_of(case_id: UUID, version: int, type_name: str, stored: bytes) -> bytes:
    """The seal of a stored entry: 32 bytes. It is the leaf of the log, too."""
    # As framed(_ENTRY, case_id.bytes, version.to_bytes(8), type_name.encode(), stored) has it, for every entry anew.
    kind = type_name.encode()
    return sha256(
        b"".join((
            _BEFORE_CASE, case_id.bytes, _BEFORE_VERSION, version.to_bytes(8),
            len(kind).to_bytes(8), kind, len(stored).to_bytes(8), stored,
        ))
    ).digest()  # fmt: skip


def commitment(case_id: UUID, version: int, path: str, salt: bytes, value: bytes) -> bytes:
    """What binds an entry to a sealed value: whoever is given value and salt can check it with SHA-256 alone.

    `path` is the value's place in the stored entry (`data.posts.0.name`), `salt` 32 random bytes, `value`
    its JSON with sorted keys.
    """
    return sha256(framed(_COMMITMENT, case_id.bytes, version.to_bytes(8), path.encode(), salt, value)).digest()
