"""The service as it is measured: as `sagsbog serve` runs it, with routes beside it that do nothing.

What is empty asks who it is and answers, as every route does; so the ratio to it is what the product itself costs.
"""

import os
import sys
from functools import partial
from socket import socket

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


def with_empty_routes(settings: Settings) -> FastAPI:
    """The service of one worker, and what it is held against."""
    app = serving.worker(settings)
    app.get("/empty")(empty)
    app.post("/empty")(empty_post)
    return app


async def nothing(*_: object) -> None:
    """In the place of what puts a look on record."""


def keep_to_the_same() -> None:
    """Keeps this process to the processor that the other service keeps to: they are not all as fast."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def main() -> None:
    """Serves on a socket that the parent process opened; without an access log, to tell what that costs."""
    listening, looks = sys.argv[1:]
    settings = Settings()
    config = serving.config_of(settings)
    config.app = partial(with_empty_routes, settings)
    with serving.place_of_all(), socket(fileno=int(listening)) as on:
        if looks == "unlogged":  # beside the other, which has what keeps the read models up
            OnRecord.put = nothing
            keep_to_the_same()
            uvicorn.Server(config).run([on])
        else:
            with beside("follower", serving.follower, settings):
                keep_to_the_same()
                uvicorn.Server(config).run([on])


if __name__ == "__main__":
    main()
