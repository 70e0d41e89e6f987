"""The service as it is measured: in a process of its own, with routes beside it that do nothing.

What is empty asks who it is and answers, as every route does; so the ratio to it is what the product itself costs.
"""

import sys
from pathlib import Path
from socket import socket

import uvicorn
from fastapi import Response

from api import logs
from api.http.app import create_app
from api.http.service import Service, Serving, Who
from api.http.writing import Body
from api.identity import LocalIdentity
from api.looking import find_case
from api.settings import Settings
from api.tables import as_json
from projections import cases
from replay.as_of import Point, sight
from tests.benchmarks.places import Engine, Place


def empty(who: Who) -> Response:
    """Asks who it is, and answers."""
    return Response(b"{}", headers={"X-User": who.actor.user_id}, media_type="application/json")


def empty_post(told: Body, who: Who) -> Response:
    """Reads a body too."""
    return Response(b"{}", 201, {"X-User": who.actor.user_id, "X-Read": str(len(told))}, media_type="application/json")


def unlogged(case: str, serving: Serving, who: Who) -> Response:
    """A case's page that nobody will know was read: what the access log costs is the difference."""
    book, case_id = find_case(serving.books, who, case)
    seen = sight(book, case_id, Point())
    return Response(as_json(cases.tell(seen.history, seen.law)), media_type="application/json")


def main() -> None:
    """Serves a place on a socket that the parent process opened."""
    engine, url, directory, listening = sys.argv[1:]
    kind: Engine = "PostgreSQL" if engine == "PostgreSQL" else "SQLite"
    logs.configure("error")
    with Place(kind, url).books() as books:
        settings = Settings(rate_limit=0)
        app = create_app(Service(settings, books, LocalIdentity(Path(directory))))
        app.get("/empty")(empty)
        app.post("/empty")(empty_post)
        app.get("/unlogged/{case}")(unlogged)
        with socket(fileno=int(listening)) as on:
            uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run([on])


if __name__ == "__main__":
    main()
