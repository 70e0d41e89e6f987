"""Identity: which tokens prove who someone is, and what it takes to be let in."""

import hmac
import json
import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import JWKRegistry
from pydantic import ValidationError

from api.identity import LocalIdentity, OidcIdentity, identity_of, local_users, refuse_unsafe
from api.settings import Settings
from ledger.errors import Forbidden, NotFound, SagsbogError, Unauthenticated, Unavailable
from ledger.law.rulebook import rulebook_in_force
from tests.provider import AUDIENCE, RunningProvider, own_provider, provider, settings_of, signed

SKEW = 30
KAREN = {"name": "Karen Prøvesen", "municipality": "aarhus", "unit": "familiecentret", "role": "fc_raadgiver"}


class Moment:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.now = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def move(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def moment():
    return Moment()


@pytest.fixture
def own():
    with own_provider() as own:
        yield own


@pytest.fixture
def identity(own, moment):
    return oidc(own.issuer, moment)


def oidc(issuer, moment, **settings):
    return OidcIdentity(settings_of(issuer, **settings), rulebook_in_force(), clock=moment)


@pytest.fixture
def said(own, moment):
    """What an honest token says now, with or without more."""

    def told(**more):
        now = int(moment().timestamp())
        claims = {"iss": own.issuer, "aud": AUDIENCE, "sub": "u-fc-01", "iat": now, "exp": now + 600} | KAREN | more
        return {name: value for name, value in claims.items() if value is not None}

    return told


# Tokens of a real provider


def test_a_real_provider_proves_who_someone_is():
    provider().knows("u-fc-01", **KAREN)
    principal = identity_of(settings_of(provider().issuer)).of(provider().token("u-fc-01"))
    assert (principal.actor.user_id, principal.actor.name) == ("u-fc-01", "Karen Prøvesen")
    assert (principal.actor.unit, principal.actor.role) == ("familiecentret", "fc_raadgiver")
    assert (principal.municipality, principal.cpr, principal.actor.claimed) == ("aarhus", None, False)


def test_another_audience_another_issuer_and_a_key_that_is_gone_prove_nothing():
    theirs = RunningProvider()
    try:
        theirs.knows("u-fc-01", **KAREN)
        provider().knows("u-fc-01", **KAREN)
        moment = Moment()
        moment.now = datetime.now(UTC)
        identity = oidc(theirs.issuer, moment)
        before = theirs.token("u-fc-01")
        assert identity.of(before).actor.user_id == "u-fc-01"
        for token in (theirs.token("u-fc-01", audience="another"), provider().token("u-fc-01")):
            with pytest.raises(Unauthenticated):
                identity.of(token)
        theirs.stop()
        theirs.start()  # with a new key: tokens of the old one are revoked
        theirs.knows("u-fc-01", **KAREN)
        assert identity.of(before).actor.user_id == "u-fc-01"  # until the old key is too old
        moment.move(seconds=301)
        with pytest.raises(Unauthenticated):
            identity.of(before)
        assert identity.of(theirs.token("u-fc-01")).actor.user_id == "u-fc-01"
    finally:
        theirs.stop()


# Signatures


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (("RSA", 2048), "RS256"),
        (("RSA", 2048), "PS256"),
        (("EC", "P-256"), "ES256"),
        (("OKP", "Ed25519"), "Ed25519"),
    ],
)
def test_the_listed_signatures_are_accepted(own, identity, said, key, alg):
    assert identity.of(signed(own.key(*key), said(), alg)).actor.user_id == "u-fc-01"


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_a_provider_may_use_the_old_name_of_ed25519(own, identity, said):
    assert identity.of(signed(own.key("OKP", "Ed25519"), said(), "EdDSA")).actor.user_id == "u-fc-01"


def segment(value):
    """A part of a token."""
    return urlsafe_b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).rstrip(b"=").decode()


