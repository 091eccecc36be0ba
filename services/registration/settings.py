"""The settings of `registration`, besides the chassis's."""

from pathlib import Path

from pydantic import Field

from services.chassis.gateway_logs.settings import LogSettings
from services.chassis.office import DEFAULT_FILE
from services.registration.configuration import DATA, configuration
from services.registration.domain.places import Places
from services.registration.domain.rules import Configuration
from services.registration.places import places


class Settings(LogSettings):
    session_calendar_file: Path = DATA / "session-2021.toml"
    rules_file: Path = DATA / "rules.toml"
    specialities_file: Path = DATA / "specialities.toml"
    communes_file: Path = DATA / "communes.tsv.gz"
    missing_verdict_seconds: int = Field(
        default=3600, ge=0, description="after deadline + grace, a candidature without verdict is listed"
    )
    pdf_at_once: int = Field(default=2, gt=0, description="confirmations drawn at the same time")

    @property
    def configuration(self) -> Configuration:
        return configuration(self.rules_file, self.specialities_file, self.office_file or DEFAULT_FILE)

    @property
    def places(self) -> Places:
        """Communes and countries; read once in a process."""
        return places(self.communes_file)
