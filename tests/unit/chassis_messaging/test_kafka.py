"""Kafka's settings reach both clients in the same way."""

import pytest
from faststream.kafka.security import parse_security
from pydantic import SecretStr

from services.chassis.asyncapi import build_asyncapi
from services.chassis.kafka import KafkaSettings
from services.contracts.events import CATALOGUE
from services.contracts.topics import TOPICS


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_login_is_the_same_for_aiokafka_and_faststream(mechanism: str, protocol: str) -> None:
    settings = KafkaSettings.model_validate(
        {
            "security_protocol": protocol,
            "sasl_mechanism": mechanism,
            "sasl_username": "documents",
            "sasl_password": SecretStr("secret"),
        }
    )
    ours = {name: value for name, value in settings.client().items() if "ssl" not in name}
    theirs = {name: value for name, value in parse_security(settings.security()).items() if "ssl" not in name}
    assert ours == theirs | {"bootstrap_servers": settings.bootstrap_servers}
    assert ("ssl_context" in settings.client()) == (protocol == "SASL_SSL")


@pytest.mark.parametrize(("protocol", "secure"), [("PLAINTEXT", False), ("SSL", True)])
def test_without_login_only_the_channel_differs(protocol: str, secure: bool) -> None:
    settings = KafkaSettings.model_validate({"security_protocol": protocol})
    theirs = parse_security(settings.security())
    assert theirs["security_protocol"] == settings.client()["security_protocol"] == protocol
    assert (theirs["ssl_context"] is not None) is secure


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "one:9092,two:9092")
    assert KafkaSettings().bootstrap_servers == "one:9092,two:9092"


def test_asyncapi_document_has_every_topic_and_every_event() -> None:
    text = build_asyncapi().to_yaml()
    assert all(topic.name in text for topic in TOPICS)
    assert all(name in text for name in CATALOGUE)
