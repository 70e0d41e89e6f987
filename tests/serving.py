"""What tests of the service share: a running app, and clients that are logged in."""

from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from uuid import uuid4

from fastapi.testclient import TestClient

from api.http.app import create_app
from api.http.following import Following
from api.http.service import Service
from api.identity import LocalIdentity
from api.settings import Settings

KAREN, POUL, RITA = "u-aa-karen", "u-aa-poul", "u-aa-rita"
"""Of Aarhus: adviser, leader, registrar."""


class Served:
    """A running service, and a client for each user."""

    def __init__(self, app, identity):
        self.app = app
        self.identity = identity

    def client(self, user):
        client = TestClient(self.app, raise_server_exceptions=False)
        client.headers["Authorization"] = f"Bearer {self.identity.token(user)}"
        return client


@contextmanager
def served(books, directory: Path, **settings):
    """The service over some books, with the embedded ledger's own users, and what keeps the read models up."""
    identity = LocalIdentity(directory)
    app = create_app(Service(Settings(**settings), books, identity))
    with TestClient(app), followed(books):  # runs the lifespan
        yield Served(app, identity)


@contextmanager
def followed(books):
    """The read models are kept up, as by the process beside the service."""
    following = Following(books)
    thread = Thread(target=following.run, name="follower")
    thread.start()
    try:
        yield
    finally:
        following.end()
        thread.join()


def writing(version=None, key=None):
    """The headers of a write."""
    headers = {"Idempotency-Key": key or str(uuid4())}
    return headers if version is None else {**headers, "If-Match": f'"{version}"'}
