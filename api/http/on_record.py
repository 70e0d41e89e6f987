"""An answer that is sent once the look at it is on record; meanwhile no thread waits for that.

Looks of a moment share one append (and one sync of the disk): whoever looks while one is under way is in the next.
"""

import asyncio
from collections.abc import Sequence
from math import inf
from typing import Any, Final, NamedTuple

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Response
from starlette.types import Receive, Scope, Send

from ledger.facts.draft import Draft
from ledger.store.ledger import Ledger

_REST: Final = 0.002  # seconds
_Place = tuple[asyncio.AbstractEventLoop, Ledger]


class Look(NamedTuple):
    """A look that is not on record yet."""

    book: Ledger
    draft: Draft


class OnRecord:
    """Puts looks on record, one append of each book at a time. Only what runs on one loop can wait together."""

    def __init__(self) -> None:
        self._waiting: dict[_Place, list[tuple[Draft, asyncio.Future[None]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def put(self, look: Look) -> None:
        """Returns when the look is on record; raises what kept it from that."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        place = (loop, look.book)
        if place in self._waiting:
            self._waiting[place].append((look.draft, done))
        else:
            self._waiting[place] = [(look.draft, done)]
            task = loop.create_task(self._put_all(place))
            self._tasks.add(task)  # the loop itself does not hold it
            task.add_done_callback(self._tasks.discard)
        await done

    async def _put_all(self, place: _Place) -> None:
        """Round after round, until nobody waits."""
        _, book = place
        while together := self._waiting[place]:
            self._waiting[place] = []
            error: Exception | None = None
            try:
                await run_sync(book.looks.put_all, [draft for draft, _ in together], limiter=_ONE_FOR_EACH_BOOK)
            except Exception as failure:  # noqa: BLE001 - each of them raises it
                error = failure
            for _, done in together:
                if error and not done.cancelled():
                    done.set_exception(error)
                elif not done.cancelled():
                    done.set_result(None)
            if self._waiting[place]:  # under load: more share the next append
                await asyncio.sleep(_REST)
        del self._waiting[place]


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
