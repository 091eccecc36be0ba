"""Our own deployables: one process each, what starts it and what it waits for."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Deployable:
    """`python -m {module} {role}`. `http` ones listen on `HTTP_PORT`, workers on `HEALTH_PORT` only."""

    service: str
    role: Literal["http", "sessions", "worker", "bridge"]
    port: int
    """The usual number of the one port it listens on."""
    needs: frozenset[str] = field(default=frozenset())

    @property
    def name(self) -> str:
        return f"{self.service}-{self.role}"

    @property
    def module(self) -> str:
        return "workflows.main" if self.service == "workflows" else f"services.{self.service}.main"

    @property
    def serves_http(self) -> bool:
        return self.role in ("http", "sessions")


_EVENTS = frozenset({"kafka", "topics"})


def _pages(service: str, *others: str) -> frozenset[str]:
    return _EVENTS | {f"migrations-{service}", "site", *others}


def _worker(service: str, *others: str) -> frozenset[str]:
    return _EVENTS | {f"migrations-{service}", "temporal", *others}


DEPLOYABLES = (
    Deployable("accounts", "http", 8101, _pages("accounts", "oidc")),
    Deployable("accounts", "sessions", 8102, frozenset({"migrations-accounts", "site"})),
    Deployable("accounts", "worker", 8103, _worker("accounts")),
    Deployable("registration", "http", 8111, _pages("registration")),
    Deployable("registration", "worker", 8113, _worker("registration")),
    Deployable("documents", "http", 8121, _pages("documents")),
    Deployable("documents", "worker", 8123, _worker("documents")),
    Deployable("notifications", "http", 8131, _pages("notifications")),
    Deployable("notifications", "worker", 8133, _worker("notifications", "mailbox")),
    Deployable("workflows", "worker", 8143, frozenset({"temporal"})),
    Deployable("workflows", "bridge", 8144, _EVENTS | {"temporal"}),
)
BY_NAME = {deployable.name: deployable for deployable in DEPLOYABLES}
