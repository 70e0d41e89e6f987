"""The description of the service (OpenAPI), as it is with the settings that the program comes with."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from api.http.app import create_app
from api.http.service import Service
from api.identity import LocalIdentity
from api.settings import Settings
from api.terminal import now
from ledger.store.books import Books


@cache
def description(issuer: str | None = None) -> dict[str, Any]:
    """The description as plain data. `issuer`: the identity provider, where there is one."""
    with TemporaryDirectory() as place, Books(f"sqlite:///{place}", now) as books:
        return create_app(Service(Settings(oidc_issuer=issuer), books, LocalIdentity(Path(place)))).openapi()


def openapi_json() -> str:
    """docs/openapi.json: a line for each thing, so that a difference can be read."""
    return json.dumps(description(), ensure_ascii=False, indent=1) + "\n"
