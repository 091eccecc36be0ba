"""Every part there is, in the order that an onlooker reads them."""

from deploy.local.credentials import DATABASES
from deploy.local.parts.base import Part
from deploy.local.parts.deployable import Service
from deploy.local.parts.gateway import Gateway
from deploy.local.parts.kafka import Kafka
from deploy.local.parts.mailbox import Mailbox
from deploy.local.parts.migrations import Migrations
from deploy.local.parts.oidc import Oidc
from deploy.local.parts.postgres import Postgres
from deploy.local.parts.site import Site
from deploy.local.parts.temporal import Temporal
from deploy.local.parts.topics import Topics
from deploy.local.processes import DEPLOYABLES


def all_parts() -> list[Part]:
    """Fresh ones, for one stack."""
    return [
        Postgres(),
        Kafka(),
        Temporal(),
        Mailbox(),
        Oidc(),
        Gateway(),
        *(Migrations(service) for service in DATABASES),
        Topics(),
        Site(),
        *(Service(deployable) for deployable in DEPLOYABLES),
    ]
