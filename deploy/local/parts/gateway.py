"""The gateway: Caddy, all services under one origin. `Caddyfile.j2` is what it does."""

from pathlib import Path
from typing import ClassVar

from jinja2 import Environment, StrictUndefined

from deploy.local.children import Command, base_environment
from deploy.local.context import HOST, StackContext
from deploy.local.parts.base import Part
from deploy.local.parts.migrations import executable
from deploy.local.probes import tcp, until
from services.chassis.site.assets import asset

_TEMPLATE = Path(__file__).parents[1] / "Caddyfile.j2"


class Gateway(Part):
    name = "gateway"
    needs = frozenset({"site"})
    ports: ClassVar[dict[str, int]] = {"gateway": 8080}

    def reserve(self, context: StackContext) -> None:
        super().reserve(context)
        context.addresses.gateway = f"http://{HOST}:{context.ports['gateway']}"
        context.addresses.turned_away = context.root / "gateway" / "turned-away.log"

    async def start(self, context: StackContext) -> None:
        home = context.root / "gateway"
        home.mkdir(exist_ok=True)
        config = home / "Caddyfile"
        config.write_text(_render(context))
        child = await context.children.start(
            Command(
                name=self.name,
                argv=[executable("caddy"), "run", "--config", str(config), "--adapter", "caddyfile"],
                environment=base_environment() | {"XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)},
                folder=home,
            )
        )
        await until(tcp(context.ports["gateway"]), self.name, child, 30)


def _render(context: StackContext) -> str:
    jinja = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
    upstreams = {
        name.replace("-", "_"): origin.removeprefix("http://")
        for name, origin in context.addresses.services.items()
    }
    return jinja.from_string(_TEMPLATE.read_text()).render(
        host=HOST,
        port=context.ports["gateway"],
        stylesheet=asset("site.css"),
        turned_away_log=context.addresses.turned_away,
        body_seconds=context.settings.gateway_body_seconds,
        patience=context.settings.gateway_patience_seconds,
        **upstreams,
    )
