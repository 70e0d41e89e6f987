"""Everything that the OpenAPI document allows and forbids, tried on a running service by schemathesis, with all checks.

In `make test` a fixed small budget; `make prove` tries much more, as more users.
"""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.identity import LocalIdentity
from tests.samples import AARHUS, FILES
from tests.tutorial import free_port
from tests.waiting import until_served

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
ADVISER, LEADER, AUDITOR, PARENT = "u-aa-karen", "u-aa-poul", "u-aa-erik", "u-aa-sofie"


@contextmanager
def serving(directory):
    """A service of its own, with the sample case of Aarhus; gives its address."""
    address = f"http://127.0.0.1:{free_port()}"
    told = {**os.environ, "SAGSBOG_DATABASE_URL": f"sqlite:///{directory}/data", "SAGSBOG_RATE_LIMIT": "0"}
    subprocess.run([BIN / "sagsbog", "import", ROOT / f"api/samples/{FILES[AARHUS]}.json"], env=told, check=True)
    with (directory / "log").open("wb") as log, subprocess.Popen(
        [BIN / "sagsbog", "serve", "--port", address.rpartition(":")[2]], env=told, stderr=log, stdout=log
    ) as service:  # fmt: skip
        try:
            until_served(address)
            yield address
        finally:
            service.terminate()


def must_find_nothing(directory, address, user, *options):
    """Lets schemathesis loose as that user; fails with all it says when it finds anything."""
    token, reader = (LocalIdentity(directory / "data").token(one) for one in (user, ADVISER))
    told = {
        "SCHEMATHESIS_HOOKS": str(ROOT / "tests/schemathesis_hooks.py"), "FUZZED_CASE": f"{address}/v1/cases/{AARHUS}",
        "FUZZING_READER": reader,
    }  # fmt: skip
    command = [
        BIN / "schemathesis", "--config-file", ROOT / "tests/schemathesis.toml", "run", f"{address}/openapi.json",
        "--header", f"Authorization: Bearer {token}", "--checks", "all", "--continue-on-failure", "--no-color",
        *options,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=directory, env={**os.environ, **told}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{user}:\n{done.stdout[-20_000:]}{done.stderr[-2_000:]}"


def test_nothing_that_is_sent_breaks_the_service(tmp_path):
    with serving(tmp_path) as address:
        small = ("--max-examples", "1", "--phases")
        must_find_nothing(tmp_path, address, ADVISER, *small, "examples,fuzzing")
        for user in (LEADER, AUDITOR, PARENT):
            must_find_nothing(tmp_path, address, user, *small, "fuzzing", "--include-method", "GET")


@pytest.mark.prove
@pytest.mark.parametrize("user", [ADVISER, LEADER, AUDITOR, PARENT])
def test_nothing_that_is_sent_breaks_the_service_at_length(tmp_path, user):
    with serving(tmp_path) as address:
        options = ("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "50")
        must_find_nothing(tmp_path, address, user, *options)
