"""The site's assets as a part: built before the first page is served, at once if they already are."""

import asyncio

from deploy.local.context import StackContext
from deploy.local.errors import PartFailed
from deploy.local.parts.base import Part
from deploy.site import BuildFailed, build


class Site(Part):
    name = "site"

    async def start(self, context: StackContext) -> None:
        try:
            await asyncio.to_thread(build)
        except BuildFailed as error:
            raise PartFailed(self.name, str(error)) from None
