"""One span for each request, so that one trace goes from the click to the mail it causes.

What a handler appends to the outbox carries the span's `traceparent`; consumers and the mail sender go on
with it. A span tells the route's template and the status, never a path: that may name a person or a piece.
"""

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.requests import route_template

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_tracer = trace.get_tracer("services.chassis.tracing")


class RequestSpan:
    """The outermost middleware: whatever else happens to a request happens inside its span.

    Only a sister service's `traceparent` is gone on with; a visitor's would join a trace of theirs to ours.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/health/"):
            await self.app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else "HTTP"
        with _tracer.start_as_current_span(
            method,
            context=_parent(scope),
            kind=trace.SpanKind.SERVER,
            attributes={"http.request.method": method},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:

            async def watch(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(trace.StatusCode.ERROR)
                await send(message)

            try:
                await self.app(scope, receive, watch)
            except Exception:
                span.set_status(trace.StatusCode.ERROR)
                raise
            finally:
                route = route_template(scope)
                span.update_name(f"{method} {route}")
                span.set_attribute("http.route", route)


def _parent(scope: Scope) -> Context:
    if not scope["path"].startswith("/internal/"):
        return Context()
    return TraceContextTextMapPropagator().extract(Headers(scope=scope), context=Context())
