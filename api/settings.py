"""Settings: the only place where the environment is read."""

import re
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict, SettingsError

from api.identity_settings import IdentitySettings

FIGURES_IN: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Names the place where the processes of a service keep their figures, so that whichever is asked can tell them all."""
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Settings(IdentitySettings):
    """Environment variables SAGSBOG_*, each with what it means and its default."""

    model_config = SettingsConfigDict(env_prefix="SAGSBOG_", frozen=True, use_attribute_docstrings=True)

    database_url: str = "sqlite:///data"
    """Where the books are: sqlite:///DIRECTORY (a data directory) or postgresql://…"""
    master_key: str | None = None
    """32 bytes in base64 that wrap every key. Required on PostgreSQL; the embedded ledger makes its own file."""
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    """How much is logged on stderr; when serving `info` unless told. Ids only: no names, CPR numbers or free text."""

    # How the service behaves

    body_limit: Annotated[int, Field(gt=0)] = 2_000_000
    """Bytes that the body of a request may have."""
    head_seconds: Seconds = 10
    """Within which the head of a request must have come."""
    body_seconds: Seconds = 30
    """Within which the body of a request must have come."""
    answer_seconds: Seconds = 60
    """Within which an answer must be under way; also how long a stop waits for the requests that are running."""
    rate_limit: Annotated[int, Field(ge=0)] = 100
    """Requests a second of one user, or of an unproved address, per worker; ten times as many at once. 0 = no limit."""
    own_processor: bool = True
    """Keep each worker to one processor: it does a third more. Not on machines where other services do the same."""
    lag_seconds: Seconds = 60
    """How far the read models may be behind before `/readyz` says no."""
    metrics_token: SecretStr | None = None
    """Lets `/metrics` be read from elsewhere than the machine itself: Authorization: Bearer TOKEN."""
    otlp_endpoint: str | None = None
    """Where traces go, e.g. http://collector:4318/v1/traces. Needs the extra `telemetry`. Not set = no traces."""


def wrong_settings(error: ValidationError | SettingsError) -> str:
    """Which settings cannot be right, and why where that is said in Danish; never their values."""
    if isinstance(error, ValidationError):
        return " ".join(_wrong(str(found["loc"][0]), found.get("ctx", {}).get("error")) for found in error.errors())
    named = re.search(r'field "(\w+)"', str(error))
    return _wrong(named[1] if named else "…", "kan ikke læses som JSON")


def _wrong(name: str, why: object) -> str:
    return f"Indstillingen SAGSBOG_{name.upper()} {why or 'har en ugyldig værdi'}."
