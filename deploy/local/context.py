"""What every part of one stack is given: where it lives, its ports, its credentials, its processes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.addresses import Addresses
from deploy.local.children import Children
from deploy.local.credentials import Credentials
from deploy.local.ports import Ports
from deploy.local.settings import StackSettings

HOST = "127.0.0.1"
BOUNCES = "bounces"
"""The port on which `notifications` takes returned mails."""


@dataclass(frozen=True)
class StackContext:
    """`note` tells the onlookers something about a part, in French."""

    root: Path
    settings: StackSettings
    credentials: Credentials = field(repr=False)
    ports: Ports
    children: Children
    addresses: Addresses = field(repr=False)
    calendar_file: Path | None
    note: Callable[[str, str], None]
    extra_environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Deployable → settings that win over the stack's own."""
