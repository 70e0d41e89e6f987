"""A process beside this one, which is started anew when it ends before it should."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from threading import Event, Thread
from typing import Any, Final

import structlog

log = structlog.get_logger()
_SPAWN: Final = get_context("spawn")
_LOOK: Final = 0.2  # seconds between looks at whether it lives
_PAUSE: Final = 2.0  # seconds until one that ended is started anew
_PATIENCE: Final = 30.0  # seconds it may take to end when it is asked to


@contextmanager
def beside(name: str, work: Callable[..., None], *arguments: Any) -> Iterator[None]:
    """For as long as the block lasts, a process does `work`, until it is sent SIGTERM.

    Ctrl-C is not for it: the terminal sends that to every process, and this one is ended by the one that began it.
    """
    ended = Event()
    keeper = Thread(target=_keep, args=(ended, name, work, arguments), name=name)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()


def _keep(ended: Event, name: str, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # of this thread, and so of what it starts
    while not ended.is_set():
        if process := _started(name, work, arguments):
            while process.is_alive() and not ended.wait(_LOOK):
                pass
            if ended.is_set():
                _end(process)
                return
            log.error("process ended", process=name, code=process.exitcode)
        ended.wait(_PAUSE)


def _started(name: str, work: Callable[..., None], arguments: tuple[Any, ...]) -> SpawnProcess | None:
    """The process; None when the machine has no room for one just now."""
    process = _SPAWN.Process(target=work, args=arguments, name=name, daemon=True)
    try:
        process.start()
    except OSError as error:
        log.error("process not started", process=name, error=error.strerror)  # noqa: TRY400 - it is said in one line
        return None
    return process


def _end(process: SpawnProcess) -> None:
    process.terminate()
    process.join(_PATIENCE)
    if process.exitcode is None:
        process.kill()
        process.join()
