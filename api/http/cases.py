"""What there is to read of one case."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from inspect import Parameter, Signature
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api import shown
from api.http.case_read import Read, read_of
from api.http.direct import directly
from api.http.openapi import responses
from api.http.paging import Asked, Place
from api.http.points import OF_EVERY_READ, Case, asked_point_in, reached
from api.http.service import Reading, Serving, Who
from api.http.tells import lists, tells
from api.looking import View, find_case, look_at_two
from api.points import read_day
from api.tables import as_json
from commands.settlement import Settlement
from ledger.errors import Fault, Invalid
from projections.balances import Balances
from projections.cases import CasePage
from projections.deadlines import DeadlineRow, as_contract
from projections.decisions import DecisionRow
from projections.documents import DocumentRow
from projections.findings import FindingRow
from projections.history import HistoryRow
from projections.klager import KlageRow
from projections.proposals import ProposalRow
from projections.tilsyn import TilsynRow
from replay.answers import Answer
from replay.answers import questions as every_question
from replay.diff import Diff
from replay.explain import Explanation

router = APIRouter(
    prefix="/v1/cases/{case}",
    tags=["Læs en sag"],
    dependencies=[Depends(reached)],
    responses={**responses(404), 304: {"description": "Uændret siden den version, der blev sendt med"}},
)

FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2199
Year = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR, description="budgetår")]
Told = Callable[[View], Iterable[Any]]


def deadline_place(row: Mapping[str, Any]) -> Place:
    """Where a deadline stands among those of its case."""
    return [_day(row["due_on"]), row["rule"], _day(row["trigger_on"])]


def finding_place(row: FindingRow) -> Place:
    """Where a finding stands among those of its case."""
    return [_day(row.occurred_on), row.version, row.guard, row.flag]


def _day(day: date | None) -> str:
    return (day or date.max).isoformat()


def _lists(name: str, summary: str, row: type, told: Told, place: Callable[[Any], Place]) -> None:
    """Makes a route of a read model that is a list."""

    def route(read: Read, paging: Asked) -> Response:
        return read.told(name, lambda seen: paging.of(seen.book, told(seen), place))

    router.get(f"/{name}", operation_id=f"read_{name}", summary=summary, responses=lists(row))(route)


def case_page(read: Read) -> Response:
    """Where the case stands, who takes part, and its numbers."""
    return read.told("case", shown.case)


async def _page_directly(request: Request) -> Response:
    return await run_in_threadpool(case_page, await read_of(request))


router.add_api_route(
    "", case_page, operation_id="read_case", summary="Sagen på én side", responses=tells(CasePage),
    route_class_override=directly(_page_directly),
)  # fmt: skip


@router.get(
    "/history",
    operation_id="read_history",
    summary="Forløbet, med det rettede og annullerede",
    responses=lists(HistoryRow),
)
def history(read: Read, paging: Asked) -> Response:
    """Every entry in the order things happened. One that was just recorded may still be without its number."""

    def place(row: HistoryRow) -> Place:
        return [_day(row.occurred_on), row.version]

    return read.told_anew("history", lambda seen: paging.of(seen.book, shown.history(seen), place))


_lists("decisions", "Afgørelserne", DecisionRow, shown.decisions, lambda row: [_day(row.sent_on), row.version])
_lists(
    "tilsyn", "Tilsynene", TilsynRow, shown.tilsyn, lambda row: [_day(row.held_on or row.planned_on), row.entries[0]]
)
_lists(
    "klager", "Klagerne, skridt for skridt", KlageRow, shown.klager, lambda row: [_day(row.received_on), row.version]
)
_lists(
    "documents",
    "De journaliserede dokumenter",
    DocumentRow,
    shown.documents,
    lambda row: [_day(row.filed_on), row.version],
)
_lists("proposals", "Det, en anden skal tage stilling til", ProposalRow, shown.proposals, lambda row: [row.version])
_lists(
    "deadlines",
    "Fristerne, og hvor hver af dem står",
    DeadlineRow,
    lambda seen: map(as_contract, shown.deadlines(seen)),
    deadline_place,
)


@router.get("/findings", operation_id="read_findings", summary="Hvad der bør ses på", responses=lists(FindingRow))
def findings(read: Read, paging: Asked) -> Response:
    """Broken rules in what was imported, what is missing, and what a correction has put out of order."""
    return read.told_anew("findings", lambda seen: paging.of(seen.book, shown.findings(seen), finding_place))


@router.get(
    "/balances", operation_id="read_balances", summary="Pengene, år for år og post for post", responses=tells(Balances)
)
def balances(
    read: Read,
    year: Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR, description="kun dette budgetår")] = None,
) -> Response:
    """What was granted, paid, documented, accepted and is to be repaid."""
    return read.told("balances", lambda seen: shown.balances(seen, year))


@router.get(
    "/settlement/{year}",
    operation_id="read_settlement",
    summary="Hvad et budgetår afregnes til",
    responses=tells(Settlement),
)
def settlement(read: Read, year: Year) -> Response:
    """The year as it is computed: post for post, and what is not accepted and why."""
    return read.told("settlement", lambda seen: shown.settlement(seen, year))


@router.get(
    "/explain/{rule}",
    operation_id="explain_deadline",
    summary="En frist, forklaret dag for dag",
    responses=tells(list[Explanation]),
)
def explain(
    read: Read,
    rule: Annotated[str, Path(description="regel, fx aarhus.decision")],
    trigger: Annotated[str | None, Query(description="dagen, fristen løber fra")] = None,
) -> Response:
    """What set it running, how it was counted, what met it, and on whom each day waited."""
    day = read_day(trigger, "trigger") if trigger is not None else None
    return read.told("explain", lambda seen: shown.explain(seen, rule, day))


@router.get(
    "/answers", operation_id="list_questions", summary="Revisionens fyrre spørgsmål", responses=lists(dict[str, Any])
)
def questions(case: Case, serving: Serving, who: Who) -> Response:
    """What can be asked about the case, and what each question wants to be told."""
    find_case(serving.books, who, case)
    return Response(as_json({"items": shown.asked(), "next": None}), media_type="application/json")


async def _given(request: Request, **_: str | None) -> dict[str, str]:
    """What a question is told: all of the query that does not say when it is asked about."""
    asked = [one for one in request.query_params.multi_items() if one[0] not in OF_EVERY_READ]
    given = dict(asked)
    if len(given) < len(asked):
        raise Invalid(Fault("query", "hvert navn kun én gang"))
    return given


def _describe_what_questions_take() -> None:
    """The names in the query, for the description: those that some question takes."""
    query = Annotated[str | None, Query(description="når spørgsmålet tager det")]
    names = sorted({name for one in every_question().values() for name in one.takes})
    own = [Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=query) for name in names]
    request = Parameter("request", Parameter.KEYWORD_ONLY, annotation=Request)
    _given.__signature__ = Signature([request, *own])  # type: ignore[attr-defined]  # what FastAPI reads


_describe_what_questions_take()


@router.get(
    "/answers/{qid}", operation_id="answer_question", summary="Svaret på et spørgsmål om sagen", responses=tells(Answer)
)
def answer(
    read: Read,
    qid: Annotated[str, Path(description="spørgsmål, fx Q01")],
    given: Annotated[dict[str, str], Depends(_given)],
) -> Response:
    """The answer, with the entries it rests on. What the question takes is given in the query: ?post=P3."""
    return read.told_anew("answer", lambda seen: shown.answer(seen, qid, given))


@router.get(
    "/diff", operation_id="read_diff", summary="Hvad der er anderledes mellem to tidspunkter", responses=tells(Diff)
)
def diff(
    case: Case,
    serving: Serving,
    reading: Reading,
    from_: Annotated[str, Query(alias="from", description="as-of:DATO, known-at:TIDSPUNKT, version:N, rulebook:NAVN")],
    to: Annotated[str, Query(description="som from")],
) -> Response:
    """What changed, and which entries did it."""
    before, after = asked_point_in(from_, "from"), asked_point_in(to, "to")
    first, second = look_at_two(serving.books, reading, case, (before, after), "diff")
    etag = f'"{second.history.version}"'
    return Response(as_json(shown.diff(first, second)), headers={"ETag": etag}, media_type="application/json")
