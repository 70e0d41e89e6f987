"""What is measured of the service, for those who run it; docs/operations.md says what to watch for.

Counted in each worker process by itself, and added up when they are read.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, that nobody reads
REQUESTS: Final = Counter("sagsbog_requests", "Answered requests", ["method", "route", "status"])
SECONDS: Final = Histogram(
    "sagsbog_request_seconds",
    "How long answers took",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
IN_FLIGHT: Final = Gauge("sagsbog_requests_in_flight", "Requests being answered", multiprocess_mode="livesum")
REFUSED: Final = Counter("sagsbog_refused", "Facts that a guard refused", ["guard"])
CONFLICTS: Final = Counter("sagsbog_conflicts", "Writes that came second")
RATE_LIMITED: Final = Counter("sagsbog_rate_limited", "Requests answered 429")
LATE: Final = Counter("sagsbog_late_answers", "Requests given up because the answer took too long")
DATABASE_ERRORS: Final = Counter("sagsbog_database_errors", "Requests and rounds of the follower that failed on it")
UNEXPECTED_ERRORS: Final = Counter("sagsbog_unexpected_errors", "Errors of the program itself")
FOLLOWER_ERRORS: Final = Counter("sagsbog_follower_errors", "Failed rounds of the follower", ["book"])
LAG_ENTRIES: Final = Gauge(
    "sagsbog_read_model_lag_entries", "Entries of the log not told yet", ["book"], multiprocess_mode="mostrecent"
)
LAG_SECONDS: Final = Gauge(
    "sagsbog_read_model_lag_seconds", "Age of the oldest entry not told yet", ["book"], multiprocess_mode="mostrecent"
)
