"""Settings of the workflow processes: the chassis' own, with how much one worker holds."""

from pydantic import Field

from services.chassis.settings import Settings as ChassisSettings


class Settings(ChassisSettings):
    """The worker reaches Temporal alone, the bridge Kafka and Temporal."""

    max_cached_workflows: int = Field(
        default=1000, ge=0, description="lives kept in memory between two tasks"
    )
    committed_within_seconds: float = Field(
        default=120,
        gt=0,
        description="after its time a fact is committed by then, the clocks of database and Temporal apart",
    )
    reconcile_seconds: float = Field(
        default=900, ge=0, description="from one reconciliation to the next; 0: none by itself"
    )
    reconcile_all_facts_seconds: float = Field(
        default=86_400, ge=0, description="from one that asks for facts of every age to the next; 0: none"
    )
    reconcile_patience_seconds: float = Field(
        default=20, gt=0, description="between two looks: what stands unchanged is a disagreement"
    )
    schedules_seconds: float = Field(
        default=300, gt=0, description="between two looks whether the schedules of reconciliation stand"
    )
