"""The figures of how facts travel, for Prometheus: what waits, since when, and what is dead."""

from prometheus_client import Counter, Gauge

OUTBOX_PUBLISHED = Counter("candidat_libre_outbox_published", "Outbox rows published and marked", ["service"])
OUTBOX_OLDEST_SECONDS = Gauge(
    "candidat_libre_outbox_oldest_seconds", "Age of the oldest unpublished outbox row", ["service"]
)
OUTBOX_BLOCKED_KEYS = Gauge(
    "candidat_libre_outbox_blocked_keys", "Keys stopped by a row that cannot be published", ["service"]
)
CONSUMER_LAG_RECORDS = Gauge(
    "candidat_libre_consumer_lag_records",
    "Records of the partition not yet settled, as last seen",
    ["consumer", "partition"],
)
CONSUMER_OLDEST_UNACKED_SECONDS = Gauge(
    "candidat_libre_consumer_oldest_unacked_seconds",
    "For how long the oldest record not yet settled has been seen; 0 when there is none",
    ["consumer", "partition"],
)
CONSUMER_HELD_BACK = Gauge(
    "candidat_libre_consumer_held_back_partitions",
    "Partitions that wait for the infrastructure",
    ["consumer"],
)
DEAD_LETTERS = Counter("candidat_libre_dead_letters", "Dead letters written", ["consumer", "error"])
DEAD_LETTERS_PUT_BACK = Counter(
    "candidat_libre_dead_letters_put_back", "Dead letters that their topic had lost", ["consumer"]
)
UNKNOWN_EVENTS = Counter(
    "candidat_libre_unknown_events", "Events left aside: of a type not in this catalogue", ["consumer"]
)
QUARANTINE_OPEN = Gauge("candidat_libre_quarantine_open", "Open dead letters", ["consumer"])
