"""The local stack: real parts, no Docker, no root needed (and it works as root).

    async with LocalStack() as stack:
        print(stack.addresses.gateway)

Each part's address is a setting. With one of these in the environment the stack uses the given cluster and
does not start that part:

    CANDIDAT_LIBRE_DATABASE_ADMIN_URL  postgresql://… of a role that may create roles and databases
    CANDIDAT_LIBRE_KAFKA               host:port[,host:port…]; missing topics are created
    CANDIDAT_LIBRE_TEMPORAL            host:port; missing search attributes are declared
    CANDIDAT_LIBRE_TEMPORAL_UI         http://… of its web page, shown only
    CANDIDAT_LIBRE_SMTP                host:port; then there is no mailbox page
    CANDIDAT_LIBRE_OIDC_ISSUER         with CANDIDAT_LIBRE_OIDC_CLIENT_ID and …_OIDC_CLIENT_SECRET
    CANDIDAT_LIBRE_OBJECT_STORE_URL    s3://… or file:///…

Others: CANDIDAT_LIBRE_BROKER (kafka or tansu, to force one), CANDIDAT_LIBRE_PARTS_FOLDER (downloads),
CANDIDAT_LIBRE_MAIL_FROM, CANDIDAT_LIBRE_BOUNCE_ADDRESS, CANDIDAT_LIBRE_LOG_LEVEL,
CANDIDAT_LIBRE_GATEWAY_PATIENCE_SECONDS (how long the gateway waits for a service that restarts),
CANDIDAT_LIBRE_DATABASE_FSYNC (false for a stack that is thrown away).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from deploy.local.addresses import Addresses, OfficerAccount
from deploy.local.errors import PartFailed, RootInUse, StackError, UnknownPart
from deploy.local.progress import Progress, State
from deploy.local.settings import StackSettings

if TYPE_CHECKING:
    from deploy.local.stack import DEFAULT_ROOT, LocalStack

__all__ = [
    "DEFAULT_ROOT",
    "Addresses",
    "LocalStack",
    "OfficerAccount",
    "PartFailed",
    "Progress",
    "RootInUse",
    "StackError",
    "StackSettings",
    "State",
    "UnknownPart",
]


def __getattr__(name: str) -> Any:
    """The stack is imported when it is asked for (PEP 562): a command that only reads addresses does not."""
    if name not in ("DEFAULT_ROOT", "LocalStack"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("deploy.local.stack"), name)
