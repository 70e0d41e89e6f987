"""A team of writers: processes that start together, append for a fixed number, and say how long it took."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Barrier, Event
from time import monotonic, sleep
from typing import Any, Final

from tests.benchmarks.facts import MUNICIPALITY
from tests.benchmarks.places import Place
from tests.benchmarks.sides import sides_at

_SPAWN: Final = get_context("spawn")
_PATIENCE: Final = 120.0  # seconds until a start that someone does not turn up for is given up
_REST: Final = 0.01  # seconds the sequencer waits when there was nothing to number


class Team:
    """Writers that are ready to append on any side."""

    def __init__(self, pipes: list[Connection]) -> None:
        self._pipes = pipes

    def rate(self, side: str, each: int) -> float:
        """Appends a second by all writers together: their total over the time from first start to last end."""
        for pipe in self._pipes:
            pipe.send((side, each))
        times = [pipe.recv() for pipe in self._pipes]
        elapsed = max(end for _, end in times) - min(start for start, _ in times)
        return float(each * len(self._pipes) / elapsed)


@contextmanager
def team_at(place: Place, writers: int) -> Iterator[Team]:
    """A team of so many writers, gone when the block ends."""
    barrier = _SPAWN.Barrier(writers)
    with ExitStack() as stack:
        pipes = [stack.enter_context(_writer(place, f"{writers}w{number}", barrier)) for number in range(writers)]
        for pipe in pipes:
            pipe.recv()  # it is ready
        yield Team(pipes)


@contextmanager
def sequencer_at(place: Place) -> Iterator[None]:
    """A process beside the writers that numbers what they append; when the block begins it has caught up."""
    stop = _SPAWN.Event()
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_number, args=(place, stop, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        ours.recv()
        yield
        stop.set()
        process.join()
    finally:
        process.terminate()
        ours.close()


@contextmanager
def _writer(place: Place, name: str, barrier: Barrier) -> Iterator[Connection]:
    ours, theirs = _SPAWN.Pipe()
    process: SpawnProcess = _SPAWN.Process(target=_write, args=(place, name, barrier, theirs), daemon=True)
    process.start()
    theirs.close()  # so that a writer that dies is heard
    try:
        yield ours
        ours.send(None)
        process.join()
    finally:
        process.terminate()
        ours.close()


def _write(place: Place, name: str, barrier: Barrier, pipe: Any) -> None:
    with sides_at(place, name) as sides:
        pipe.send("ready")
        while order := pipe.recv():
            side, count = order
            job = sides[side](count)
            barrier.wait(_PATIENCE)
            start = monotonic()
            job()
            pipe.send((start, monotonic()))


def _number(place: Place, stop: Event, pipe: Any) -> None:
    with place.books() as books:
        book = books.book(MUNICIPALITY)
        while book.number():
            pass
        pipe.send("ready")
        while not stop.is_set():
            if not book.number():
                sleep(_REST)
