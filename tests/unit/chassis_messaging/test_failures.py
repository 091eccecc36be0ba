"""What waits without limit, and what may become a dead letter."""

import asyncpg
import httpx
import pytest
from aiokafka.errors import KafkaConnectionError
from temporalio.service import RPCError, RPCStatusCode

from services.chassis.failures import PartUnavailable, is_infrastructure
from services.chassis.peers import PeerGone, PeerNotFound, PeerRefused
from services.contracts.envelope import InvalidEvent


def answer(status: int) -> httpx.HTTPStatusError:
    request = httpx.Request("GET", "http://accounts/internal")
    return httpx.HTTPStatusError("", request=request, response=httpx.Response(status, request=request))


def raised_from(cause: Exception) -> Exception:
    error = ValueError()
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        PartUnavailable(),
        PeerRefused("registration", 403),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.ConnectionDoesNotExistError(),
        asyncpg.CannotConnectNowError(),
        asyncpg.AdminShutdownError(),
        asyncpg.SerializationError(),
        asyncpg.DeadlockDetectedError(),
        asyncpg.LockNotAvailableError(),
        asyncpg.TooManyConnectionsError(),
        asyncpg.QueryCanceledError(),
        asyncpg.ReadOnlySQLTransactionError(),
        asyncpg.InvalidPasswordError(),
        asyncpg.UndefinedTableError(),
        asyncpg.UndefinedColumnError(),
        httpx.ConnectError(""),
        httpx.ReadTimeout(""),
        answer(500),
        answer(503),
        answer(429),
        KafkaConnectionError(),
        RPCError("", RPCStatusCode.UNAVAILABLE, b""),
        RPCError("", RPCStatusCode.DEADLINE_EXCEEDED, b""),
        ExceptionGroup("", [ValueError(), ExceptionGroup("", [OSError()])]),
        raised_from(OSError()),
    ],
    ids=repr,
)
def test_error_that_another_try_may_not_meet_is_the_infrastructures(error: Exception) -> None:
    assert is_infrastructure(error)


@pytest.mark.parametrize(
    "error",
    [
        InvalidEvent(""),
        ValueError(),
        KeyError(),
        PeerNotFound("registration"),
        PeerGone("registration"),
        asyncpg.DataError("a value that does not fit its column"),
        asyncpg.UniqueViolationError(),
        asyncpg.CheckViolationError(),
        asyncpg.NotNullViolationError(),
        asyncpg.NumericValueOutOfRangeError(),
        answer(404),
        answer(422),
        RPCError("", RPCStatusCode.INVALID_ARGUMENT, b""),
        ExceptionGroup("", [ValueError()]),
    ],
    ids=repr,
)
def test_error_that_every_try_will_meet_is_poison(error: Exception) -> None:
    assert not is_infrastructure(error)
