"""Serving: what starts and what does not, several processes, and an end that breaks nothing off."""

import os
import re
import signal
import socket
import ssl
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.serving import listening
from tests.command import SAGSBOG, run
from tests.service_process import answer_of, asked, opened, serving

PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0


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


def processes_of(running):
    threads = Path(f"/proc/{running.process.pid}/task").iterdir()
    children = [one for thread in threads for one in (thread / "children").read_text("utf-8").split()]
    return [int(one) for one in children if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]


def alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2][:3]
    except OSError:
        return False


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
