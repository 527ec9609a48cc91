"""Metrics of the running app, for ``/metrics``: numbers only, never whose."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
# Upper bounds of histogram buckets, in seconds.
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Histogram(
    "kundenblick_request_seconds", "Answered requests by route and status.", ["route", "status"], buckets=BUCKETS_S, registry=REGISTRY
)
SOCKETS = Gauge("kundenblick_sockets_open", "Open pages: websockets at this moment.", registry=REGISTRY)
RUNS = Histogram(
    "kundenblick_run_seconds", "From a browser's message to the last message of the run, by who asked: a person, or the page itself (a timer, a change behind it).",
    ["asked_by"], buckets=BUCKETS_S, registry=REGISTRY,
)  # fmt: skip
STATEMENTS = Histogram(
    "kundenblick_statement_seconds",
    "Statements of the database by kind: read, write, commit.",
    ["kind"],
    buckets=BUCKETS_S,
    registry=REGISTRY,
)
EVENTS = Counter("kundenblick_events", "Audit entries other than row changes: sign-ins, refusals, exports.", ["event"], registry=REGISTRY)
LINES = Counter("kundenblick_log_lines", "Lines of the log by level.", ["level"], registry=REGISTRY)

# First six letters of a statement → its histogram.
_KINDS = {
    word: STATEMENTS.labels(kind)
    for kind, words in (("write", ("INSERT", "UPDATE", "DELETE")), ("commit", ("COMMIT", "CHECKP")), ("read", ("",)))
    for word in words
}


def observe_statement(statement: str, seconds: float) -> None:
    """Count a statement and its duration by its first word."""
    _KINDS.get(statement[:6], _KINDS[""]).observe(seconds)