def made(header, claims, sign):
    """A token that no library would make."""
    told = f"{segment(header)}.{segment(claims)}"
    return f"{told}.{segment(sign(told.encode()))}"


def none(key, claims):
    """A token that is signed by nobody."""
    return made({"alg": "none", "kid": key.kid}, claims, lambda _: b"")


def with_public_key(key, claims):
    """The public key used as if it were a shared secret."""
    return made({"alg": "HS256", "kid": key.kid}, claims, lambda told: hmac.digest(key.as_pem(), told, "sha256"))


def critical(key, claims):
    """Rightly signed, with a header that must be understood, and is not."""
    header = {"alg": "RS256", "kid": key.kid, "crit": ["kun-hos-os"], "kun-hos-os": 1}
    return made(header, claims, lambda told: key.private_key.sign(told, PKCS1v15(), SHA256()))


def forged(key, claims):
    """Signed with a key of someone else under a known key's id."""
    return signed(JWKRegistry.generate_key("RSA", 2048), claims, kid=key.kid)


def tampered(key, claims):
    """An honest token with another payload."""
    head, _, signature = signed(key, claims).split(".")
    return f"{head}.{segment(claims | {'role': 'leder'})}.{signature}"


def unknown_key(_, claims):
    """Signed with a key that was never published."""
    return signed(JWKRegistry.generate_key("RSA", 2048, auto_kid=True), claims)


def longer_hash(key, claims):
    """Signed in a way that is not listed."""
    return signed(key, claims, "RS512")


FORGERIES = [none, with_public_key, forged, tampered, unknown_key, longer_hash, critical]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forged_token_proves_nothing(own, identity, said, forge):
    key = own.key()
    assert identity.of(signed(key, said())).actor.user_id == "u-fc-01"
    assert not is_accepted(identity, forge(key, said()))


def test_a_shared_secret_or_an_encryption_key_that_is_published_signs_nothing(own, identity, said):
    own.key()
    secret, meant_for_encryption = own.key("oct", 256), own.key(use="enc")
    with pytest.raises(Unauthenticated):
        identity.of(signed(secret, said(), "HS256"))
    with pytest.raises(Unauthenticated):
        identity.of(signed(JWKRegistry.import_key(meant_for_encryption.as_dict(True, use="sig")), said()))


# Times, issuer, audience


@pytest.mark.parametrize(
    ("more", "accepted"),
    [
        ({}, True),
        ({"exp": 1 - SKEW}, True),
        ({"exp": -SKEW}, False),
        ({"exp": None}, False),
        ({"exp": "i morgen"}, False),
        ({"nbf": SKEW}, True),
        ({"nbf": SKEW + 1}, False),
        ({"iat": SKEW}, True),
        ({"iat": SKEW + 1}, False),
    ],
)
def test_a_token_counts_within_its_times_and_the_skew_of_the_clocks(own, identity, said, more, accepted):
    now = said()["iat"]
    times = {name: now + value if isinstance(value, int) else value for name, value in more.items()}
    assert is_accepted(identity, signed(own.key(), said(**times))) is accepted


@pytest.mark.parametrize(
    ("more", "accepted"),
    [
        ({"aud": ["another", AUDIENCE]}, True),
        ({"aud": "another"}, False),
        ({"aud": []}, False),
        ({"aud": None}, False),
        ({"aud": {AUDIENCE: 1}}, False),
        ({"iss": "https://login.example.dk"}, False),
        ({"iss": None}, False),
    ],
)
def test_a_token_must_come_from_the_issuer_and_be_meant_for_this_service(own, identity, said, more, accepted):
    assert is_accepted(identity, signed(own.key(), said(**more))) is accepted


def is_accepted(identity, token):
    try:
        identity.of(token)
    except Unauthenticated:
        return False
    return True


# Keys that come and go


