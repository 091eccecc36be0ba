"""An S3 store on this machine: SeaweedFS, a process of its own, its program from PyPI."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.local.children import Child, Children, Command, base_environment
from deploy.local.context import HOST
from deploy.local.parts.migrations import executable
from deploy.local.ports import Ports
from deploy.local.probes import http, until

_KEY, _SECRET = "documents", "a-secret-of-the-tests"
_STARTS_SECONDS = 60
_BY_HTTP = ("master", "volume", "filer", "s3")


class S3:
    """One that can be killed, started again and paused. A bucket is made when it is first written to."""

    def __init__(self, root: Path, ports: Ports, children: Children) -> None:
        self.endpoint = f"http://{HOST}:{ports['s3']}"
        self.filer = f"http://{HOST}:{ports['filer']}"
        self._command = Command("s3", _argv(root, ports), base_environment(), root)
        self._children = children

    @property
    def environment(self) -> dict[str, str]:
        """What any client of S3 reads."""
        return {
            "AWS_ENDPOINT": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "eu-west-3",
            "AWS_ACCESS_KEY_ID": _KEY,
            "AWS_SECRET_ACCESS_KEY": _SECRET,
        }

    @property
    def child(self) -> Child:
        return self._children["s3"]

    async def start(self) -> None:
        child = await self._children.start(self._command)
        await until(http(f"{self.endpoint}/healthz"), "s3", child, _STARTS_SECONDS)

    async def kill(self) -> None:
        await self._children.kill("s3")


@asynccontextmanager
async def s3_store(root: Path) -> AsyncIterator[S3]:
    """Empty at first; all of it is in `root`, and it ends with the block."""
    ports = Ports(root / "ports.json", usual=False)
    for name in _BY_HTTP:
        ports.choose(name, 0)
        ports.choose(f"{name}-grpc", 0)
    (root / "data").mkdir()
    (root / "identities.json").write_text(json.dumps(_IDENTITIES))
    children = Children(root, on_death=lambda child: None)
    store = S3(root, ports, children)
    try:
        await store.start()
        yield store
    finally:
        await store.kill()  # asked to end it would wait half a minute for its clients, and nothing is kept
        await children.close()
        ports.release()


_IDENTITIES = {
    "identities": [
        {
            "name": "documents",
            "credentials": [{"accessKey": _KEY, "secretKey": _SECRET}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
    ]
}


def _argv(root: Path, ports: Ports) -> list[str]:
    """One server that is all of SeaweedFS. It tells nobody of itself."""
    return [
        *(executable("weed"), "server", "-filer", "-s3"),
        *(f"-ip={HOST}", f"-ip.bind={HOST}", f"-dir={root / 'data'}"),
        *("-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=0"),
        *("-master.electionTimeout=500ms", "-master.heartbeatInterval=100ms"),  # it is alone
        *("-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={root / 'identities.json'}"),
        *(f"-{name}.localSocket={root / name}.sock" for name in ("filer", "s3")),
        *(f"-{name}.port={ports[name]}" for name in _BY_HTTP),
        *(f"-{name}.port.grpc={ports[f'{name}-grpc']}" for name in _BY_HTTP),
    ]
