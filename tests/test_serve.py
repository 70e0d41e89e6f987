"""Serving: what starts and what does not, several processes, and an end that breaks nothing off."""

import os
import re
import signal
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.identity import LocalIdentity
from api.serving import listening
from tests.command import SAGSBOG, run
from tests.serving import KAREN

PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
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


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "data"


# Starting


@pytest.mark.parametrize(
    ("options", "environment", "says"),
    [
        (["--host", "192.0.2.1"], {}, "SAGSBOG_OIDC_ISSUER"),
        ([], {"SAGSBOG_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "SAGSBOG_MASTER_KEY"),
        (["--port", "70000"], {}, "--port"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(tmp_path, options, environment, says):
    done = run(
        f"sqlite:///{tmp_path}/data", "serve", "--port", "0", *options, **{"SAGSBOG_MASTER_KEY": ""} | environment
    )
    assert done.code in (1, 2)
    assert says in done.err
    assert done.err.count("\n") == 1, done.err


def test_a_port_that_is_taken_is_said_in_one_line(directory):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run(f"sqlite:///{directory}", "serve", "--port", taken.getsockname()[1])
    assert done.code == 1
    assert "--port" in done.err
    assert done.err.count("\n") == 1


def test_an_answer_does_not_wait_for_the_client_to_acknowledge_its_head():
    with listening("127.0.0.1", 0) as on, socket.create_connection(on.getsockname()), on.accept()[0] as connection:
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.skipif(not PROCESSORS, reason="no process chooses its processor here")
@pytest.mark.parametrize(("own", "processors"), [("true", 1), ("false", PROCESSORS)])
def test_a_worker_keeps_to_a_processor_unless_told_not_to(directory, own, processors):
    with serving(directory, own_processor=own) as running, running.client() as client:
        assert client.get("/healthz").status_code == 200
        assert len(os.sched_getaffinity(running.process.pid)) == processors


def test_the_service_speaks_tls_when_it_has_a_certificate(tmp_path, directory):
    certificate, key = self_signed(tmp_path)
    with serving(directory, tls_certificate=certificate, tls_key=key) as running:
        trusting = ssl.create_default_context(cafile=certificate)
        answer = httpx2.get(f"{running.url}/healthz", verify=trusting)
    assert running.url.startswith("https://")
    assert answer.headers["Strict-Transport-Security"]


def self_signed(directory):
    key, now = generate_private_key(SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    from ipaddress import ip_address  # noqa: PLC0415

    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    paths = directory / "cert.pem", directory / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


# Ending


@pytest.mark.parametrize(("workers", "how"), [(1, signal.SIGINT), (1, signal.SIGTERM), (2, signal.SIGTERM)])
def test_a_write_under_way_is_finished_and_no_new_one_is_begun(directory, how, workers):
    with serving(directory, "--workers", str(workers)) as running, running.client() as client:
        assert opened(client).status_code == 201
        body = b'{"occurred_on": "2026-11-03", "data": {"channel": "phone", "topic": "Vil vide mere"}, "refs": {}}'
        head = (
            f"POST /v1/cases/AAR-2026-00009/enquiry-received HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
            f"Authorization: {client.headers['Authorization']}\r\nContent-Type: application/json\r\n"
            'Idempotency-Key: henv-1\r\nIf-Match: "1"\r\n\r\n'
        )
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as on:
            on.sendall(head.encode() + body[:40])
            time.sleep(0.3)  # the request is under way
            running.process.send_signal(how)
            wait_for(lambda: not accepts(running.port))
            on.sendall(body[40:])
            answer = answer_of(on)
        assert answer.startswith(b"HTTP/1.1 201"), answer
        assert running.process.wait(30) == 0
    done = subprocess.run(
        [SAGSBOG, "verify"], env={**os.environ, "SAGSBOG_DATABASE_URL": f"sqlite:///{directory}"}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert "intet er ændret" in done.stdout


def accepts(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except ConnectionRefusedError:
        return False


def wait_for(right, seconds=20):
    end = time.monotonic() + seconds
    while not right():
        assert time.monotonic() < end
        time.sleep(0.05)


# Several processes


def test_a_process_that_is_killed_is_replaced_and_all_end_with_their_parent(directory):
    with serving(directory, "--workers", "2") as running, running.client() as client:
        assert opened(client).status_code == 201
        wait_for(lambda: len(processes_of(running)) == 3)  # two workers, and what keeps the read models up
        wait_for(lambda: cases_opened(running) == 1)  # it is counted once it is answered
        for victim in processes_of(running):
            os.kill(victim, signal.SIGKILL)
            wait_for(lambda gone=victim: len(processes_of(running)) == 3 and gone not in processes_of(running), 40)
        for n in range(20):
            answer = opened_again(running, n)
            assert answer.status_code == 201, answer.text
        wait_for(lambda: len(asked(running, "/v1/cases").json()["items"]) == 21)
        assert cases_opened(running) == 21, "the figures of every worker are added up, also of the one that is gone"
        processes = processes_of(running)
        running.process.kill()
        wait_for(lambda: not any(alive(pid) for pid in processes))


def opened_again(running, n):
    """On a connection of its own, so that either worker may take it."""
    with running.client() as client:
        return opened(client, f"AAR-2026-001{n:02}", f"aabn-{n}-igen")


def cases_opened(running):
    """How many the figures say."""
    told = asked(running, "/metrics")
    assert told.status_code == 200, told.text
    return sum(
        float(line.rpartition(" ")[2])
        for line in told.text.splitlines()
        if line.startswith('sagsbog_requests_total{method="POST",route="/v1/cases",status="2xx"}')
    )


def asked(running, path):
    with running.client() as client:
        return client.get(path)


def processes_of(running):
    threads = Path(f"/proc/{running.process.pid}/task").iterdir()
    children = [one for thread in threads for one in (thread / "children").read_text("utf-8").split()]
    return [int(one) for one in children if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]


def alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2][:3]
    except OSError:
        return False


# What is not HTTP, and what is but should not be


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


# The tour


def test_the_demo_says_how_to_ask_and_ends_at_ctrl_c(directory):
    with subprocess.Popen(
        [SAGSBOG, "demo", "--data", str(directory), "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env={**os.environ, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"},
    ) as tour:  # fmt: skip
        told = []
        for line in tour.stdout:
            told.append(line)
            if line.startswith("curl "):
                break
        token = next(line.strip().partition("=")[2] for line in told if line.startswith("TOKEN="))
        header, url = re.search(r'-H "(.*)" (http\S+)', told[-1]).groups()
        name, _, value = header.replace("$TOKEN", token).partition(": ")
        wait_for(lambda: answers(url))
        assert httpx2.get(url, headers={name: value}).json()["case_number"] == "AAR-2021-00417"
        tour.send_signal(signal.SIGINT)
        assert tour.wait(30) == 0
        assert tour.stderr.read() == ""


def answers(url):
    try:
        return bool(httpx2.get(url).status_code)
    except httpx2.TransportError:
        return False
