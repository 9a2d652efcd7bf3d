"""Figures of a server for Prometheus, on a port of their own: visitors of the app cannot ask for them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from nbapp import __version__
from nbapp._compat import jupyter_server as private

Family = GaugeMetricFamily | CounterMetricFamily | InfoMetricFamily


class AppFigures(Collector):
    """What is true of an app at the moment at which somebody asks."""

    def __init__(self, kernels: Any, requests: Any) -> None:
        self._kernels = kernels
        self._requests = requests

    def collect(self) -> Iterator[Family]:
        """All figures."""
        yield InfoMetricFamily("nbapp", "The version of nbapp.", value={"version": __version__})
        yield from self._now()
        yield from self._so_far()

    def _now(self) -> Iterator[Family]:
        kernels = self._kernels
        visits = kernels.visits.open()
        connected = [name for name in visits if private.connections(kernels, name)]
        by_state = {
            "connected": len(connected),
            "left": len(visits) - len(connected),
            "ahead": len(kernels.list_kernel_ids()) - len(visits),
        }
        found = GaugeMetricFamily("nbapp_kernels", "Kernels, by who looks at them.", labels=["state"])
        for state, count in by_state.items():
            found.add_metric([state], max(0, count))
        yield found
        yield GaugeMetricFamily("nbapp_kernels_limit", "How many kernels there may be.", value=kernels.most)
        yield GaugeMetricFamily("nbapp_busy_pages", "Pages whose cells compute.", value=kernels.busy_pages())
        yield GaugeMetricFamily("nbapp_waiting_visitors", "Visitors who wait for room.", value=len(kernels.line))
        weights = [kernels.get_kernel(name).weight() for name in kernels.list_kernel_ids()]
        yield GaugeMetricFamily("nbapp_kernels_resident_bytes", "Resident memory of all kernels.", value=sum(weights))

    def _so_far(self) -> Iterator[Family]:
        counts = self._kernels.visits.counts
        opened = CounterMetricFamily("nbapp_pages_opened", "Pages, by the kernel that they got.", labels=["kernel"])
        ended = CounterMetricFamily("nbapp_kernels_ended", "Kernels of pages that ended, by why.", labels=["why"])
        for (what, label), count in counts.items():
            (opened if what == "opened" else ended).add_metric([label], count)
        yield opened
        yield ended
        yield CounterMetricFamily(
            "nbapp_first_runs", "First runs of the notebook for a page.", value=counts["run", "whole"]
        )
        yield CounterMetricFamily(
            "nbapp_first_runs_seconds", "How long they took together.", value=self._kernels.visits.seconds
        )
        answered = CounterMetricFamily("nbapp_http_requests", "Requests answered, by status.", labels=["status"])
        for status, count in self._requests.counts.items():
            answered.add_metric([status], count)
        yield answered


class MetricsPage(RequestHandler):
    """`/metrics`."""

    def initialize(self, registry: CollectorRegistry) -> None:
        """`registry` has the figures."""
        self._registry = registry

    def get(self) -> None:
        """The figures, in the form that is asked for."""
        encode, kind = choose_encoder(self.request.headers.get("Accept", ""))
        self.set_header("Content-Type", kind)
        self.finish(encode(self._registry))


def serve_metrics(sockets: list[socket.socket], kernels: Any, requests: Any) -> HTTPServer:
    """Answer on these sockets from now on, until the server that is returned is stopped."""
    registry = CollectorRegistry()
    registry.register(AppFigures(kernels, requests))
    ProcessCollector(registry=registry)
    silent: dict[str, Any] = {"log_function": lambda handler: None}
    server = HTTPServer(Application([("/metrics", MetricsPage, {"registry": registry})], **silent))
    server.add_sockets(sockets)
    return server
