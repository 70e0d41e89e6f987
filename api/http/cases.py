"""A case over HTTP."""

from fastapi import APIRouter, Response

from api.http.service import Reading, Serving
from api.looking import look_at
from api.tables import as_json
from projections import cases
from replay.as_of import Point

router = APIRouter(prefix="/v1/cases")


@router.get("/{case}")
def case_page(case: str, serving: Serving, reading: Reading) -> Response:
    """A case on one page."""
    seen = look_at(serving.books, reading, case, Point(), "case")
    page = cases.tell(seen.history, seen.law)
    return Response(as_json(page), headers={"ETag": f'"{page.version}"'}, media_type="application/json")
