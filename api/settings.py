"""Settings: the only place where the environment is read."""

from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Environment variables SAGSBOG_*, each with what it means and its default."""

    model_config = SettingsConfigDict(env_prefix="SAGSBOG_", frozen=True)

    database_url: str = "sqlite:///data"
    """Where the books are: sqlite:///DIRECTORY (a data directory) or postgresql://…"""
    master_key: str | None = None
    """32 bytes in base64 that wrap every key. Required on PostgreSQL; the embedded ledger makes its own file."""
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    """How much is logged on stderr. Logs carry ids, never names, CPR numbers or free text."""
