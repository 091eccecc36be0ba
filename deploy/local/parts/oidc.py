"""The officers' OpenID provider: `oidc-provider-mock`, with the invented office as its users."""

import json
import sys
from typing import ClassVar

from deploy.local.children import Command, base_environment
from deploy.local.context import HOST, StackContext
from deploy.local.officers import OFFICERS
from deploy.local.parts.base import Part
from deploy.local.probes import http, until


class Oidc(Part):
    name = "oidc"
    ports: ClassVar[dict[str, int]] = {"oidc": 9400}

    def reserve(self, context: StackContext) -> None:
        addresses, settings = context.addresses, context.settings
        addresses.oidc_client_id = settings.oidc_client_id
        addresses.oidc_client_secret = (
            settings.oidc_client_secret.get_secret_value()
            if settings.oidc_client_secret is not None
            else context.credentials.oidc_client
        )
        if settings.oidc_issuer is not None:
            addresses.oidc_issuer = settings.oidc_issuer
        else:
            super().reserve(context)
            addresses.oidc_issuer = f"http://{HOST}:{context.ports['oidc']}"
            addresses.officers = OFFICERS

    async def start(self, context: StackContext) -> None:
        if context.settings.oidc_issuer is not None:
            return
        claims = [
            word
            for officer in OFFICERS
            for word in ("--user-claims", json.dumps(officer.model_dump(), ensure_ascii=False))
        ]
        child = await context.children.start(
            Command(
                name=self.name,
                argv=[
                    sys.executable,
                    "-m",
                    "oidc_provider_mock",
                    "--host",
                    HOST,
                    "--port",
                    str(context.ports["oidc"]),
                    *claims,
                ],
                environment=base_environment() | {"NO_COLOR": "1"},
                folder=context.root,
            )
        )
        issuer = context.addresses.oidc_issuer
        await until(http(f"{issuer}/.well-known/openid-configuration"), self.name, child, 60)
