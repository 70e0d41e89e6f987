"""`python -m tests.benchmarks [--quick] [append|fold]`: measures, and prints Markdown."""

import os
import platform
import sqlite3
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from time import monotonic
from typing import Final

from tests.benchmarks import append, fold, follow, service, tell
from tests.benchmarks.places import postgres_version

JOBS: Final[dict[str, Callable[[bool], str]]] = {
    "tell": lambda quick: tell.measure(tell.QUICK if quick else tell.FULL),
    "follow": lambda quick: follow.measure(follow.QUICK if quick else follow.FULL),
    "service": lambda quick: service.measure(service.QUICK if quick else service.FULL),
    "append": lambda quick: append.measure(append.QUICK if quick else append.FULL),
    "fold": lambda quick: fold.measure(fold.QUICK if quick else fold.FULL),
}


def main() -> None:
    """Runs the jobs that are asked for."""
    asked = ArgumentParser(prog="python -m tests.benchmarks", description="Measured speed, as ratios.")
    asked.add_argument("job", nargs="?", choices=sorted(JOBS), help="only this one")
    asked.add_argument("--quick", action="store_true", help="small sizes: shows that it runs, not how fast")
    given = asked.parse_args()
    start = monotonic()
    _print(about())
    for name in [given.job] if given.job else JOBS:
        _print(JOBS[name](given.quick))
    _print(f"{'Quick run' if given.quick else 'Run'} of {monotonic() - start:.0f} s; load {_load()} at the end.")


def about() -> str:
    """When, where and with what it is measured."""
    versions = {
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": postgres_version(),
        "eventsourcing": version("eventsourcing"),
        "sagsbog": version("sagsbog"),
    }
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} CPUs, {platform.platform()};"
        f" load {_load()} at the start;\n"
        f"{', '.join(f'{name} {number}' for name, number in versions.items())}.\n"
        "Ratios are medians of the rounds (least–most); absolute figures are medians, not to be compared between runs."
    )


def _load() -> str:
    return " ".join(f"{one:.2f}" for one in os.getloadavg())


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
