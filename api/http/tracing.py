"""Traces (OpenTelemetry), when the settings say where they go: one span for each request, without personal data.

The library's own instrumentation puts the whole address and the client into a span; this puts the route's template.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.types import Scope

from ledger.errors import SagsbogError

if TYPE_CHECKING:
    from opentelemetry.trace import Span

_FAILED: Final = 500
_NOT_INSTALLED: Final = (
    "SAGSBOG_OTLP_ENDPOINT er sat, men OpenTelemetry er ikke installeret. Kør: pip install 'sagsbog[telemetry]'."
)


class Spans:
    """Makes a span for a request, and sends them in the background."""

    def __init__(self, endpoint: str) -> None:
        """`endpoint`: where traces are taken in, OTLP over HTTP."""
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        except ImportError:  # an extra of the package
            raise SagsbogError(_NOT_INSTALLED) from None
        self._provider = TracerProvider(resource=Resource.create({"service.name": "sagsbog"}))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
        self._tracer = self._provider.get_tracer("sagsbog")

    @contextmanager
    def of(self, scope: Scope) -> Iterator["Span"]:
        """The span of a request, below the caller's own when that came with it."""
        from opentelemetry.trace import SpanKind  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        parent = TraceContextTextMapPropagator().extract(dict(Headers(scope=scope)))
        with self._tracer.start_as_current_span(
            "request", parent, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            yield span

    def end(self, span: "Span", method: str, route: str, status: int) -> None:
        """Says how the request went."""
        from opentelemetry.trace import StatusCode  # noqa: PLC0415

        span.update_name(f"{method} {route}")
        span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
        if status >= _FAILED:
            span.set_status(StatusCode.ERROR)

    def close(self) -> None:
        """Sends what is left."""
        self._provider.shutdown()
