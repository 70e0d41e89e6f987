"""Serving: worker processes, one or several, each with its own books; and an end that breaks nothing off.

Beside the workers a process keeps the read models up (`follower`). It tells whole cases; in a worker that would hold
up every request.
"""

import gc
import os
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess

from api import logs
from api.beside import beside
from api.http.protocol import PatientProtocol
from api.identity import identity_of, refuse_unsafe
from api.processor import keep_to_one
from api.settings import FIGURES_IN, Settings
from api.terminal import now
from ledger.errors import Fault, Invalid, SagsbogError
from ledger.store.books import Books

log = structlog.get_logger()
REMEMBERED: Final = 50_000  # entries of each book kept at hand by a worker: about 130 MB when all are in use
_MORE: Final = 10_000  # objects; sixteen requests at a time hold about 2,500
_WORKER_ANSWERS_IN: Final = 30  # seconds; else it hangs, and is replaced


def serve(settings: Settings, host: str, port: int, workers: int, told: Callable[[str], None]) -> None:
    """Serves until it is asked to stop: no new request is taken then, and those that are running end first.

    `told` is given the address once it is taken.
    """
    refuse_unsafe(settings, host)
    with Books(settings.database_url, now, settings.master_key) as books:
        books.existing()  # what is wrong with the settings is said here, in one line
        identity_of(settings)
    with listening(host, port) as on, place_of_all(), beside("follower", follower, settings):
        told(_address(settings, host, on))
        config = config_of(settings, workers)
        if workers == 1:
            with _ended_by_signals():
                uvicorn.Server(config).run([on])
        else:
            _run_workers(config, on)


def worker(settings: Settings) -> FastAPI:
    """The service in one process."""
    # Where figures are kept must be known before their library is read in.
    from api.http.app import create_app  # noqa: PLC0415
    from api.http.service import Service  # noqa: PLC0415

    _begin(settings)
    if settings.own_processor:
        keep_to_one(Path(os.environ[FIGURES_IN]))
    books = Books(settings.database_url, now, settings.master_key, remember=REMEMBERED)
    app = create_app(Service(settings, books, identity_of(settings)), at_end=books.close)
    _search_seldom()
    return app


def follower(settings: Settings) -> None:
    """Keeps the read models of every book up, until it is sent SIGTERM."""
    from api.http.following import Following  # noqa: PLC0415 - as above

    _begin(settings)
    _search_seldom()
    with Books(settings.database_url, now, settings.master_key, remember=REMEMBERED) as books:
        following = Following(books)
        signal.signal(signal.SIGTERM, lambda *_: following.end())
        following.run()


def _begin(settings: Settings) -> None:
    logs.configure(settings.log_level if "log_level" in settings.model_fields_set else "info")
    logs.take_in_libraries()
    if parent := parent_process():
        Thread(target=_end_with, args=(parent,), name="parent", daemon=True).start()


def _search_seldom() -> None:
    """Lets Python look seldom for what can be thrown away: nobody is answered meanwhile (docs/benchmarks.md).

    It looks whenever there is so much more than before; as it comes, that is less than what a few requests hold while
    they are answered, and none of it is waste. What a process has read in by now it needs until it ends.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_MORE)


def config_of(settings: Settings, workers: int = 1) -> uvicorn.Config:
    """How uvicorn is to run it."""
    return uvicorn.Config(
        partial(worker, settings),
        factory=True,
        workers=workers,
        http=PatientProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=max(1, round(settings.head_seconds)),
        timeout_graceful_shutdown=round(settings.answer_seconds) + 1,
        timeout_worker_healthcheck=_WORKER_ANSWERS_IN,
        proxy_headers=settings.trusted_proxy is not None,
        forwarded_allow_ips=settings.trusted_proxy,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
    )


class _Workers(Multiprocess):
    """Worker processes, and their parent, which starts a new one for each that ends before it should."""

    def terminate_all(self) -> None:
        """Asks all to end. Until nobody listens any more, not even the parent, new clients would wait in vain."""
        for on in self.sockets:
            on.close()
        super().terminate_all()


def _run_workers(config: uvicorn.Config, on: socket.socket) -> None:
    running = _Workers(config, [on])
    running.run()
    if any(one.exitcode == STARTUP_FAILURE for one in running.processes):
        raise SagsbogError("En arbejdsproces kunne ikke starte. Loggen siger hvorfor.")


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and Ctrl-C end the serving, not the program: uvicorn raises them again once it has stopped."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end_with(parent: object) -> None:
    """A process whose parent was killed would go on, a worker with the port, and nobody to stop it."""
    parent.join()  # type: ignore[attr-defined]
    os.kill(os.getpid(), signal.SIGTERM)


def listening(host: str, port: int) -> socket.socket:
    """A socket whose connections send at once what is written to them.

    Head and body of an answer are written apart; else the body waits for the client to have acknowledged the head,
    which takes it 40 ms. asyncio sets this itself, but only on sockets that name their protocol, and this one does not.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        on = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        why = f"der kan ikke lyttes på {host}, port {port}: {error.strerror or error}"
        raise Invalid(Fault("--host, --port", why)) from None
    on.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return on


def _address(settings: Settings, host: str, on: socket.socket) -> str:
    named = f"[{host}]" if ":" in host else host
    return f"{'https' if settings.tls_certificate else 'http'}://{named}:{on.getsockname()[1]}"


@contextmanager
def place_of_all() -> Iterator[None]:
    """A place where the processes keep their figures, and say which processor they have."""
    with tempfile.TemporaryDirectory(prefix="sagsbog-") as directory:
        os.environ[FIGURES_IN] = directory
        try:
            yield
        finally:
            del os.environ[FIGURES_IN]
