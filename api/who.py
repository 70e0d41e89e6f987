"""Who uses the command line: proved by a token, or believed on the embedded ledger."""

import getpass
import os
import re
from typing import Final

from api.identity_settings import is_shared
from api.principal import Principal
from api.settings import Settings
from ledger.cpr import holds_cpr
from ledger.errors import Fault, Invalid, Unauthenticated
from ledger.facts.entry import Actor

_PARTS: Final = 3
_LONGEST: Final = 64
_USER: Final = re.compile(rf"[0-9A-Za-zÆØÅæøå_.+-]{{1,{_LONGEST}}}")
_NOT_OF_A_USER: Final = re.compile(r"[^0-9A-Za-zÆØÅæøå_.+-]")
_SLUG: Final = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")


def who_records(text: str | None) -> Principal:
    """The one who records: who the token proves, else as `--as` claims."""
    if found := _proved(text):
        return found
    if text is None:
        raise Invalid(Fault("--as", "mangler: BRUGER:ENHED:ROLLE, fx u-fc-01:familiecentret:fc_raadgiver"))
    return Principal(_claimed(text))


def who_reads(text: str | None) -> Principal:
    """The one who reads: who the token proves, else as `--as` claims, else the operating system's user."""
    return _proved(text) or Principal(_operator() if text is None else _claimed(text))


def _proved(text: str | None) -> Principal | None:
    """Who SAGSBOG_TOKEN proves. Required on a shared database, where nobody is someone by saying so."""
    settings = Settings()
    if not settings.token:
        if is_shared(settings.database_url):
            raise Unauthenticated(
                "På en delt database skal SAGSBOG_TOKEN vise, hvem du er: dit token fra login-tjenesten."
            )
        return None
    from api.identity import identity_of  # noqa: PLC0415 - reading it in takes longer than most commands

    principal = identity_of(settings).of(settings.token.get_secret_value())
    proved = f"{principal.actor.user_id}:{principal.actor.unit}:{principal.actor.role}"
    if text not in {None, proved}:
        raise Invalid(Fault("--as", f"er en anden end den, SAGSBOG_TOKEN viser: {proved}"))
    return principal


def _claimed(text: str) -> Actor:
    parts = text.split(":")
    if len(parts) != _PARTS or not all(parts):
        raise Invalid(Fault("--as", f"{text!r} skal have formen BRUGER:ENHED:ROLLE"))
    if holds_cpr(text):  # looks are logged in clear, and stay
        raise Invalid(Fault("--as", "må ikke indeholde et CPR-nummer"))
    user, unit, role = parts
    if not _USER.fullmatch(user):
        raise Invalid(Fault("--as", f"BRUGER skal være 1-{_LONGEST} bogstaver, tal og tegnene _ . + -"))
    if not all(_SLUG.fullmatch(slug) and len(slug) <= _LONGEST for slug in (unit, role)):
        letters = "små bogstaver a-z og tal, evt. delt af enkelte _ . -"
        raise Invalid(Fault("--as", f"ENHED og ROLLE skal være 1-{_LONGEST} tegn: {letters}"))
    return Actor(user, user, unit, role, claimed=True)


def _operator() -> Actor:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        name = ""
    user = _NOT_OF_A_USER.sub("_", name)[:_LONGEST]
    if not user or holds_cpr(name) or holds_cpr(user):
        user = f"uid-{os.getuid()}"
    return Actor(user, user, "drift", "drift", claimed=True)
