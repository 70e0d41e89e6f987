"""What is not HTTP, and what is but should not be, sent to a served service as bytes."""

import re
import socket
import time
from pathlib import Path

import httpx2
import pytest

from api.identity import LocalIdentity
from tests.service_process import answer_of, asked, serving
from tests.serving import KAREN


@pytest.fixture(scope="module")
def on_the_wire(tmp_path_factory):
    directory = tmp_path_factory.mktemp("wire") / "data"
    with serving(directory, head_seconds=1, body_seconds=1) as running:
        yield running


JSON = {"Content-Type": "application/json"}
POST = b"POST /v1/cases HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
HUGE = b"Content-Length: 100000000\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
        (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: gzip\r\n\r\n", 400),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: 1_000\r\n\r\n", 400),
        (POST + HUGE + b"\r\n" + b"a" * 100_000, 413),
        (GET + b"X-Odd: a\x00b\r\n\r\n", 400),
        (GET + b"X Odd: a\r\n\r\n", 400),
        (GET + b"X-Odd : a\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
        (GET + b"Host: y\r\n\r\n", 400),
        (GET + b"X-Long: " + b"a" * 200_000 + b"\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET /healthz\r\n\r\n", 400),
        (b"GET  /healthz HTTP/9.9\r\nHost: x\r\n\r\n", 400),
        (GET + b"X-Folded: a\r\n b\r\nConnection: close\r\n\r\n", 200),
        (GET + b"Connection: close\r\n\r\n", 200),
        (GET + b"Upgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n", 200),
    ],
)
def test_odd_requests_get_a_clean_answer_and_the_service_goes_on(on_the_wire, sent, status):
    answer = on_the_wire.wire(sent)
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer[:300]
    assert status == 200 or b"application/problem+json" in answer
    assert answer.count(b"HTTP/1.1") == 1
    assert asked(on_the_wire, "/healthz").status_code == 200


def test_a_broken_chunk_ends_the_request(on_the_wire):
    token = LocalIdentity(on_the_wire.directory).token(KAREN).encode()
    head = POST + b"Idempotency-Key: k\r\nAuthorization: Bearer " + token + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = on_the_wire.wire(head + b"zz\r\n{}\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert asked(on_the_wire, "/healthz").status_code == 200


@pytest.mark.parametrize("announced", [True, False])
def test_a_hundred_megabytes_are_not_kept(on_the_wire, announced):
    before = memory_of(on_the_wire)
    with on_the_wire.client() as client:
        body = b"a" * 100_000_000 if announced else (b"a" * 1_000_000 for _ in range(100))
        try:
            answer = client.post("/v1/cases", content=body, headers={"Idempotency-Key": "k", **JSON})
        except httpx2.TransportError:
            assert asked(on_the_wire, "/healthz").status_code == 200, "this machine was too slow to send it in time"
        else:
            assert answer.status_code == 413
            assert answer.json()["type"] == "too-large"
    assert memory_of(on_the_wire) - before < 20_000  # kB


def memory_of(running):
    status = Path(f"/proc/{running.process.pid}/status").read_text("utf-8")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", b""),
        (b"GET /healthz HTTP/1.1\r\nHost:", b"HTTP/1.1 408 "),
        (POST + b"Idempotency-Key: k\r\nContent-Length: 10\r\n\r\n{", b"HTTP/1.1 408 "),
    ],
)
def test_who_sends_too_slowly_is_let_go(on_the_wire, sent, status):
    token = LocalIdentity(on_the_wire.directory).token(KAREN).encode()
    sent = sent.replace(b"Idempotency-Key", b"Authorization: Bearer " + token + b"\r\nIdempotency-Key")
    began = time.monotonic()
    answer = on_the_wire.wire(sent)
    assert answer.startswith(status), answer
    assert bool(answer) is bool(status)
    assert 0.5 < time.monotonic() - began < 8


def test_a_connection_serves_more_than_one_request_and_is_let_go_when_nothing_comes(on_the_wire):
    with socket.create_connection(("127.0.0.1", on_the_wire.port), timeout=20) as on:
        for _ in range(3):
            on.sendall(GET + b"\r\n")
            time.sleep(0.4)
            assert on.recv(65536).startswith(b"HTTP/1.1 200")
        assert answer_of(on) == b""
