"""The service in a process of its own, as `sagsbog serve` starts it."""

import os
import re
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import httpx2

from api.identity import LocalIdentity
from tests.command import SAGSBOG
from tests.serving import KAREN

CASE = {"case_number": "AAR-2026-00009", "opened_on": "2026-11-02", "subject": "hjemmetraening", "child": "p-barn"}


class Running:
    """A service in a process of its own."""

    def __init__(self, process, directory, first):
        self.process = process
        self.directory = directory
        self.url = re.search(r"https?://127.0.0.1:\d+", first)[0]
        self.port = int(self.url.rpartition(":")[2])

    def client(self, **how):
        headers = {"Authorization": f"Bearer {LocalIdentity(self.directory).token(KAREN)}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=20, **how)

    def wire(self, data):
        """What comes back for bytes sent as they are."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as on:
            on.sendall(data)
            return answer_of(on)


def answer_of(on):
    got = b""
    try:
        while more := on.recv(65536):
            got += more
    except ConnectionResetError:  # the rest of what was sent is not read
        pass
    return got


@contextmanager
def serving(directory, *options, **environment):
    told = {f"SAGSBOG_{name.upper()}": str(value) for name, value in environment.items()}
    settings = {"SAGSBOG_DATABASE_URL": f"sqlite:///{directory}", **told}
    with (directory.parent / "log").open("w+b") as log:
        process = subprocess.Popen(
            [SAGSBOG, "serve", "--port", "0", *options], env={**os.environ, **settings}, stderr=log
        )
        try:
            yield Running(process, directory, first_line(log.name, process))
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(30)


def first_line(path, process):
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        if "Tjenesten kører" in (told := Path(path).read_text("utf-8")):
            return told
        time.sleep(0.05)
    raise AssertionError(Path(path).read_text("utf-8"))


def opened(client, number="AAR-2026-00009", key="aabn-1"):
    headers = {"Idempotency-Key": key}
    body = {"occurred_on": "2026-11-02", "data": CASE | {"case_number": number}}
    return client.post("/v1/cases", json=body, headers=headers)


def asked(running, path):
    with running.client() as client:
        return client.get(path)
