"""One read of a case: told now, or as it was told a moment ago. The look is put on record every time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response

from api.http.answers import Kept
from api.http.on_record import AnswerOnRecord, Look
from api.http.points import AsOf, Case, KnownAt, Rulebook, asked_point
from api.http.service import InOwnWords, Purposed, Service, Who, reader, service
from api.looking import Reader, View, look_at, look_over, standing
from api.tables import as_json
from ledger.clock import danish_day
from ledger.errors import SagsbogError
from ledger.store.ledger import book_stream
from replay.as_of import Point


@dataclass(frozen=True)
class CaseRead:
    """One request to read something of a case."""

    service: Service
    reader: Reader
    case: str
    at: Point
    asked: str
    """Path and query: the question as it was put."""
    known: str | None
    """The ETags of what the one who asks has already."""

    def told(self, what: str, tell: Callable[[View], Any]) -> Response:
        """What rests on the case, the law and the day alone: told now, or as it was told before; 304 when it is known.

        `what` is on record before it is sent.
        """
        book, case_id, stands = standing(self.service.books, self.reader.who, self.case)
        looks: list[Look] = []
        reader = replace(self.reader, log=lambda *look: looks.append(Look(*look)))
        stated = (self.reader.purpose_is_stated, bool(self.reader.purpose_text))
        question = (case_id, self.asked, self.reader.who, stated)
        kept = self.service.answers.get(question, stands)
        if kept:
            look_over(book, reader, [case_id], what)
        else:
            try:
                kept = self._anew(reader, what, tell)
            except SagsbogError:  # says what it does of what was seen
                for look in looks:
                    look.book.log_look(look.draft)
                raise
            self.service.answers.put(question, stands, kept)
        answer = partial(AnswerOnRecord, self.service.on_record, looks, headers={"ETag": kept.etag})
        if self.known and kept.version_says_all and kept.etag in map(str.strip, self.known.split(",")):
            return answer(status_code=304)
        return answer(kept.body, media_type="application/json")

    def told_anew(self, what: str, tell: Callable[[View], Any]) -> Response:
        """What rests on more than that, and is never the same for certain."""
        kept = self._anew(self.reader, what, tell)
        return Response(kept.body, headers={"ETag": kept.etag}, media_type="application/json")

    def _anew(self, reader: Reader, what: str, tell: Callable[[View], Any]) -> Kept:
        seen = look_at(self.service.books, reader, self.case, self.at, what)
        return Kept(as_json(tell(seen)), seen.history.version, _version_says_all(seen))


def _version_says_all(seen: View) -> bool:
    """Another day tells the deadlines otherwise, and so does a new rate: it is of today, and no rate came after it."""
    recorded_at = seen.whole.history.recorded[-1].recorded_at
    rates_at = seen.book.head(book_stream(seen.book.municipality, "book")).recorded_at
    of_today = danish_day(recorded_at) == seen.book.today()
    return of_today and (rates_at is None or rates_at < recorded_at)


async def case_read(
    case: Case,
    request: Request,
    who: Who,
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
    at = await asked_point(as_of, known_at, rulebook)
    asked = f"{request.scope['path']}?{request.scope['query_string'].decode('latin-1')}"
    return CaseRead(await service(request), await reader(who, purpose, text), case, at, asked, known)


Read = Annotated[CaseRead, Depends(case_read)]
