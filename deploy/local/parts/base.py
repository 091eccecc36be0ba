"""What a part is to the stack."""

from abc import ABC, abstractmethod
from typing import ClassVar

from deploy.local.context import StackContext


class Part(ABC):
    """Something to be had ready, once its needs are. A part without a process only has `start`."""

    name: str
    needs: frozenset[str] = frozenset()
    ports: ClassVar[dict[str, int]] = {}
    """Port name → its usual number."""

    def reserve(self, context: StackContext) -> None:
        """Choose the ports and write the addresses, before anything starts."""
        for name, usual in self.ports.items():
            context.ports.choose(name, usual)

    @abstractmethod
    async def start(self, context: StackContext) -> None:
        """Return when ready.

        Raises:
            PartFailed: with the reason and the log.
        """

    async def stop(self, context: StackContext) -> None:
        """End it in order; nothing of it is left."""
        await context.children.end(self.name)
