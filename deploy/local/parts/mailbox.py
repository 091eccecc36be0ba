"""The mailbox as a part; `deploy.local.mailbox` is the program."""

import sys
from typing import ClassVar

from deploy.local.children import Command, base_environment
from deploy.local.context import HOST, StackContext
from deploy.local.parts.base import Part
from deploy.local.probes import http, tcp, until
from deploy.local.settings import PROJECT


class Mailbox(Part):
    name = "mailbox"
    ports: ClassVar[dict[str, int]] = {"smtp": 1025, "mailbox": 8025}

    def reserve(self, context: StackContext) -> None:
        if context.settings.smtp is not None:
            context.addresses.smtp = context.settings.smtp
            return
        super().reserve(context)
        context.addresses.smtp = f"{HOST}:{context.ports['smtp']}"
        context.addresses.mailbox = f"http://{HOST}:{context.ports['mailbox']}"

    async def start(self, context: StackContext) -> None:
        if context.settings.smtp is not None:
            return
        home = context.root / "mailbox"
        home.mkdir(exist_ok=True)
        child = await context.children.start(
            Command(
                name=self.name,
                argv=[
                    sys.executable,
                    "-m",
                    "deploy.local.mailbox",
                    "--smtp-port",
                    str(context.ports["smtp"]),
                    "--http-port",
                    str(context.ports["mailbox"]),
                    "--file",
                    str(home / "messages.jsonl"),
                ],
                environment=base_environment() | {"PYTHONPATH": str(PROJECT)},
                folder=PROJECT,
            )
        )
        await until(tcp(context.ports["smtp"]), self.name, child, 30)
        await until(http(f"{context.addresses.mailbox}/api/messages"), self.name, child, 30)
