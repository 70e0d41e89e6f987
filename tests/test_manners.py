"""The manners of the service: limits, headers, ids, figures – whatever is asked."""

import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client import REGISTRY
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from structlog.testing import capture_logs

from api.http.app import create_app
from api.http.rate import Buckets
from api.http.service import Service
from api.identity import LocalIdentity
from api.settings import FIGURES_IN, Settings
from tests.samples import import_sample
from tests.serving import KAREN, POUL, served, writing

AARHUS = "AAR-2021-00417"
CASE = f"/v1/cases/{AARHUS}"
NOTE = "/v1/cases/{}/note-recorded"


@pytest.fixture
def place(books, tmp_path):
    """Where a service with other settings can be had."""
    import_sample(books, AARHUS)
    return lambda **settings: served(books, tmp_path, **settings)


@pytest.fixture
def service(place):
    with place() as service:
        service.app.get("/test/broken")(broken)
        yield service


def broken():
    raise ValueError("Asta Prøve Nordhavn, 740916-0002")


# Headers


@pytest.mark.parametrize(
    ("path", "status"),
    [(CASE, 200), ("/v1/cases/FINDES-IKKE", 404), ("/nowhere", 404), ("/healthz", 200), ("/test/broken", 500)],
)
def test_every_answer_tells_browsers_to_keep_nothing_and_run_nothing(service, path, status):
    answer = service.client(KAREN).get(path)
    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "Strict-Transport-Security" not in answer.headers
    assert "Server" not in answer.headers


def test_only_the_page_of_documentation_may_run_a_script_and_all_of_it_comes_from_here(service):
    client = TestClient(service.app)
    page = client.get("/docs")
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert "http" not in page.headers["Content-Security-Policy"]
    named = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert sorted(named) == ["/docs/begin.js", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "data:,"]
    assert "<script>" not in page.text
    for path in named[1:]:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Type"].startswith(("text/css", "text/javascript"))
        assert answer.content
    assert "/openapi.json" in client.get("/docs/begin.js").text
    assert client.get("/docs/redoc.standalone.js").status_code == 404


def test_over_tls_browsers_are_told_to_stay_there(service):
    client = TestClient(service.app, base_url="https://sagsbog.example")
    assert client.get("/healthz").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_request_keeps_the_id_it_came_with_only_when_it_names_nobody(service):
    client = service.client(KAREN)
    for sent, kept in [
        ("0b0e6a52-8f0b-4a80-8d0d-0f6d3c9d7a11", True),
        ("0b0e6a528f0b4a808d0d0f6d3c9d7a11", True),
        ("740916-0002", False),
        ("Asta", False),
        ("0b0e6a528f0b4a808d0d0f6d3c9d7a11\r\n", False),
        ("", False),
    ]:
        answered = client.get("/healthz", headers={"X-Request-ID": sent}).headers["X-Request-ID"]
        assert (answered == sent) is kept, sent
        assert len(answered.replace("-", "")) == 32


# Faults


def test_an_error_of_our_own_is_told_without_its_words(service):
    with capture_logs() as logged:
        answer = service.client(KAREN).get("/test/broken")
    assert answer.json() == {
        "type": "error", "title": "Fejl i tjenesten", "status": 500,
        "detail": "Noget gik galt i tjenesten. Intet halvt er gemt.",
    }  # fmt: skip
    ours = [(one["event"], one.get("status")) for one in logged if one["event"] != "told"]
    assert ours == [("unexpected error", None), ("request", 500)]


def test_a_request_leaves_one_line_with_ids_only(service):
    with capture_logs() as logged:
        service.client(KAREN).get(f"{CASE}?as_of=2021-06-01")
    (line,) = [one for one in logged if one["event"] == "request"]
    assert line.pop("ms") > 0
    assert line == {
        "event": "request", "method": "GET", "route": "/v1/cases/{case}", "status": 200, "user": KAREN,
        "log_level": "info",
    }  # fmt: skip


# Limits


@pytest.mark.parametrize(("size", "status"), [(2_000, 422), (2_001, 413)])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_may_be_as_large_as_the_limit_and_no_larger(place, size, status, announced):
    body = b'{"data": "' + b"a" * (size - 12) + b'"}'
    assert len(body) == size
    headers = {**writing(69), "Content-Type": "application/json"}
    with place(body_limit=2_000) as service:
        answer = service.client(KAREN).post(
            NOTE.format(AARHUS), content=body if announced else iter([body[:900], body[900:]]), headers=headers
        )
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    if status == 413:
        assert answer.json()["type"] == "too-large"


def test_a_body_with_two_lengths_is_refused(service):
    headers = {"Transfer-Encoding": "chunked", "Content-Length": "3"}
    answer = service.client(KAREN).post(NOTE.format(AARHUS), content=iter([b"{}"]), headers=headers)
    assert answer.status_code == 400
    assert answer.json()["type"] == "bad-request"


