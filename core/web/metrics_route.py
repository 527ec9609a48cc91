"""``/metrics``: figures in Prometheus' text format for requests with the configured token; 404 for all others."""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.base.config import Settings
from core.base.errors import AppError
from core.base.metrics import REGISTRY
from core.base.rights import Viewer
from core.operations.backup.retention import standing
from core.store import now, reader

SYSTEM = Viewer.system("metrics")


class CurrentState:
    """Collect the figures that are read at the moment of a request."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def collect(self) -> Iterator[Metric]:
        """Yield sizes, the newest backup, and the open sessions."""
        file = self.settings.database
        yield _gauge("store_bytes", "Size of the database file.", _size(file))
        yield _gauge("store_log_bytes", "Size of its log of what is not in the file yet.", _size(file.with_name(file.name + ".wal")))
        yield _gauge("disk_free_bytes", "Room where the data lies.", shutil.disk_usage(file.parent).free if file.parent.is_dir() else 0)
        last = standing(self.settings.backups).last
        yield _gauge(
            "backup_timestamp_seconds", "When the newest verified backup was made; 0 without one.", last.made_at.timestamp() if last else 0
        )
        sessions = self._sessions()
        yield _gauge("store_up", "Whether the database answers.", int(sessions is not None))
        if sessions is not None:
            family = GaugeMetricFamily("kundenblick_sessions_open", "Sessions that live.", labels=["kind"])
            for kind, count in sessions.items():
                family.add_metric([kind], count)
            yield family

    def _sessions(self) -> dict[str, int] | None:
        """Return the number of living sessions by kind; None while the store is away."""
        idle = {"staff": self.settings.session_idle_minutes, "contact": self.settings.portal_idle_minutes}
        query = """SELECT count(*) FROM live_session WHERE ended_at IS NULL AND (contact_email_id IS NOT NULL) = $portal
            AND last_used_at > $used_after AND created_at > $made_after"""
        moment = now()
        try:
            with reader(SYSTEM) as r:
                return {
                    kind: r.value(
                        query, portal=kind == "contact", used_after=moment - timedelta(minutes=minutes),
                        made_after=moment - timedelta(hours=self.settings.session_hours),
                    )
                    for kind, minutes in idle.items()
                }  # fmt: skip
        except AppError:
            return None


def metrics_route(settings: Settings) -> Route:
    """Return the route. The token's file is read at each request, so that a new token counts at once."""
    at_once = CurrentState(settings)

    class Both:
        @staticmethod
        def collect() -> Iterator[Metric]:
            yield from REGISTRY.collect()
            yield from at_once.collect()

    async def metrics(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not await run_in_threadpool(_is_right, settings.metrics_token_file, given):
            return PlainTextResponse("", status_code=404, headers={"Cache-Control": "no-store"})
        text = await run_in_threadpool(generate_latest, Both)
        return Response(text, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})

    return Route("/metrics", metrics, methods=["GET"])


def _is_right(file: str, given: str) -> bool:
    """Return whether an Authorization header presents the token of the file."""
    try:
        token = Path(file).read_text("utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError):
        return False
    return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"kundenblick_{name}", text, value=value)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
