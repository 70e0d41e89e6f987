"""From what the identity provider says of someone to the principal they are, as the settings map it."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from api.identity_settings import IdentitySettings
from api.principal import Principal
from ledger.cpr import holds_cpr, is_possible_cpr
from ledger.errors import Forbidden
from ledger.facts.entry import Actor
from ledger.facts.values import StaffName
from ledger.law.municipality import Municipality
from ledger.law.rulebook import Rulebook

Claims = Mapping[str, Any]
CITIZEN: Final = "borger"
"""Role of a citizen, and the unit they count as."""
_LONGEST: Final = 64
_NAME: Final = TypeAdapter[str](StaffName)


def principal_of(claims: Claims, settings: IdentitySettings, rulebook: Rulebook) -> Principal:
    """Who the claims say it is; Forbidden when they do not say what a user here must have."""
    here = _municipality(claims, settings, rulebook)
    role = _one(claims, settings.oidc_claim_role, settings.oidc_roles, here.roles, f"rolle i {here.dansk}")
    user = _user(_said(claims, settings.oidc_claim_user))
    actor = Actor(user, _name(_said(claims, settings.oidc_claim_name), user), _unit(claims, settings, here, role), role)
    cpr = _cpr(_said(claims, settings.oidc_claim_cpr)) if role == CITIZEN else None
    return Principal(actor, here.slug, cpr)


def _municipality(claims: Claims, settings: IdentitySettings, rulebook: Rulebook) -> Municipality:
    known = rulebook.municipalities
    return known[_one(claims, settings.oidc_claim_municipality, settings.oidc_municipalities, known, "kommune")]


def _unit(claims: Claims, settings: IdentitySettings, here: Municipality, role: str) -> str:
    if role == CITIZEN:
        return CITIZEN
    return _one(claims, settings.oidc_claim_unit, settings.oidc_units, here.units, f"enhed i {here.dansk}")


def _one(claims: Claims, claim: str, names: Mapping[str, str], known: Collection[str], what: str) -> str:
    """The one thing of a kind that a claim says, by its name here; groups that have no name here say nothing."""
    said = _said(claims, claim)
    values = {one for one in (said if isinstance(said, list) else [said]) if isinstance(one, str)}
    found = {names[one] for one in values if one in names} if names else values
    if len(found) != 1:
        many = f"flere end én {what}" if found else f"ingen {what}"
        raise Forbidden(f"Dit login giver {many} ({claim}). Den, der styrer brugerne, kan rette det.")
    slug = found.pop()
    if slug not in known:
        raise Forbidden(f"Dit login giver {slug[:_LONGEST]!r}, men det er ikke en {what}. Kendte: {', '.join(known)}.")
    return slug


def _said(claims: Claims, claim: str) -> Any:
    """What a claim says: the claim of that very name, else the one a dotted path leads to."""
    if claim in claims:
        return claims[claim]
    found: Any = claims
    for step in claim.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _user(said: Any) -> str:
    if not isinstance(said, str) or not 0 < len(said) <= _LONGEST or not said.isprintable() or set(said) & set(" :"):
        raise Forbidden(f"Dit login giver ikke et bruger-id på 1-{_LONGEST} tegn uden mellemrum og kolon.")
    if holds_cpr(said):
        raise Forbidden("Dit login giver et CPR-nummer som bruger-id. Opslag logges med bruger-id, så det må det ikke.")
    return said


def _name(said: Any, user: str) -> str:
    try:
        name = _NAME.validate_python(said, strict=True).strip()
    except ValidationError:
        return user
    return name if name and name.isprintable() and not holds_cpr(name) else user


def _cpr(said: Any) -> str:
    try:
        return is_possible_cpr(str(said))
    except ValueError:
        raise Forbidden("Dit login siger ikke, hvilket CPR-nummer du har, så din sag kan ikke findes.") from None