def test_an_answer_that_takes_too_long_is_given_up_but_what_it_did_is_done(place):
    done = threading.Event()

    def slow():
        time.sleep(0.6)
        done.set()

    with place(answer_seconds=0.2) as service:
        service.app.get("/test/slow")(slow)
        began = time.monotonic()
        answer = service.client(KAREN).get("/test/slow")
        assert answer.status_code == 503
        assert "Idempotency-Key" in answer.json()["detail"]
        assert answer.headers["Retry-After"]
        assert time.monotonic() - began < 5
        assert done.wait(5)


def test_who_asks_too_often_is_told_to_wait_and_others_are_not(place):
    with place(rate_limit=1) as service:
        karen, poul = service.client(KAREN), service.client(POUL)
        first = [karen.get("/v1/cases").status_code for _ in range(12)]
        refused = karen.get("/v1/cases")
        assert first[:10] == [200] * 10
        assert refused.status_code == 429
        assert refused.json()["type"] == "too-many-requests"
        assert refused.headers["Retry-After"] == "1"
        assert refused.headers["X-Content-Type-Options"] == "nosniff"
        assert poul.get("/v1/cases", headers={"X-Purpose": "ledelse"}).status_code == 200


def test_made_up_tokens_count_for_the_address_they_come_from(place):
    with place(rate_limit=1) as service:
        client = service.client(KAREN)
        assert client.get("/v1/cases").status_code == 200
        answers = [client.get("/v1/cases", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(15)]
        assert answers[:9] == [401] * 9
        assert set(answers[10:]) == {429}
        assert client.get("/v1/cases").status_code == 200, "who has proved who they are is not held back by it"


def test_without_a_limit_nobody_waits(place):
    with place(rate_limit=0) as service:
        client = service.client(KAREN)
        assert {client.get("/healthz").status_code for _ in range(40)} == {200}


@given(st.lists(st.floats(min_value=0, max_value=30), max_size=200), st.integers(min_value=1, max_value=20))
def test_nobody_gets_more_than_the_rate_and_what_may_come_at_once(pauses, rate):
    now = 0.0
    buckets = Buckets(rate, clock=lambda: now)
    taken = 0
    for pause in pauses:
        now += pause
        wait = buckets.take("x")
        taken += not wait
        assert 0 <= wait <= 1 / rate
    assert taken <= 10 * rate + now * rate + 1e-6


def test_what_is_remembered_of_addresses_is_bounded():
    buckets = Buckets(1, clock=lambda: 0.0)
    for n in range(12_000):
        buckets.take(str(n))
    assert len(buckets) == 10_000


def test_the_books_stay_open_until_the_last_request_has_ended(books, tmp_path):
    ended = []

    def slow():
        time.sleep(1)
        ended.append("request")

    app = create_app(Service(Settings(), books, LocalIdentity(tmp_path)), at_end=lambda: ended.append("books"))
    app.get("/test/slow")(slow)
    with socket.create_server(("127.0.0.1", 0)) as on:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        running = threading.Thread(target=server.run, args=([on],))
        running.start()
        with socket.create_connection(on.getsockname()) as client:
            client.sendall(b"GET /test/slow HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(0.3)
            server.should_exit = True
            running.join(20)
    assert ended == ["request", "books"]


# Figures


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.0.0.7", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.7"}, 403),
        ("10.0.0.7", {"Authorization": "Bearer hemmelig-1"}, 200),
        ("10.0.0.7", {"Authorization": "Bearer hemmelig-2"}, 403),
        ("10.0.0.7", {"Authorization": "Bearer æøå"}, 403),
    ],
)
def test_figures_are_for_the_machine_itself_and_for_who_has_the_token(place, client, headers, status):
    headers = {name: value.encode() for name, value in headers.items()}
    with place(metrics_token="hemmelig-1") as service:  # noqa: S106 - of this test
        answer = TestClient(service.app, client=(client, 1)).get("/metrics", headers=headers)
    assert answer.status_code == status