def test_a_new_key_is_found_and_a_revoked_one_counts_no_longer_than_the_maximum_age(own, identity, said, moment):
    old = own.key()
    assert is_accepted(identity, signed(old, said()))
    moment.move(seconds=11)
    new = own.key()
    assert is_accepted(identity, signed(new, said()))
    own.published = [new]
    moment.move(seconds=300)
    assert is_accepted(identity, signed(old, said()))
    moment.move(seconds=1)
    assert not is_accepted(identity, signed(old, said()))
    assert is_accepted(identity, signed(new, said()))


def test_bad_tokens_do_not_make_the_provider_be_asked_again_and_again(own, identity, said, moment):
    bad = [forge(own.key(), said(exp=None)) for forge in (unknown_key, forged)]
    for token in bad * 20:
        assert not is_accepted(identity, token)
    assert own.asked == 1
    moment.move(seconds=10)
    for token in bad * 20:
        assert not is_accepted(identity, token)
    assert own.asked == 2


def test_a_provider_that_cannot_be_asked_is_told_apart_from_a_bad_token(own, identity, said, moment):
    key = own.key()
    assert is_accepted(identity, signed(key, said()))
    own.says["jwks_uri"] = "http://127.0.0.1:1/jwks"
    assert is_accepted(identity, signed(key, said()))  # what was published is still fresh
    moment.move(seconds=301)
    for _ in range(2):
        with pytest.raises(Unavailable, match="svarer ikke"):
            identity.of(signed(key, said()))
    own.says["jwks_uri"] = f"{own.issuer}/jwks"
    moment.move(seconds=2)
    assert is_accepted(identity, signed(key, said()))


@pytest.mark.parametrize(
    "says",
    [
        {"issuer": "https://login.example.dk"},
        {"jwks_uri": "http://login.example.dk/jwks"},
        {"jwks_uri": None},
        {"jwks_uri": "ikke en adresse"},
    ],
)
def test_a_provider_that_says_something_odd_of_itself_is_not_believed(own, identity, said, says):
    token = signed(own.key(), said())
    own.says |= says
    with pytest.raises(Unavailable):
        identity.of(token)


# What a token may be


ODD = ["", "x", "x.y.z", "..", "....", "a" * 300_000, "æ.ø.å", "\ud800.x.y"]
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=3)


def test_whatever_comes_as_a_token_is_refused_in_words(own, tmp_path, moment):
    own.key()
    for identity in (oidc(own.issuer, moment), LocalIdentity(tmp_path)):
        for token in (
            *ODD,
            f"{segment(b'[' * 50_000)}.x.y",
            *(f"{segment(head)}.e30.x" for head in ("alg", ["alg"], {"alg": []}, 1)),
        ):
            with pytest.raises(Unauthenticated):
                identity.of(token)


@given(head=JSON | st.fixed_dictionaries({"alg": JSON, "kid": JSON}), payload=JSON)
def test_no_header_or_payload_breaks_the_reading_of_tokens(head, payload, tmp_path_factory):
    identity = LocalIdentity(tmp_path_factory.getbasetemp() / "odd")
    with pytest.raises(Unauthenticated):
        identity.of(f"{segment(head)}.{segment(payload)}.x")


# From claims to a principal


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"role": None}, "ingen rolle i Aarhus Kommune"),
        ({"unit": None}, "ingen enhed i Aarhus Kommune"),
        ({"municipality": None}, "ingen kommune"),
        ({"municipality": "odense"}, "ikke en kommune"),
        ({"role": "frh_raadgiver"}, "ikke en rolle i Aarhus Kommune"),
        ({"municipality": "nyborg"}, "ikke en rolle i Nyborg Kommune"),
        ({"unit": "socialafdelingen"}, "ikke en enhed i Aarhus Kommune"),
        ({"role": ["leder", "fc_raadgiver"]}, "flere end én rolle"),
        ({"role": 7}, "ingen rolle"),
        ({"sub": "710118-0001"}, "CPR-nummer som bruger-id"),
        ({"sub": "7101180001"}, "CPR-nummer som bruger-id"),
        ({"sub": "x" * 65}, "ikke et bruger-id"),
        ({"sub": ""}, "ikke et bruger-id"),
        ({"sub": "u 1"}, "ikke et bruger-id"),
        ({"sub": None}, "ikke et bruger-id"),
        ({"role": "borger"}, "hvilket CPR-nummer"),
        ({"role": "borger", "cpr": "999999-9999"}, "hvilket CPR-nummer"),
    ],
)
def test_a_proved_user_without_a_place_here_is_not_let_in(own, identity, said, more, says):
    with pytest.raises(Forbidden, match=says):
        identity.of(signed(own.key(), said(**more)))


