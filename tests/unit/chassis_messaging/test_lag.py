"""The age of what a consumer has not done, without looking at any clock but the monotonic one."""

from aiokafka import TopicPartition

from services.chassis.lag import Lag

PLACE = TopicPartition("documents.events", 0)


def test_a_consumer_that_is_up_to_date_has_no_age() -> None:
    assert Lag().seconds(PLACE, end=7, settled=7, now=100) == 0


def test_the_age_is_that_of_the_oldest_record_not_done() -> None:
    lag = Lag()
    assert lag.seconds(PLACE, end=5, settled=5, now=100) == 0
    assert lag.seconds(PLACE, end=6, settled=5, now=103) == 0
    assert lag.seconds(PLACE, end=9, settled=5, now=110) == 7
    assert lag.seconds(PLACE, end=9, settled=6, now=112) == 2


def test_steady_traffic_that_is_done_at_once_never_grows_old() -> None:
    lag = Lag()
    ages = [lag.seconds(PLACE, end=10 * turn, settled=10 * turn - 3, now=turn) for turn in range(1, 500)]
    assert max(ages) <= 1


def test_a_backlog_at_the_start_is_counted_from_the_start() -> None:
    lag = Lag()
    lag.seconds(PLACE, end=1000, settled=0, now=50)
    assert lag.seconds(PLACE, end=1000, settled=999, now=95) == 45
    assert lag.seconds(PLACE, end=1000, settled=1000, now=96) == 0


def test_a_partition_that_left_and_came_back_is_seen_anew() -> None:
    lag = Lag()
    lag.seconds(PLACE, end=10, settled=0, now=0)
    lag.keep_only(())
    assert lag.seconds(PLACE, end=10, settled=0, now=60) == 0
