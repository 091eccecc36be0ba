"""One span for each request: what it says, what it must not say, and whose trace it goes on with."""

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from services.chassis import tracing
from services.chassis.outbox import current_traceparent
from services.chassis.tracing import RequestSpan

THEIRS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("test"))
    return exporter


@pytest.fixture
def client() -> httpx.AsyncClient:
    app = FastAPI()

    @app.get("/api/people/{name}")
    @app.get("/internal/people/{name}")
    async def tell(name: str) -> str | None:
        return current_traceparent()

    @app.get("/health/ready")
    async def ready() -> str:
        return "ready"

    @app.get("/failure")
    async def failure() -> None:
        raise RuntimeError("Marie Curie")

    app.add_middleware(RequestSpan)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://site.test")


async def test_what_a_request_causes_carries_its_span(
    client: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    told = (await client.get("/api/people/curie")).json()
    (span,) = spans.get_finished_spans()
    context = span.get_span_context()
    assert context is not None
    assert told.startswith(f"00-{context.trace_id:032x}-{context.span_id:016x}-")


async def test_a_span_names_the_route_and_nobody(
    client: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    await client.get("/api/people/curie?town=paris")
    (span,) = spans.get_finished_spans()
    assert span.name == "GET /api/people/{name}"
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/api/people/{name}",
    }


async def test_a_visitors_trace_is_not_ours(client: httpx.AsyncClient, spans: InMemorySpanExporter) -> None:
    told = (await client.get("/api/people/x", headers={"traceparent": THEIRS})).json()
    assert told.split("-")[1] != THEIRS.split("-")[1]


async def test_a_sister_services_trace_goes_on(
    client: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    told = (await client.get("/internal/people/x", headers={"traceparent": THEIRS})).json()
    assert told.split("-")[1] == THEIRS.split("-")[1]


async def test_an_error_is_told_without_its_text(
    client: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    await client.get("/failure")
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description is None
    assert span.events == ()


async def test_health_checks_make_no_spans(client: httpx.AsyncClient, spans: InMemorySpanExporter) -> None:
    await client.get("/health/ready")
    assert spans.get_finished_spans() == ()
