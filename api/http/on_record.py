"""An answer that is sent once the look at it is on record; meanwhile no thread waits for that.

Looks of a moment share one append (and one sync of the disk).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final, NamedTuple

from anyio import CapacityLimiter
from anyio.to_thread import current_default_thread_limiter, run_sync
from fastapi import Response
from starlette.types import Receive, Scope, Send

from api.looking import Drafted
from ledger.store.ledger import Ledger

_LONGEST: Final = 0.005  # seconds that an append waits for others
_Place = tuple[asyncio.AbstractEventLoop, Ledger]


class Look(NamedTuple):
    """A look that is not on record yet."""

    book: Ledger
    draft: Drafted
    """It takes half as long where others are drafted just before it."""


@dataclass
class _Waiting:
    """Who waits at one place."""

    looks: list[tuple[Look, asyncio.Future[None]]] = field(default_factory=list)
    are_all: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when nobody else is being answered, who might come too."""


class OnRecord:
    """Puts looks on record, one append of each book at a time. Only what runs on one loop can wait together.

    An append waits for those who are being answered just now, but not for long.
    """

    def __init__(self) -> None:
        self._waiting: dict[_Place, _Waiting] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def put(self, look: Look) -> None:
        """Returns when the look is on record; raises what kept it from that."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        place = (loop, look.book)
        if place not in self._waiting:
            self._waiting[place] = _Waiting()
            task = loop.create_task(self._put_all(place))
            self._tasks.add(task)  # the loop itself does not hold it
            task.add_done_callback(self._tasks.discard)
        waiting = self._waiting[place]
        waiting.looks.append((look, done))
        if not _others_are_answered():
            waiting.are_all.set()
        await done

    async def _put_all(self, place: _Place) -> None:
        """Round after round, until nobody waits."""
        (loop, _), waiting = place, self._waiting[place]
        while waiting.looks:
            if _others_are_answered():
                waiting.are_all.clear()
                enough = loop.call_later(_LONGEST, waiting.are_all.set)
                await waiting.are_all.wait()
                enough.cancel()
            together, waiting.looks = waiting.looks, []
            error: Exception | None = None
            try:
                await run_sync(_append, [look for look, _ in together], limiter=_ONE_FOR_EACH_BOOK)
            except Exception as failure:  # noqa: BLE001 - each of them raises it
                error = failure
            for _, done in together:
                if error and not done.cancelled():
                    done.set_exception(error)
                elif not done.cancelled():
                    done.set_result(None)
        del self._waiting[place]


def _others_are_answered() -> bool:
    """Whether anybody's request is in a thread just now."""
    return current_default_thread_limiter().borrowed_tokens > 0


def _append(looks: Sequence[Look]) -> None:
    """Appends looks at one book."""
    looks[0].book.looks.put_all([look.draft() for look in looks])


_ONE_FOR_EACH_BOOK: Final = CapacityLimiter(inf)  # rounds come one after the other already


class AnswerOnRecord(Response):
    """An answer to a look."""

    def __init__(self, on_record: OnRecord, looks: Sequence[Look], *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._on_record = on_record
        self._looks = looks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it, once every look is on record."""
        for look in self._looks:
            await self._on_record.put(look)
        await super().__call__(scope, receive, send)
