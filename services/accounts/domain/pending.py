"""A password that was chosen for an account that waits for its activation: one for each request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MOST_OF_NETWORK = 3
MOST = 12
"""How many are kept: an activation tries each (18 ms); whose was pushed out has a new one set by mail."""


@dataclass(frozen=True, slots=True)
class Pending:
    """`network` is a name that only we can derive."""

    network: bytes
    password_hash: str
    asked_at: datetime

    @staticmethod
    def columns(pending: "Sequence[Pending]") -> dict[str, list[Any]]:
        """As the arrays that the statement `create` takes, in order."""
        return {
            "networks": [one.network for one in pending],
            "password_hashes": [one.password_hash for one in pending],
            "asked_at": [one.asked_at for one in pending],
        }

    @classmethod
    def of_columns(
        cls,
        networks: Sequence[bytes] | None,
        password_hashes: Sequence[str] | None,
        asked_at: Sequence[datetime] | None,
    ) -> "list[Pending]":
        """From the arrays that the statement `expire` returns; none at all are NULL."""
        rows = zip(networks or (), password_hashes or (), asked_at or (), strict=True)
        return [cls(*row) for row in rows]
