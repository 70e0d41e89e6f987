"""Who has looked at a case, over HTTP."""

from contextlib import closing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from api.http.case_read import Read
from api.http.openapi import responses
from api.http.paging import Asked
from api.http.points import reached
from api.looking import View
from api.looks import access_log

router = APIRouter(
    prefix="/v1/cases/{case}", tags=["Læs en sag"], dependencies=[Depends(reached)], responses=responses(404)
)


@router.get("/access-log", operation_id="read_access_log", summary="Hvem der har set sagen, og hvorfor")
def read_access_log(
    read: Read,
    paging: Asked,
    party: Annotated[str | None, Query(description="som denne part må se listen, fx p-mor")] = None,
) -> Response:
    """The looks at the case, newest first: when, unit, role, purpose and what was seen.

    Names are for the staff who may see the log, and for a party once a decision on their request has given them.
    """

    def told(seen: View) -> dict[str, Any]:
        after = paging.after(seen.book)
        before = -after[0] if after else None
        with closing(access_log(seen, party, before)) as rows:
            return paging.page(seen.book, (([-row["seq"]], row) for row in rows))

    return read.told_anew("access", told)
