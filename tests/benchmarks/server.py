"""The service as it is measured: in a process of its own, with routes beside it that do nothing.

What is empty asks who it is and answers, as every route does; so the ratio to it is what the product itself costs.
"""

import sys
from pathlib import Path
from socket import socket

import uvicorn
from fastapi import Response

from api import logs, looking, serving
from api.http.app import create_app
from api.http.service import Service, Who
from api.http.writing import Body
from api.identity import LocalIdentity
from api.settings import Settings
from tests.benchmarks.places import Engine, Place


def empty(who: Who) -> Response:
    """Asks who it is, and answers."""
    return Response(b"{}", headers={"X-User": who.actor.user_id}, media_type="application/json")


def empty_post(told: Body, who: Who) -> Response:
    """Reads a body too."""
    return Response(b"{}", 201, {"X-User": who.actor.user_id, "X-Read": str(len(told))}, media_type="application/json")


def main() -> None:
    """Serves a place on a socket that the parent process opened; without an access log, to tell what that costs."""
    engine, url, directory, listening, looks = sys.argv[1:]
    if looks == "unlogged":
        looking.log_access = lambda *_, **__: None
    kind: Engine = "PostgreSQL" if engine == "PostgreSQL" else "SQLite"
    sys.setswitchinterval(0.0005)
    logs.configure("error")
    with Place(kind, url).books(serving.REMEMBERED) as books:
        settings = Settings(rate_limit=0)
        app = create_app(Service(settings, books, LocalIdentity(Path(directory))))
        app.get("/empty")(empty)
        app.post("/empty")(empty_post)
        with socket(fileno=int(listening)) as on:
            uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, timeout_keep_alive=600)).run([on])


if __name__ == "__main__":
    main()
