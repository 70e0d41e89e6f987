"""Logs: one JSON object per line on stderr, with ids and no personal data.

Of an error its kind is logged and where it came about, never its words: they may quote what someone wrote.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor

_FRAMES: Final = 12  # of a traceback, the innermost


def configure(level: str, to: TextIO | None = None) -> None:
    """Sets up structlog for this process; `to`: where the lines go, when it is not stderr."""
    structlog.configure(
        processors=list(_PROCESSORS),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(to or sys.stderr),
        cache_logger_on_first_use=True,
    )


class _Form(logging.Formatter):
    """What a library says, without what it put into its words."""

    def format(self, record: logging.LogRecord) -> str:
        has_a_form = record.args or record.name.startswith("uvicorn")
        event: Any = {"event": str(record.msg) if has_a_form else record.name, "logger": record.name}
        event["exc_info"] = record.exc_info
        for processor in _PROCESSORS:
            event = processor(None, record.levelname.lower(), event)
        return str(event)


def take_in_libraries() -> None:
    """Lets what libraries warn of come out in the same form: for a process that serves."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Form())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def where(_: Any, __: str, event: MutableMapping[str, Any]) -> EventDict:
    """Puts the kind of an error and the place it came from where its words would be."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        event["at"] = [f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno}" for frame in frames]
    event.pop("exc_text", None)
    return dict(event)


def _as_json(event: EventDict, **_: Any) -> str:
    return orjson.dumps(event, str).decode()


_PROCESSORS: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    where,
    structlog.processors.JSONRenderer(_as_json),
)
