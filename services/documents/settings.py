"""The settings of `documents`, besides the chassis's."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from services.chassis.gateway_logs.settings import LogSettings


class Settings(LogSettings):
    object_store_url: str = Field(description="file:///folder or s3://bucket/prefix")
    upload_folder: Path | None = Field(default=None, description="where a body waits for its checks")
    checks_at_once: int = Field(default=2, gt=0, description="files inspected at the same time")
    check_seconds: float = Field(default=30, gt=0, description="an inspection that takes longer is our fault")
    uploads_at_once: int = Field(default=2, gt=0, description="of one candidate, in each process")
    probe_seconds: float = Field(default=15, gt=0, description="between two looks from outside")
    outage_seconds: float = Field(default=300, gt=0, description="a longer silence is an outage (ours 7)")
    outage_near_deadline_seconds: float = Field(
        default=45, gt=0, description="such a silence is one already in somebody's last minutes: three looks"
    )
    near_deadline_seconds: float = Field(default=600, gt=0, description="the last minutes before a deadline")
    shortest_upload_seconds: float = Field(default=60, gt=0, description="an upload gets at least this long")

    @property
    def waits(self) -> dict[str, timedelta]:
        """From when on a wait in somebody's last minutes is an outage to them: `longest`, and how `near`."""
        return {
            "longest": timedelta(seconds=self.outage_near_deadline_seconds),
            "near": timedelta(seconds=self.near_deadline_seconds),
        }