def test_figures_tell_what_an_operator_is_woken_for(service):
    client = service.client(KAREN)
    before = figures(service)
    client.get(CASE)
    client.get("/v1/cases/FINDES-IKKE")
    client.get(f"/nowhere/{AARHUS}")
    body = {"occurred_on": "2021-06-01", "data": {"text": "Et notat", "about": "other", "internal": False}, "refs": {}}
    assert client.post(NOTE.format(AARHUS), json=body, headers=writing(3)).status_code == 412
    body["data"]["text"] = "740916-0002"
    assert client.post(NOTE.format(AARHUS), json=body, headers=writing(69)).status_code == 409
    assert client.get("/test/broken").status_code == 500
    after = figures(service)
    for name, more in [
        ('sagsbog_requests_total{method="GET",route="/v1/cases/{case}",status="2xx"}', 1),
        ('sagsbog_requests_total{method="GET",route="/v1/cases/{case}",status="4xx"}', 1),
        ('sagsbog_requests_total{method="GET",route="none",status="4xx"}', 1),
        ('sagsbog_request_seconds_count{method="GET",route="/v1/cases/{case}"}', 2),
        ("sagsbog_conflicts_total", 1),
        ('sagsbog_refused_total{guard="G34"}', 1),
        ("sagsbog_unexpected_errors_total", 1),
    ]:
        assert after.get(name, 0) - before.get(name, 0) == more, name
    assert after['sagsbog_read_model_lag_entries{book="aarhus"}'] >= 0
    assert not [name for name in after if AARHUS in name]


def test_figures_are_told_though_a_process_was_killed_as_it_began(service, tmp_path, monkeypatch):
    monkeypatch.setenv(FIGURES_IN, str(tmp_path))
    kept = MmapedDict(tmp_path / "counter_1.db")
    kept.write_value(mmap_key("sagsbog_conflicts", "sagsbog_conflicts_total", [], [], "Writes"), 3.0, 0.0)
    kept.close()
    (tmp_path / "counter_2.db").touch()
    assert figures(service)["sagsbog_conflicts_total"] == 3


def figures(service):
    text = TestClient(service.app, client=("127.0.0.1", 1)).get("/metrics").text
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def test_every_figure_is_explained_to_those_who_run_it_and_no_other():
    kept = {f"{metric.name}_total" if metric.type == "counter" else metric.name for metric in REGISTRY.collect()}
    ours = {name for name in kept if name.startswith("sagsbog_")}
    page = (Path(__file__).parent.parent / "docs/operations.md").read_text("utf-8")
    assert {
        line.split("`")[1].partition("{")[0] for line in page.splitlines() if line.startswith("| `sagsbog_")
    } == ours
    in_rules = {name.removesuffix("_bucket") for name in re.findall(r"sagsbog_[a-z_]+", page.partition("```yaml")[2])}
    assert in_rules <= ours


# Health


def test_the_service_is_ready_once_the_read_models_have_caught_up(service):
    client = TestClient(service.app)
    assert client.get("/healthz").json() == {"status": "ok"}
    everything = {"lag": 0, "behind_seconds": 0.0, "why_not": ""}
    until(lambda: client.get("/readyz"), lambda answer: answer.json()["books"]["aarhus"] == everything)
    assert (answer := client.get("/readyz")).status_code == 200
    assert answer.json()["status"] == "ready"


def test_the_service_is_not_ready_when_the_read_models_stand_still_and_is_again_when_they_do_not(books, place):
    book = books.book("aarhus")
    with place(lag_seconds=0.5) as service:
        client = TestClient(service.app)
        until(lambda: client.get("/readyz"), lambda answer: answer.status_code == 200)
        with book.read_models.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {_schema(book)}told RENAME TO told_away")
        assert service.client(KAREN).get(CASE).status_code == 200  # the look is an entry that cannot be told now
        answer = until(lambda: client.get("/readyz"), lambda answer: answer.status_code == 503)
        assert answer.headers["Retry-After"]
        assert "bagud" in answer.json()["why"]
        assert client.get("/healthz").status_code == 200
        with book.read_models.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {_schema(book)}told_away RENAME TO told")
        assert until(lambda: client.get("/readyz"), lambda answer: answer.status_code == 200)


def _schema(book):
    return "" if book.read_models.dialect.name == "sqlite" else f"sagsbog_{book.municipality}_read."


def until(ask, right, seconds=20):
    end = time.monotonic() + seconds
    while not right(answer := ask()) and time.monotonic() < end:
        time.sleep(0.05)
    assert right(answer), answer.text
    return answer


# Traces


def test_spans_go_where_the_settings_say_and_tell_the_route_only(place):
    taken = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        with place(otlp_endpoint=f"http://127.0.0.1:{collector.server_port}/v1/traces") as service:
            parent = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
            service.client(KAREN).get(f"{CASE}?as_of=2021-06-01", headers=parent)
        collector.shutdown()
    sent = [ExportTraceServiceRequest.FromString(one) for one in taken]
    (span,) = [span for one in sent for of in one.resource_spans for by in of.scope_spans for span in by.spans]
    assert span.name == "GET /v1/cases/{case}"
    assert span.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    told = {one.key for one in span.attributes}
    assert told == {"http.request.method", "http.route", "http.response.status_code"}
    assert not [one for one in taken if AARHUS.encode() in one or KAREN.encode() in one]
