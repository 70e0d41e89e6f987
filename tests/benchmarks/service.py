"""Job 5: the service end to end: a command and a case's page, against routes of the same server that do nothing.

Clients are threads of this process with a connection each, the server is a process of its own; both share the
machine, so only ratios say anything.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from time import perf_counter, sleep
from typing import Final, NamedTuple
from uuid import uuid4

import orjson

from api.identity import LocalIdentity
from api.serving import listening
from tests.benchmarks.course import make_cases
from tests.benchmarks.facts import MUNICIPALITY
from tests.benchmarks.figures import Ratio, mid, table
from tests.benchmarks.places import Place, place_on
from tests.benchmarks.raw import ENGINES
from tests.command import environment

CLIENTS: Final = 16
ENTRIES: Final = 60
USER: Final = "u-aa-karen:familiecentret:fc_raadgiver"
NOTE: Final = {
    "occurred_on": "2026-11-01", "refs": {},
    "data": {"text": "Mor ringer om rapporten fra tilsynet.", "about": "oral_information", "internal": False},
}  # fmt: skip
HEADER: Final = ("service, 16 clients: this / that", "of that", "p99 of p50", "p50 ms", "p99 ms", "/s", "that /s")
TURNS: Final = 4
"""How often in a round what differs little is measured, each of the two first as often as the other."""
REST: Final = 0.15
"""Seconds before each of them in which the follower catches up: else what the one left is paid for by the other."""


class Size(NamedTuple):
    """How much is measured."""

    rounds: int
    each: int
    """Requests of each client in a round."""


@dataclass
class Side:
    """One kind of request, and what was measured of it."""

    name: str
    over: str
    """What it is held against."""
    send: Callable[["Client"], None]
    again: bool = False
    """Each client has asked the same just before, so that none of the answers is told anew."""
    logged: bool = True
    """Whether the service keeps its access log meanwhile."""
    rates: list[float] = field(default_factory=list)
    """Requests a second, round by round."""
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)

    def forget(self) -> None:
        """Forgets what was measured so far."""
        for measured in (self.rates, self.p50, self.p99):
            measured.clear()


FULL: Final = Size(7, 40)
QUICK: Final = Size(5, 5)


class Client:
    """One client with a connection that stays open, and a case of its own."""

    def __init__(self, port: int, token: str, case: str) -> None:
        self._service = HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.case = case
        self._versions = count(ENTRIES)

    def get(self, path: str) -> None:
        """Reads, to the end."""
        self._ask("GET", path)

    def post(self, path: str) -> None:
        """Sends a note that builds on the newest version of the client's own case, if it is a case that is asked."""
        own = path.startswith("/v1")
        headers = {"Idempotency-Key": str(uuid4()), "If-Match": f'"{next(self._versions) if own else 0}"'}
        self._ask("POST", path, orjson.dumps(NOTE), **headers)

    def _ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> None:
        self._service.request(method, path, body, {**self._headers, **headers})
        answer = self._service.getresponse()
        told = answer.read()
        assert answer.status in (200, 201), told


def measure(size: Size) -> str:
    """The table of the job."""
    rows = []
    for engine in ENGINES:
        with place_on(engine) as place, _served(place) as clients:
            sides = _sides()
            for number in range(size.rounds + 1):
                if number == 1:  # the round that warmed up is over
                    for side in sides.values():
                        side.forget()
                for side in _in_order(sides):
                    _round(side, clients, size.each)
        rows += [_row(engine, side, sides[side.over]) for side in sides.values() if side.over]
    return (
        f"{table(HEADER, rows)}\n\n{size.rounds} rounds after one that warms up; {CLIENTS} clients with"
        f" {size.each} requests each in a round, every one with a case of {ENTRIES} entries of its own."
        f" What is at hand is asked for {TURNS} times in a round, in turn with the same that is not logged."
    )


def _sides() -> dict[str, Side]:
    found = (
        Side("empty GET", "", lambda client: client.get("/empty")),
        Side("a case's page", "empty GET", lambda client: client.get(f"/v1/cases/{client.case}")),
        Side("a page at hand", "not logged", lambda client: client.get(f"/v1/cases/{client.case}"), again=True),
        Side("not logged", "", lambda client: client.get(f"/v1/cases/{client.case}"), again=True, logged=False),
        Side("empty POST", "", lambda client: client.post("/empty")),
        Side("a command", "empty POST", lambda client: client.post(f"/v1/cases/{client.case}/note-recorded")),
    )  # fmt: skip
    return {side.name: side for side in found}


def _in_order(sides: Mapping[str, Side]) -> Iterator[Side]:
    """One round."""
    closely = [side for side in sides.values() if side.again]
    for side in sides.values():
        if side not in closely:
            yield side
        elif side is closely[0]:
            for turn in range(TURNS):
                yield from reversed(closely) if turn % 2 else closely


def _round(side: Side, clients: list[Client], each: int) -> None:
    def work(client: Client) -> list[float]:
        return [_seconds(lambda: side.send(client)) for _ in range(each)]

    clients[0].get(f"/keep-log/{side.logged}")
    with ThreadPoolExecutor(len(clients)) as pool:
        if side.again:
            sleep(REST)
            list(pool.map(side.send, clients))
        began = perf_counter()
        times = sorted(one for found in pool.map(work, clients) for one in found)
    side.rates.append(len(times) / (perf_counter() - began))
    side.p50.append(times[len(times) // 2] * 1_000)
    side.p99.append(times[int(len(times) * 0.99)] * 1_000)


def _seconds(job: Callable[[], None]) -> float:
    began = perf_counter()
    job()
    return perf_counter() - began


def _row(engine: str, side: Side, over: Side) -> tuple[str, ...]:
    return (
        f"{engine}, {side.name} / {over.name}", str(Ratio.of(side.rates, over.rates)),
        str(Ratio.of(side.p99, side.p50)), *(mid(one, 1) for one in (side.p50, side.p99)),
        *(mid(one) for one in (side.rates, over.rates)),
    )  # fmt: skip


@contextmanager
def _served(place: Place) -> Iterator[list[Client]]:
    """The clients of a service that runs in processes of its own."""
    numbers = [f"sag-{index}" for index in range(CLIENTS)]
    with place.books() as books:
        make_cases(books.book(MUNICIPALITY), numbers, ENTRIES)
    told, token = _settings(place)
    with _server(told) as port:
        yield [Client(port, token, number) for number in numbers]


def _settings(place: Place) -> tuple[dict[str, str], str]:
    """The settings of the service, and a token: of its own users on SQLite, of an identity provider on PostgreSQL."""
    url = place.url if place.engine == "PostgreSQL" else f"sqlite:///{place.url}"
    told = environment(url, "--as", USER, SAGSBOG_RATE_LIMIT="0", SAGSBOG_HEAD_SECONDS="600")
    return told, told.get("SAGSBOG_TOKEN") or LocalIdentity(Path(place.url)).token(USER.partition(":")[0])


@contextmanager
def _server(told: Mapping[str, str]) -> Iterator[int]:
    """The port of a server. Its socket listens before it does: the first request waits until it is there."""
    with listening("127.0.0.1", 0) as on:
        number = on.fileno()
        command = [sys.executable, "-m", "tests.benchmarks.server", str(number)]
        with subprocess.Popen(command, pass_fds=[number], env=told, stderr=subprocess.DEVNULL) as server:
            try:
                yield on.getsockname()[1]
            finally:
                server.terminate()
