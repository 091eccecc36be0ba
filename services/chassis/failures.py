"""Which errors are the infrastructure's and which are the event's own (poison).

Infrastructure: the same event may well succeed later, when a part is back or a migration has run. Such an
event waits without limit and is never a dead letter. Everything else is poison: trying again gives the same.

A service whose client library has an exception tree of its own raises `PartUnavailable` from it.
"""

from collections.abc import Iterator

import asyncpg
import httpx
from aiokafka.errors import KafkaError
from temporalio.service import RPCError, RPCStatusCode


class PartUnavailable(Exception):
    """A part this process needs does not answer now; the same call may succeed later."""


# Classes of SQLSTATE (PostgreSQL, appendix A): connection, authorization and database of the connection,
# transaction rollback (serialization, deadlock), resources, operator intervention, system, internal.
_SQLSTATE_CLASSES = frozenset({"08", "28", "3D", "40", "53", "57", "58", "XX"})
_SQLSTATES = frozenset(
    {
        "25006",  # read_only_sql_transaction: a standby answered after a failover
        "25P03",  # idle_in_transaction_session_timeout
        "25P04",  # transaction_timeout
        "55P03",  # lock_not_available (lock_timeout)
        "42501",  # insufficient_privilege  ┐ not this event's fault but the deployment's: code that is
        "42P01",  # undefined_table         │ ahead of its migration would send a whole topic to the
        "42703",  # undefined_column        │ dead letters
        "42883",  # undefined_function      ┘
    }
)
_RPC_AWAY = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.ABORTED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.UNKNOWN,
        RPCStatusCode.UNAUTHENTICATED,
        RPCStatusCode.PERMISSION_DENIED,
    }
)
_HTTP_AWAY = frozenset({401, 408, 425, 429})


def is_infrastructure(error: BaseException) -> bool:
    """Whether this error, one it was explicitly raised from, or one of its group is the infrastructure's."""
    return any(_is_away(one) for one in _unfold(error))


def _unfold(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        if isinstance(seen, BaseExceptionGroup):
            for member in seen.exceptions:
                yield from _unfold(member)
        seen = seen.__cause__


def _is_away(error: BaseException) -> bool:
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state[:2] in _SQLSTATE_CLASSES or state in _SQLSTATES
    if isinstance(error, asyncpg.InterfaceError):
        # A closed connection or pool; its subclass DataError is a value that does not fit its column.
        return not isinstance(error, ValueError)
    if isinstance(error, httpx.HTTPStatusError):
        status = error.response.status_code
        return status >= 500 or status in _HTTP_AWAY
    if isinstance(error, RPCError):
        return error.status in _RPC_AWAY
    return isinstance(
        error,
        PartUnavailable | OSError | httpx.TransportError | KafkaError | asyncpg.InternalClientError,
    )
