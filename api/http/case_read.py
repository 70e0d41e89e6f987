"""One read of a case: told now, or as it was told a moment ago. The look is put on record every time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response

from api.http.answers import Kept
from api.http.on_record import AnswerOnRecord, Look
from api.http.points import AsOf, Case, KnownAt, Rulebook, point_of, reached
from api.http.service import InOwnWords, Purposed, Service, principal, reader_of, service_of
from api.looking import Reader, View, find_standing, look_at, look_at_found, look_over
from api.tables import as_json
from ledger.clock import danish_day
from ledger.errors import SagsbogError
from replay.as_of import Point


@dataclass(frozen=True)
class CaseRead:
    """One request to read something of a case. Who asks is found out in the thread that works for them."""

    request: Request
    case: str
    purpose: tuple[str | None, str | None]
    """Why, as the headers say it: the word, and in own words."""
    point: tuple[str | None, str | None, str | None]
    """The point in time, as the query says it."""
    known: str | None
    """The ETags of what the one who asks has already."""

    def told(self, what: str, tell: Callable[[View], Any]) -> Response:
        """What rests on the case, the law and the day alone: told now, or as it was told before; 304 when it is known.

        `what` is on record before it is sent.
        """
        serving, asks, at = self._read()
        stands = find_standing(serving.books, asks.who, self.case)
        looks: list[Look] = []
        reader = replace(asks, log=lambda *look: looks.append(Look(*look)))
        stated = (reader.purpose_is_stated, bool(reader.purpose_text))
        question = (stands.case_id, self._question, reader.who, stated)
        kept = serving.answers.get(question, stands.mark)
        if kept:
            look_over(stands.book, reader, [stands.case_id], what)
        else:
            try:
                kept = _kept(look_at_found(serving.books, reader, stands, at, what), tell)
            except SagsbogError:  # says what it does of what was seen
                for look in looks:
                    look.book.log_look(look.draft())
                raise
            serving.answers.put(question, stands.mark, kept)
        answer = partial(AnswerOnRecord, serving.on_record, looks, headers={"ETag": kept.etag})
        if self.known and kept.version_says_all and kept.etag in map(str.strip, self.known.split(",")):
            return answer(status_code=304)
        return answer(kept.body, media_type="application/json")

    def told_anew(self, what: str, tell: Callable[[View], Any]) -> Response:
        """What rests on more than that, and is never the same for certain."""
        serving, reader, at = self._read()
        kept = _kept(look_at(serving.books, reader, self.case, at, what), tell)
        return Response(kept.body, headers={"ETag": kept.etag}, media_type="application/json")

    def _read(self) -> tuple[Service, Reader, Point]:
        who = principal(self.request)
        return service_of(self.request), reader_of(who, *self.purpose), point_of(*self.point)

    @property
    def _question(self) -> str:
        """Path and query: the question as it was put."""
        return f"{self.request.scope['path']}?{self.request.scope['query_string'].decode('latin-1')}"


def _kept(seen: View, tell: Callable[[View], Any]) -> Kept:
    return Kept(as_json(tell(seen)), seen.history.version, _version_says_all(seen))


def _version_says_all(seen: View) -> bool:
    """Another day tells the deadlines otherwise, and so does a new rate: it is of today, and no rate came after it."""
    newest = seen.whole.history.recorded[-1]
    return danish_day(newest.recorded_at) == seen.book.today() and (newest.book_version or 0) == seen.law.book_version


async def case_read(
    case: Case,
    request: Request,
    purpose: Purposed = None,
    text: InOwnWords = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    rulebook: Rulebook = None,
    known: Annotated[str | None, Header(alias="If-None-Match", description="ETag fra et tidligere svar")] = None,
) -> CaseRead:
    """The read of a case that a request asks for.

    One dependency for what elsewhere is four: nothing is asked as often, and each costs as much as to put it on record.
    """
    return CaseRead(request, case, (purpose, text), (as_of, known_at, rulebook), known)


async def read_of(request: Request) -> CaseRead:
    """The same, of a request that FastAPI has not taken apart."""
    sent, asked = request.headers, request.query_params
    await reached(request, asked.get("at_least"))
    return CaseRead(
        request,
        request.path_params["case"],
        (sent.get("X-Purpose"), sent.get("X-Purpose-Text")),
        (asked.get("as_of"), asked.get("known_at"), asked.get("rulebook")),
        sent.get("If-None-Match"),
    )


Read = Annotated[CaseRead, Depends(case_read)]
