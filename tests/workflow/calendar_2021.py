"""The calendar of session 2021, as the notice has it (domain, ours 1). Limits are exclusive upper bounds."""

from datetime import UTC, datetime, timedelta

OPENS = datetime(2020, 11, 1, 23, tzinfo=UTC)
CLOSES = datetime(2020, 11, 22, 23, tzinfo=UTC)
DEADLINE = datetime(2020, 12, 7, 23, tzinfo=UTC)
ENDS = datetime(2021, 7, 31, 22, tzinfo=UTC)
GRACE = timedelta(minutes=10)
SPREAD = timedelta(minutes=30)
ACTIVATION = timedelta(hours=48)
MILLISECOND = timedelta(milliseconds=1)