def test_a_citizen_is_known_by_the_cpr_number_that_the_provider_vouches_for(own, identity, said):
    key = own.key()
    citizen = identity.of(signed(key, said(role="borger", unit=None, name="Mor Testesen", cpr="7101180001")))
    assert (citizen.actor.role, citizen.actor.unit, citizen.cpr) == ("borger", "borger", "710118-0001")
    assert "0001" not in repr(citizen)
    assert identity.of(signed(key, said(cpr="710118-0001"))).cpr is None  # not read for staff


def test_claims_are_mapped_as_the_settings_say(own, moment, said):
    identity = oidc(
        own.issuer, moment, oidc_claim_user="preferred_username", oidc_claim_role="realm_access.roles",
        oidc_claim_municipality="iss", oidc_claim_unit="https://kommune.example/afdeling",
        oidc_municipalities={own.issuer: "aarhus"}, oidc_units={"MBU 4711": "familiecentret"},
        oidc_roles={"HT-Raadgiver": "fc_raadgiver", "HT-Leder": "leder"},
    )  # fmt: skip
    claims = {
        "preferred_username": "karen@aarhus.example", "realm_access": {"roles": ["Alle", "HT-Raadgiver"]},
        "https://kommune.example/afdeling": "MBU 4711",
    }  # fmt: skip
    key = own.key()
    actor = identity.of(signed(key, said(**claims))).actor
    assert (actor.user_id, actor.role, actor.unit) == ("karen@aarhus.example", "fc_raadgiver", "familiecentret")
    for roles in (["Alle"], ["HT-Raadgiver", "HT-Leder"], ["fc_raadgiver"]):
        with pytest.raises(Forbidden):
            identity.of(signed(key, said(**claims | {"realm_access": {"roles": roles}})))


@pytest.mark.parametrize("name", [None, "", " ", 7, "Karen 710118-0001", "Karen\x00", "K" * 201])
def test_someone_whose_name_cannot_be_shown_is_shown_by_user_id(own, identity, said, name):
    assert identity.of(signed(own.key(), said(name=name))).actor.name == "u-fc-01"


# The embedded ledger's own users


def test_every_role_of_every_municipality_has_a_local_user_who_is_invented(tmp_path):
    municipalities = rulebook_in_force().municipalities
    identity = LocalIdentity(tmp_path)
    known = {identity.of(identity.token(user)) for user in local_users()}
    roles = {(who.municipality, who.actor.role) for who in known}
    assert roles == {(here.slug, role) for here in municipalities.values() for role in here.roles}
    for who in known:
        assert who.actor.unit in municipalities[who.municipality].units
        assert re.search(r" Prøve(sen)?\b| Testesen$", who.actor.name)
        assert (who.cpr is not None) == (who.actor.role == "borger")


def test_a_local_token_counts_for_a_day_of_work_and_only_where_it_was_made(tmp_path, moment):
    identity = LocalIdentity(tmp_path / "her", moment)
    token = identity.token("u-aa-karen")
    assert LocalIdentity(tmp_path / "her", moment).of(token).actor.user_id == "u-aa-karen"
    assert (tmp_path / "her" / "tokens.key").stat().st_mode & 0o777 == 0o600
    assert not is_accepted(LocalIdentity(tmp_path / "der", moment), token)
    moment.move(hours=12)
    assert not is_accepted(identity, token)
    with pytest.raises(NotFound, match="sagsbog token --list"):
        identity.token("u-findes-ikke")


