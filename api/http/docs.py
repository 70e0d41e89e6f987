"""The page that describes the service, for people. Everything on it comes from here: it works on a closed network."""

from importlib.resources import files
from typing import Final

from fastapi import APIRouter, HTTPException, Response

router = APIRouter(prefix="/docs", include_in_schema=False)
POLICY: Final = (  # Swagger's page puts styles into its elements; its script stands in a file
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; frame-ancestors 'none'"
)
_PAGE: Final = b"""<!DOCTYPE html>
<html lang="da">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>sagsbog</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/begin.js"></script>
</body>
</html>
"""
_BEGIN: Final = b'SwaggerUIBundle({url: "/openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null});\n'
_FILES: Final = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
"""Of Swagger UI (Apache-2.0), as the package fastapi-offline brings it."""
_A_DAY: Final = {"Cache-Control": "public, max-age=86400"}


@router.get("")
async def page() -> Response:
    """Every operation, with its fields and examples; it can be tried out with a token."""
    return Response(_PAGE, headers={"Content-Security-Policy": POLICY}, media_type="text/html")


@router.get("/begin.js")
async def begin() -> Response:
    """What makes the page of the description."""
    return Response(_BEGIN, headers=_A_DAY, media_type="text/javascript")


@router.get("/{name}")
def file(name: str) -> Response:
    """What the page is made with."""
    if name not in _FILES:
        raise HTTPException(404)
    content = files("fastapi_offline").joinpath("static", name).read_bytes()
    return Response(content, headers=_A_DAY, media_type=_FILES[name])
