"""HTTP on the wire: uvicorn's strict reader (h11), with a limit on how long the head of a request may take.

What cannot be read is answered as a problem too, so that clients meet one form of error.
"""

from asyncio import TimerHandle, Transport
from typing import Any, Final

import h11
import orjson
from uvicorn.protocols.http.h11_impl import H11Protocol

_CAN_ANSWER: Final = (h11.IDLE, h11.SEND_RESPONSE)
_REASONS: Final = {
    400: ("bad-request", "Forespørgslen kan ikke læses", b"Bad Request"),
    408: ("too-slow", "Forespørgslen kom ikke i tide", b"Request Timeout"),
}


class PatientProtocol(H11Protocol):
    """One connection. Nobody holds it by sending a head a byte at a time, or by sending nothing."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._due: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begins to wait for the head of the first request."""
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing more."""
        super().connection_lost(exc)
        self._watch(waiting=False)

    def handle_events(self) -> None:
        """Reads on; the head counts as come when its request has begun."""
        super().handle_events()
        self._watch(waiting=self.cycle is None or self.cycle.response_complete)

    def on_response_complete(self) -> None:
        """Begins to wait for the next request."""
        super().on_response_complete()
        self._watch(waiting=self.cycle.response_complete and not self.transport.is_closing())

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP, when there still can be an answer, and closes."""
        del msg
        self._refuse(400)

    def _watch(self, *, waiting: bool = True) -> None:
        if self._due and not waiting:
            self._due.cancel()
            self._due = None
        elif waiting and not self._due:
            self._due = self.loop.call_later(self.timeout_keep_alive, self._too_slow)

    def _too_slow(self) -> None:
        if self.conn.trailing_data[0]:
            self._refuse(408)
        elif not self.transport.is_closing():
            self.transport.close()

    def _refuse(self, status: int) -> None:
        if self.transport.is_closing():
            return
        if self.conn.our_state in _CAN_ANSWER:
            kind, sentence, reason = _REASONS[status]
            body = orjson.dumps({"type": kind, "title": sentence, "status": status, "detail": f"{sentence}."})
            headers = [
                ("content-type", "application/problem+json"),
                ("content-length", str(len(body))),
                ("x-content-type-options", "nosniff"),
                ("cache-control", "no-store"),
                ("connection", "close"),
            ]
            head = h11.Response(status_code=status, headers=headers, reason=reason)
            parts = (head, h11.Data(body), h11.EndOfMessage())
            self.transport.write(b"".join(self.conn.send(part) or b"" for part in parts))
        self.transport.close()
