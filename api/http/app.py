"""The service put together: its routes, its layers, its answers to errors, and what it holds while it runs."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from pkgutil import iter_modules

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from api.http.described import Described
from api.http.manners import manners
from api.http.problems import handle_problems
from api.http.service import Service
from api.http.tracing import Spans


def create_app(service: Service, at_end: Callable[[], None] | None = None) -> FastAPI:
    """The service as an ASGI application.

    `at_end`: what is done when it has stopped, and nothing of it uses the books any more.
    """
    spans = Spans(service.settings.otlp_endpoint) if service.settings.otlp_endpoint else None

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        yield
        if spans:
            await run_in_threadpool(spans.close)
        if at_end:
            at_end()

    layers = manners(service.settings, spans)
    app = Described(
        title="sagsbog", lifespan=running, redirect_slashes=False, docs_url=None, redoc_url=None, middleware=layers
    )
    app.state.service = service
    handle_problems(app)
    package = import_module("api.http")
    for found in iter_modules(package.__path__, "api.http."):
        if router := getattr(import_module(found.name), "router", None):
            app.include_router(router)
    return app
