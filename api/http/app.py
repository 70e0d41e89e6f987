"""The service put together: its routes, its answers to errors, and what it holds while it runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pkgutil import iter_modules
from threading import Event, Thread

from fastapi import FastAPI

from api.http.problems import handle_problems
from api.http.service import Service
from projections.follower import Follower


def create_app(service: Service) -> FastAPI:
    """The service as an ASGI application. The books stay the caller's to close, once it has stopped."""

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        stop = Event()
        following = Thread(target=_follow, args=(service, stop), name="follower")
        following.start()
        yield
        stop.set()
        following.join()

    app = FastAPI(title="sagsbog", lifespan=running, redirect_slashes=False)
    app.state.service = service
    handle_problems(app)
    package = import_module("api.http")
    for found in iter_modules(package.__path__, "api.http."):
        if router := getattr(import_module(found.name), "router", None):
            app.include_router(router)
    return app


def _follow(service: Service, stop: Event) -> None:
    """Keeps the read models of every book up with its log."""
    while not stop.wait(0.2):
        for book in service.books.existing():
            Follower(book).catch_up()
