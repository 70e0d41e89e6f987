"""The answers that are not yes. Each carries its sentence in Danish; the edge maps them to exit codes and statuses."""

from dataclasses import dataclass
from typing import Final

_SHOWN: Final = 10  # faults told in one line; all of them are in `faults`


class SagsbogError(Exception):
    """Something the user can understand and act on. `str()` is the Danish sentence."""


class NotFound(SagsbogError):  # noqa: N818  (a name for the answer, not for a fault)
    """There is no such case, document or entry."""


class Unauthenticated(SagsbogError):  # noqa: N818
    """Nobody has said who asks, or what was said does not prove it."""


class Forbidden(SagsbogError):  # noqa: N818
    """The one who asks may not see this."""


class PreconditionRequired(SagsbogError):  # noqa: N818
    """Something must come with the request that did not: a request id, the version it builds on, a purpose."""


class Unavailable(SagsbogError):  # noqa: N818
    """Something that the answer needs is not there right now; to ask again may help."""


class Conflict(SagsbogError):  # noqa: N818
    """Someone was first, or what is known differs from what is given."""

    def __init__(self, sentence: str, current_version: int | None = None) -> None:
        super().__init__(sentence)
        self.current_version = current_version


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with what was given."""

    where: str
    """Field, dotted: `data.posts.0.amount_oere`."""
    sentence: str


class Invalid(SagsbogError):  # noqa: N818
    """What was given cannot be understood, or points at something that does not exist."""

    def __init__(self, *faults: Fault, about: str = "") -> None:
        self.faults = faults
        shown = [f"{fault.where}: {fault.sentence}" if fault.where else fault.sentence for fault in faults[:_SHOWN]]
        more = [f"og {len(faults) - _SHOWN} fejl til"] if len(faults) > _SHOWN else []
        told = "; ".join(shown + more)
        super().__init__(f"{about}: {told}" if about else told)


@dataclass(frozen=True)
class FailedGuard:
    """A guard that said no."""

    id: str
    sentence: str
    source: str
    field: str = ""
    """The field it is about, when it is about one."""

    @property
    def told(self) -> str:
        """The sentence, with the field it is about."""
        return f"{self.sentence} ({self.field})" if self.field else self.sentence


class Refused(SagsbogError):  # noqa: N818
    """One or more guards said no. Nothing was recorded."""

    def __init__(self, *guards: FailedGuard) -> None:
        self.guards = tuple(sorted(guards, key=lambda guard: guard.id))
        ids = "+".join(dict.fromkeys(guard.id for guard in self.guards))
        says = " ".join(dict.fromkeys(guard.told for guard in self.guards))
        sources = "; ".join(dict.fromkeys(f"{guard.id}: {guard.source}" for guard in self.guards))
        super().__init__(f"{ids}: {says} [{sources}]")
