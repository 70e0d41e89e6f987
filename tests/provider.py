"""Identity providers for tests: a real one in a process of its own, and one of ours whose keys we hold."""

import atexit
import json
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import JWKRegistry

from api.settings import Settings
from tests.conftest import MASTER_KEY

AUDIENCE = "sagsbog"
PUBLIC_URL = "http://127.0.0.1:8000"
_CALLBACK = f"{PUBLIC_URL}/callback"
_PROVIDER = Path(sys.executable).with_name("oidc-provider-mock")


def settings_of(issuer, **more):
    """Settings of a service that the issuer's users log in to."""
    told = {"oidc_issuer": issuer, "oidc_audience": AUDIENCE, "master_key": MASTER_KEY}
    return Settings(**told | more)


class RunningProvider:
    """oidc-provider-mock in a process of its own."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.issuer = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self):
        """Starts it with a new key, at the same address."""
        command = [_PROVIDER, "--port", str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ends = time.monotonic() + 30
        while True:
            try:
                httpx2.get(f"{self.issuer}/jwks").raise_for_status()
            except httpx2.TransportError:
                assert time.monotonic() < ends
                assert self._process.poll() is None
                time.sleep(0.05)
            else:
                return

    def stop(self):
        self._process.terminate()
        self._process.wait()

    def knows(self, user, **claims):
        """Makes a user known, with what the provider says of them."""
        httpx2.put(f"{self.issuer}/users/{user}", json=claims).raise_for_status()

    def logged_in(self, url, user):
        """The address a browser is sent back to when the user logs in at `url`."""
        return httpx2.post(url, data={"sub": user}).headers["Location"]

    def token(self, user, audience=AUDIENCE):
        """A token for a user, got as any client gets it. Its audience is the client."""
        asked = {
            "client_id": audience,
            "redirect_uri": _CALLBACK,
            "response_type": "code",
            "scope": "openid profile",
            "state": "x",
        }
        back = self.logged_in(f"{self.issuer}/oauth2/authorize?{urlencode(asked)}", user)
        form = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(back).query)["code"][0],
            "redirect_uri": _CALLBACK,
        }
        return (
            httpx2.post(f"{self.issuer}/oauth2/token", data=form, auth=(audience, "enhver"))
            .raise_for_status()
            .json()["id_token"]
        )


@cache
def provider():
    """The provider of this test process, started at the first use and stopped with it."""
    running = RunningProvider()
    atexit.register(running.stop)
    return running


READERS = {
    "aarhus": "u-fc-09:familiecentret:fc_raadgiver",
    "esbjerg": "u-frh-09:familieraadgivningen_handicap:frh_raadgiver",
}
"""Who reads on a shared database when a command does not say: the authority, who sees what there is in a case."""


def credentials(url, arguments):
    """What a command on a shared database needs: the provider, and a token for whoever `--as` names."""
    if not url.startswith("postgresql"):
        return {}
    words = [str(one) for one in arguments]
    here = "esbjerg" if any(word.startswith(("ESB-", "esbjerg")) for word in words) else "aarhus"
    who = words[words.index("--as") + 1] if "--as" in words else READERS[here]
    told = {"ISSUER": provider().issuer, "AUDIENCE": AUDIENCE}
    return {f"SAGSBOG_OIDC_{name}": value for name, value in told.items()} | {"SAGSBOG_TOKEN": token_of(who, here)}


@cache
def token_of(who, municipality):
    """A real token for USER:UNIT:ROLE of a municipality."""
    user, unit, role = who.split(":")
    provider().knows(user, municipality=municipality, unit=unit, role=role)
    return provider().token(user)


class OwnProvider:
    """A small issuer whose keys we hold, to make tokens that an honest provider never would."""

    def __init__(self, port):
        self.issuer = f"http://127.0.0.1:{port}"
        self.published = []
        self.asked = 0
        endpoints = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint")}
        self.says = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"} | endpoints

    def key(self, kty="RSA", size=2048, **parameters):
        """A new key, published."""
        key = JWKRegistry.generate_key(kty, size, parameters, auto_kid=True)
        self.published.append(key)
        return key

    def documents(self):
        """What it answers, by path."""
        keys = [key.as_dict(private=key.key_type == "oct") for key in self.published]
        return {"/.well-known/openid-configuration": self.says, "/jwks": {"keys": keys}}


def signed(key, claims, alg="RS256", **header):
    """A token signed with a key, whatever it says."""
    return jwt.encode({"alg": alg, "kid": key.kid, **header}, claims, key, algorithms=[alg])


@contextmanager
def own_provider():
    """An issuer of ours, serving what it publishes."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            own.asked += self.path == "/jwks"
            body = json.dumps(own.documents()[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        own = OwnProvider(server.server_port)
        running = Thread(target=server.serve_forever, args=(0.01,))
        running.start()
        yield own
        server.shutdown()
        running.join()