# Which identity, and where it is served


BROWSERS = {"oidc_client_id": "sagsbog", "public_url": "https://sagsbog.example.dk"}


def test_the_settings_choose_who_is_let_in(tmp_path):
    embedded = Settings(database_url=f"sqlite:///{tmp_path / 'data'}")
    assert isinstance(identity_of(embedded), LocalIdentity)
    issuer = {"oidc_issuer": "https://login.example.dk", "oidc_audience": AUDIENCE}
    assert isinstance(identity_of(embedded.model_copy(update=issuer)), OidcIdentity)
    for said, wanted in [
        ({"database_url": "postgresql://x@y/z"}, "SAGSBOG_OIDC_ISSUER"),
        (issuer | {"oidc_audience": None}, "SAGSBOG_OIDC_AUDIENCE"),
        (issuer | {"oidc_client_id": "sagsbog"}, "SAGSBOG_PUBLIC_URL"),
        (issuer | {"database_url": "postgresql://x@y/z"} | BROWSERS, "SAGSBOG_MASTER_KEY"),
    ]:
        with pytest.raises(SagsbogError, match=wanted):
            identity_of(embedded.model_copy(update=said))


ISSUER = {"oidc_issuer": "https://login.example.dk"}
TLS = {"tls_certificate": "cert.pem", "tls_key": "key.pem"}
PROXY = {"trusted_proxy": "10.0.0.1, 10.1.0.0/16"}


@pytest.mark.parametrize(
    ("host", "said", "wanted"),
    [
        ("127.0.0.1", {}, ()),
        ("127.8.8.8", {}, ()),
        ("localhost", {}, ()),
        ("::1", {}, ()),
        ("0.0.0.0", ISSUER | TLS, ()),  # noqa: S104
        ("sagsbog.example.dk", ISSUER | PROXY, ()),
        ("0.0.0.0", {}, ("OIDC_ISSUER", "TLS_CERTIFICATE", "TRUSTED_PROXY")),  # noqa: S104
        ("::", TLS, ("OIDC_ISSUER",)),
        ("192.168.1.7", ISSUER, ("TLS_CERTIFICATE", "TLS_KEY", "TRUSTED_PROXY")),
        ("localhost.example.dk", ISSUER | {"tls_certificate": "cert.pem"}, ("TLS_KEY",)),
        ("", PROXY, ("OIDC_ISSUER",)),
    ],
)
def test_only_loopback_is_served_without_an_issuer_and_tls_or_a_stated_proxy(host, said, wanted):
    settings = Settings(**said)
    if not wanted:
        refuse_unsafe(settings, host)
        return
    with pytest.raises(SagsbogError) as refused:
        refuse_unsafe(settings, host)
    assert all(f"SAGSBOG_{name}" in str(refused.value) for name in wanted)
    assert ("OIDC_ISSUER" in str(refused.value)) == ("OIDC_ISSUER" in wanted)


@pytest.mark.parametrize(
    "said",
    [
        {"oidc_issuer": "http://login.example.dk"},
        {"oidc_issuer": "login.example.dk"},
        {"public_url": "http://sagsbog.example.dk"},
        {"trusted_proxy": "0.0.0.0/0"},
        {"trusted_proxy": "10.0.0.1,::/0"},
        {"trusted_proxy": "*"},
        {"oidc_algorithms": ["none"]},
        {"oidc_algorithms": ["HS256"]},
        {"oidc_clock_skew_seconds": 3600},
    ],
)
def test_settings_that_would_let_anyone_in_are_refused(said):
    with pytest.raises(ValidationError):
        Settings(**said)
