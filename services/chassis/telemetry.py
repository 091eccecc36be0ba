"""Logs (structlog, JSON lines, ids only), traces (OpenTelemetry) and metrics (Prometheus).

An error that leaves the process is a type, an SQLSTATE and a constraint, never `str(exc)`: a database
error's text carries the row's values.
"""

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def describe(error: BaseException) -> dict[str, str]:
    """What may be said of an error outside this process: its type, where it was raised, its codes."""
    facts = {"error": type(error).__name__}
    frames = traceback.extract_tb(error.__traceback__)
    if frames:
        ours = [frame for frame in frames if "site-packages" not in frame.filename]
        frame = (ours or frames)[-1]
        facts["at"] = f"{Path(frame.filename).name}:{frame.lineno}"
    for attribute in ("sqlstate", "constraint_name"):
        value = getattr(error, attribute, None)
        if isinstance(value, str):
            facts[attribute] = value
    return facts


def _forget_exception_text(_: Any, __: str, event: Any) -> Any:
    error = event.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    elif error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event.update(describe(error))
    return event


class _LibraryFormatter(logging.Formatter):
    """Library log lines as JSON; a traceback's last line may hold data, so only the type is kept."""

    def format(self, record: logging.LogRecord) -> str:
        facts: dict[str, Any] = {"level": record.levelname.lower(), "logger": record.name}
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            facts["event"] = record.getMessage()
        else:
            facts["event"] = str(record.msg)
            facts.update(describe(error))
        return str(structlog.processors.JSONRenderer()(None, "", facts))


def _crash(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    log.error("process crashed", **describe(error))


def configure(service: str, role: str, level: str) -> None:
    """Set up logs and the tracer of this process; called once by each `main`."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_LibraryFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _forget_exception_text,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
    )
    structlog.contextvars.bind_contextvars(service=service, role=role)
    sys.excepthook = _crash
    resource = Resource.create({"service.name": service, "service.instance.role": role})
    trace.set_tracer_provider(TracerProvider(resource=resource))
