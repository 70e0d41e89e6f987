"""docs/settings.md, from the settings themselves (make docs)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from api.settings import Settings

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"


def settings_md() -> str:
    """docs/settings.md: every setting, with what it means and its default."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Settings"
    yield ""
    yield "Generated from `api/settings.py` and `api/identity_settings.py` (`make docs`). Environment variables, read"
    yield "and checked when a command starts: one that cannot be right is named, and nothing is started."
    for title, of in (("The service and its books", Settings), ("Identity", Settings.__base__)):
        yield ""
        yield f"## {title}"
        yield ""
        yield "| variable | meaning | default |"
        yield "|---|---|---|"
        for name in of.__annotations__:
            if name != "model_config":
                yield _row(name, Settings.model_fields[name])


def _row(name: str, field: FieldInfo) -> str:
    return f"| `SAGSBOG_{name.upper()}` | {' '.join((field.description or '').split())} | {_default(field.default)} |"


def _default(value: Any) -> str:
    if value is None or value == {} or isinstance(value, SecretStr):
        return "–"
    return ", ".join(f"`{one}`" for one in value) if isinstance(value, tuple) else f"`{value}`"
