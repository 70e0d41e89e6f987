"""The service as it is measured: as `sagsbog serve` runs it, with routes beside it that do nothing.

What is empty asks who it is and answers, as every route does; so the ratio to it is what the product itself costs.
"""

import sys
from functools import partial
from socket import socket
from typing import Final

import uvicorn
from fastapi import FastAPI, Response

from api import serving
from api.beside import beside
from api.http.on_record import OnRecord
from api.http.service import Who
from api.http.writing import Body
from api.settings import Settings


def empty(who: Who) -> Response:
    """Asks who it is, and answers."""
    return Response(b"{}", headers={"X-User": who.actor.user_id}, media_type="application/json")


def empty_post(told: Body, who: Who) -> Response:
    """Reads a body too."""
    return Response(b"{}", 201, {"X-User": who.actor.user_id, "X-Read": str(len(told))}, media_type="application/json")


async def nothing(*_: object) -> None:
    """In the place of what puts a look on record."""


_KEPT: Final = OnRecord.put


async def keep_log(kept: bool) -> Response:
    """Whether looks are put on record from now on.

    It is switched off and on in one service: two of them are not equally fast, even when neither keeps a log.
    """
    OnRecord.put = _KEPT if kept else nothing
    return Response()


def with_empty_routes(settings: Settings) -> FastAPI:
    """The service of one worker, and what it is held against."""
    app = serving.worker(settings)
    app.get("/empty")(empty)
    app.post("/empty")(empty_post)
    app.get("/keep-log/{kept}")(keep_log)
    return app


def main() -> None:
    """Serves on a socket that the parent process opened."""
    settings = Settings()
    config = serving.config_of(settings)
    config.app = partial(with_empty_routes, settings)
    follower = beside("follower", serving.follower, settings)
    with serving.place_of_all(), socket(fileno=int(sys.argv[1])) as on, follower:
        uvicorn.Server(config).run([on])


if __name__ == "__main__":
    main()
