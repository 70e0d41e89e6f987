"""The figures of the service as Prometheus reads them."""

import hmac
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from api.http.health import look
from api.http.openapi import responses
from api.http.service import Service, Serving
from api.identity_settings import is_loopback
from api.settings import FIGURES_IN
from ledger.errors import Forbidden

router = APIRouter(tags=["Drift"])
_PROXIED: Final = ("forwarded", "x-forwarded-for")


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Tal til overvågning",
    response_class=PlainTextResponse,
    responses=responses(403, 429),
)
def metrics(request: Request, serving: Serving) -> Response:
    """The figures of all processes. For the machine itself, and for whoever has the token of the settings."""
    if not _may_read(request, serving):
        raise Forbidden("Tallene kan læses på maskinen selv, eller med SAGSBOG_METRICS_TOKEN som bearer token.")
    look(serving)
    return Response(generate_latest(_registry()), media_type=CONTENT_TYPE_LATEST)


def _may_read(request: Request, serving: Service) -> bool:
    token = serving.settings.metrics_token
    given = request.headers.get("authorization", "").partition(" ")[2]
    if token and hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
        return True
    proxied = any(name in request.headers for name in _PROXIED)  # a proxy on this machine asks for someone else
    return not proxied and is_loopback(request.client.host if request.client else "")


def _registry() -> CollectorRegistry:
    directory = os.environ.get(FIGURES_IN)
    if not directory:
        return REGISTRY
    for pid in _gone(Path(directory)):
        mark_process_dead(pid, directory)  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    registry.register(_AllProcesses(Path(directory)))
    return registry


class _AllProcesses(Collector):
    """The figures of all processes added up, those that ended too.

    A process that is killed just as it begins leaves a file with nothing in it, which the library cannot read.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def collect(self) -> Iterable[Metric]:
        """What all have counted."""
        begun = [str(file) for file in self._directory.glob("*.db") if file.stat().st_size]
        return MultiProcessCollector.merge(begun)  # type: ignore[no-untyped-call, no-any-return]


def _gone(directory: Path) -> Iterator[int]:
    """Processes that ended, however it came: what they were doing just then no longer counts."""
    for pid in {int(file.stem.rpartition("_")[2]) for file in directory.glob("gauge_live*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            yield pid
