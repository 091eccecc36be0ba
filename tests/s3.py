"""An S3 store on this machine: SeaweedFS, a process of its own, its program from PyPI."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.children import Child, Children, Command, base_environment
from deploy.local.context import HOST
from deploy.local.parts.migrations import executable
from deploy.local.ports import Ports
from deploy.local.probes import http, until

_KEY, _SECRET = "documents", "a-secret-of-the-tests"
_STARTS_SECONDS = 60
_BY_HTTP = ("master", "volume", "filer", "s3")


@dataclass(frozen=True)
class S3:
    """`environment`: what any client of S3 reads. A bucket is made when it is first written to."""

    endpoint: str
    child: Child

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "eu-west-3",
            "AWS_ACCESS_KEY_ID": _KEY,
            "AWS_SECRET_ACCESS_KEY": _SECRET,
        }


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
    try:
        child = await children.start(Command("s3", _argv(root, ports), base_environment(), root))
        endpoint = f"http://{HOST}:{ports['s3']}"
        await until(http(f"{endpoint}/healthz"), "s3", child, _STARTS_SECONDS)
        yield S3(endpoint, child)
    finally:
        await children.kill("s3")  # it would wait half a minute for its clients, and nothing of it is kept
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
        *("-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={root / 'identities.json'}"),
        *(f"-{name}.localSocket={root / name}.sock" for name in ("filer", "s3")),
        *(f"-{name}.port={ports[name]}" for name in _BY_HTTP),
        *(f"-{name}.port.grpc={ports[f'{name}-grpc']}" for name in _BY_HTTP),
    ]
