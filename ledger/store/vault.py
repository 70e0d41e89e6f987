"""The vault: one key per data subject, kept apart from the entries they open.

A data subject is a random id made for one party of one case. Its key is wrapped by a key derived from the
master key, and can be destroyed; then everything sealed under it reads as erased, for ever.
"""

import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final
from uuid import UUID, uuid4

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    func,
    select,
)
from sqlalchemy.exc import IntegrityError

from ledger.errors import SagsbogError

log = structlog.get_logger()
_NONCE: Final = 12
_ROW: Final = b"sagsbog/row/1"
_CACHED: Final = 2_000  # open keys held in memory, about 6 MB
_BATCH: Final = 2_000  # rows fetched at a time
_TOUCHSTONE: Final = "touchstone"  # a secret made with the book; whether it opens tells whose master key this is


class MasterKeyError(SagsbogError):
    """The master key is missing, malformed, or not the one the keys were wrapped with."""


class LostKeyError(SagsbogError):
    """A key is gone that should be there."""


class Vault:
    """The keys of one book, in a database of its own."""

    def __init__(self, engine: Engine, master_key: bytes, book: str, schema: str | None = None) -> None:
        self.engine = engine
        metadata = MetaData(schema=schema)
        self._keys = Table(
            "subject_keys", metadata,
            Column("subject", Uuid, primary_key=True),
            Column("wrapped", LargeBinary),  # NULL once destroyed
            Column("created_at", DateTime(timezone=True), server_default=func.current_timestamp(), nullable=False),
            Column("destroyed_at", DateTime(timezone=True)),
            Index("subject_keys_destroyed", "destroyed_at"),
        )  # fmt: skip
        self._secrets = Table(
            "secrets", metadata,
            Column("name", String, primary_key=True),
            Column("wrapped", LargeBinary, nullable=False),
        )  # fmt: skip
        metadata.create_all(engine)  # looks first; books are opened by one process at a time
        self._wrapper = AESGCM(
            HKDF(SHA256(), 32, salt=None, info=f"sagsbog/vault/1/{book}".encode()).derive(master_key)
        )
        self._turn = Lock()
        self._open: dict[UUID, AESGCM | None] = {}
        self.destroyed = 0
        """How many keys were destroyed, by whichever process, as far as this one knows."""
        self.count = str(select(func.count()).where(self._keys.c.destroyed_at.is_not(None)).compile(engine))
        """The question how many were: the ledger asks it along with everything it reads."""
        self._secret_cache: dict[str, bytes] = {}
        try:
            self.secret(_TOUCHSTONE)  # before anything is wrapped with a master key that is not this book's
        except MasterKeyError:
            engine.dispose()
            raise

    def create(self, keys: Mapping[UUID, bytes]) -> None:
        """Keeps the keys of new data subjects, durable when this returns."""
        if keys:
            rows = [{"subject": one, "wrapped": self._wrap(key, one.bytes)} for one, key in keys.items()]
            with self.engine.begin() as connection:
                connection.execute(self._keys.insert(), rows)
            self._remember({one: AESGCM(key) for one, key in keys.items()}, self.destroyed)

    def ensure(self, subject: UUID) -> AESGCM:
        """The key of a data subject, made now if there never was one."""
        key = self.key(subject)
        if key is None:
            with suppress(IntegrityError):  # another process was first
                self.create({subject: AESGCM.generate_key(256)})
            self._open.pop(subject, None)
            key = self.key(subject)
        if key is None:
            raise LostKeyError("Nøglen til perioden er slettet; der kan ikke skrives mere under den.")
        return key

    def key(self, subject: UUID) -> AESGCM | None:
        """The key of a data subject; None when it was destroyed or is not here."""
        key = self._open.get(subject)
        if key is None and subject not in self._open:
            then = self.destroyed
            query = select(self._keys.c.wrapped).where(self._keys.c.subject == subject)
            with self.engine.connect() as connection:
                wrapped = connection.execute(query).scalar()
            key = AESGCM(self._unwrap(wrapped, subject.bytes)) if wrapped else None
            self._remember({subject: key}, then)
        return key

    def refresh(self) -> None:
        """Forgets cached keys if any key was destroyed since, by whichever process."""
        with self.engine.connect() as connection:
            self.learn(connection.exec_driver_sql(self.count).scalar_one())

    def learn(self, destroyed: int) -> None:
        """How many keys were destroyed by now: cached keys are forgotten when it is another number than before."""
        with self._turn:
            if destroyed != self.destroyed:
                self._open.clear()
                self.destroyed = destroyed

    def destroy(self, subject: UUID) -> None:
        """Destroys a key. There is no way back: what is sealed under it cannot be read again."""
        gone = self._keys.update().where(self._keys.c.subject == subject)
        with self.engine.begin() as connection:
            connection.execute(gone.values(wrapped=None, destroyed_at=func.current_timestamp()))
        self._open.pop(subject, None)
        log.warning("key destroyed", subject=str(subject))

    def was_destroyed(self, subject: UUID) -> bool:
        """Whether the key was destroyed on purpose (a key that was never here is a fault of the vault)."""
        query = select(self._keys.c.destroyed_at).where(self._keys.c.subject == subject)
        with self.engine.connect() as connection:
            return connection.execute(query).scalar() is not None

    def older_than(self, age: timedelta) -> set[UUID]:
        """The data subjects whose keys are older than that by the vault's own clock, and not destroyed."""
        columns, now = self._keys.c, func.current_timestamp()
        query = select(columns.subject, now, columns.created_at).where(columns.destroyed_at.is_(None))
        with self.engine.connect() as connection:
            rows = connection.execute(query.execution_options(yield_per=_BATCH))
            return {subject for subject, now, created_at in rows if now - created_at > age}

    def remove(self, orphans: Iterable[UUID]) -> int:
        """Removes keys that no entry was ever sealed under; says how many there were. Destroyed keys stay.

        The caller answers for it that they are orphans: nothing in the vault tells that a key was here.
        """
        gone = self._keys.delete().where(self._keys.c.destroyed_at.is_(None))
        with self.engine.begin() as connection:
            removed = [one for one in orphans if connection.execute(gone.where(self._keys.c.subject == one)).rowcount]
        for one in removed:
            self._open.pop(one, None)
            log.info("orphan key removed", subject=str(one))
        return len(removed)

    def secret(self, name: str) -> bytes:
        """A key of the book itself (for keyed digests), made at the first call: 32 bytes."""
        if name not in self._secret_cache:
            query = select(self._secrets.c.wrapped).where(self._secrets.c.name == name)
            with self.engine.connect() as connection:
                wrapped = connection.execute(query).scalar()
            if wrapped is None:
                fresh = self._wrap(os.urandom(32), name.encode())
                with suppress(IntegrityError), self.engine.begin() as connection:  # another process was first
                    connection.execute(self._secrets.insert(), {"name": name, "wrapped": fresh})
                with self.engine.connect() as connection:
                    wrapped = connection.execute(query).scalar_one()
            self._secret_cache[name] = self._unwrap(wrapped, name.encode())
        return self._secret_cache[name]

    def blind_index(self, cpr: str) -> str:
        """What a CPR number is looked up by: nobody can tell it who does not hold the book's secret."""
        digits = "".join(filter(str.isdigit, cpr))
        return hmac.new(self.secret("cpr"), digits.encode(), sha256).hexdigest()

    def seal(self, subject: UUID, value: bytes) -> str | None:
        """A value of a data subject for a table that can be told again; None when the key is gone.

        The same value is always sealed to the same bytes, so that two tellings can be compared: the nonce is a
        keyed digest of what it is used for, and none is ever used for anything else.
        """
        key = self.key(subject)
        nonce = hmac.new(self.secret("rows"), subject.bytes + value, sha256).digest()[:_NONCE]
        return b64encode(subject.bytes + nonce + key.encrypt(nonce, value, _ROW)).decode() if key else None

    def unseal(self, sealed: str) -> bytes | None:
        """What was sealed for a table; None once the key is gone."""
        whole = b64decode(sealed)
        subject, nonce, box = UUID(bytes=whole[:16]), whole[16 : 16 + _NONCE], whole[16 + _NONCE :]
        key = self.key(subject)
        return key.decrypt(nonce, box, _ROW) if key else None

    def close(self) -> None:
        """Lets go of the database."""
        self.engine.dispose()

    def _remember(self, keys: Mapping[UUID, AESGCM | None], then: int) -> None:
        """Holds keys as they were when so many had been destroyed; one destroyed since is not to come back."""
        with self._turn:
            if then != self.destroyed:
                return
            if len(self._open) + len(keys) > _CACHED:
                self._open.clear()
            self._open.update(keys)

    def _wrap(self, key: bytes, label: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._wrapper.encrypt(nonce, key, label)

    def _unwrap(self, wrapped: bytes, label: bytes) -> bytes:
        try:
            return self._wrapper.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], label)
        except InvalidTag:
            raise MasterKeyError(
                "Nøglelageret kan ikke åbnes med denne hovednøgle. Brug den, som lageret blev oprettet med."
            ) from None


def master_key_in(text: str) -> bytes:
    """The master key as settings give it: 32 bytes in base64."""
    try:
        key = b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:  # noqa: PLR2004
        raise MasterKeyError("SAGSBOG_MASTER_KEY skal være 32 byte i base64 (lav en med: openssl rand -base64 32).")
    return key


def master_key_file(path: Path) -> tuple[bytes, bool]:
    """The embedded ledger's master key, made with mode 0600 at the first call; and whether it was made now."""
    if made := not path.exists():
        draft = path.with_name(f".{path.name}.{uuid4().hex}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(b64encode(os.urandom(32)).decode() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)  # whole or not at all, and only the first
        except FileExistsError:
            made = False
        finally:
            draft.unlink()
    return master_key_in(path.read_bytes().decode("ascii", "replace").strip()), made
