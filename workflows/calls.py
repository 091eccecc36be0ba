"""How a process of ours calls Temporal: for how long, and what NOT_FOUND must not be taken for."""

from datetime import timedelta

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.service import RPCError

from services.chassis.failures import PartUnavailable

CALL = timedelta(seconds=5)


def refuse_missing_namespace(error: RPCError) -> None:
    """NOT_FOUND also says that the namespace is not there yet: what was dropped for that would be lost.

    Raises:
        PartUnavailable: it is not there.
    """
    if any(detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in error.grpc_status.details):
        raise PartUnavailable("namespace") from None
