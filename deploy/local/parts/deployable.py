"""One of our own processes as a part: ready when its readiness page says so."""

import asyncio

from deploy import communes
from deploy.local.children import Command
from deploy.local.context import HOST, StackContext
from deploy.local.environment import environment, python
from deploy.local.errors import PartFailed
from deploy.local.parts.base import Part
from deploy.local.probes import http, until
from deploy.local.processes import Deployable
from deploy.local.settings import PROJECT
from deploy.npm import BuildFailed


class Service(Part):
    def __init__(self, deployable: Deployable) -> None:
        self.name = deployable.name
        self.needs = deployable.needs
        self._deployable = deployable

    def reserve(self, context: StackContext) -> None:
        """Every deployable knows its sisters' origins, so `DirectOrigins` chooses the ports for all."""

    async def start(self, context: StackContext) -> None:
        if self._deployable.service == "registration":
            try:
                await asyncio.to_thread(communes.ensure)
            except BuildFailed as failure:
                raise PartFailed(self.name, str(failure)) from None
        child = await context.children.start(
            Command(
                name=self.name,
                argv=python(self._deployable),
                environment=environment(self._deployable, context),
                folder=PROJECT,
            )
        )
        ready = http(f"http://{HOST}:{context.ports[self.name]}/health/ready")
        await until(ready, self.name, child, 90)
