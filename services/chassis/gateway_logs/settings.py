"""What a service that reads the gateways' logs is told of them."""

from pydantic import Field

from services.chassis.settings import Settings


class LogSettings(Settings):
    gateway_logs: str = Field(
        default="",
        description="the gateways' logs of whom they turned away: patterns, separated by commas; empty: none "
        "is read, and nothing waits for it",
    )
    gateway_log_seconds: float = Field(default=1, gt=0, description="between two looks into them")
