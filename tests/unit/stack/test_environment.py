"""What a deployable is told: all it needs to be found and to find, and no secret but its own."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import StackSettings
from deploy.local.catalogue import all_parts
from deploy.local.context import StackContext
from deploy.local.environment import environment
from deploy.local.planning import plan
from deploy.local.processes import BY_NAME, DEPLOYABLES

COMMON = {
    "SERVICE_NAME",
    "SERVICE_SECRET",
    "KAFKA_BOOTSTRAP_SERVERS",
    "TEMPORAL_ADDRESS",
    "TEMPORAL_NAMESPACE",
    "PUBLIC_URL",
    "ACCOUNTS_URL",
    "SESSIONS_URL",
    "REGISTRATION_URL",
    "DOCUMENTS_URL",
    "NOTIFICATIONS_URL",
    "HTTP_HOST",
    "LOG_LEVEL",
}
OWN = {
    "accounts-http": {
        "DATABASE_URL",
        "HTTP_PORT",
        "IDENTITY_PRIVATE_KEY",
        "ACTIVATION_KEY",
        "ACTIVATION_KEY_ID",
        "OIDC_ISSUER",
        "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET",
    },
    "registration-http": {"DATABASE_URL", "HTTP_PORT", "SESSION_CALENDAR_FILE"},
    "documents-worker": {"DATABASE_URL", "HEALTH_PORT", "OBJECT_STORE_URL"},
    "notifications-worker": {
        "BOUNCE_ADDRESS",
        "BOUNCE_PORT",
        "DATABASE_URL",
        "HEALTH_PORT",
        "MAIL_FROM",
        "SMTP_HOST",
        "SMTP_PORT",
    },
    "workflows-worker": {"HEALTH_PORT"},
    "workflows-bridge": {"HEALTH_PORT"},
}


@pytest.fixture
def context(tmp_path: Path) -> Iterator[StackContext]:
    planned = plan(
        tmp_path,
        all_parts(),
        StackSettings(),
        calendar_file=None,
        usual_ports=False,
        on_progress=lambda step: None,
        on_death=lambda child: None,
    )
    yield planned
    planned.ports.release()


@pytest.mark.parametrize("name", sorted(OWN))
def test_a_deployable_is_told_what_its_settings_ask_for(context: StackContext, name: str) -> None:
    told = environment(BY_NAME[name], context)
    wanted = COMMON | OWN[name]
    assert wanted <= told.keys()
    assert all(told[variable] for variable in wanted)
    others = set().union(*OWN.values()) - OWN[name]
    assert not others & told.keys()


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_no_deployable_is_told_another_services_secret(context: StackContext, name: str) -> None:
    told = " ".join(environment(BY_NAME[name], context).values())
    service = BY_NAME[name].service
    secrets = context.credentials
    assert secrets.database_admin not in told
    for other, secret in (*secrets.clients.items(), *secrets.databases.items()):
        if other != service:
            assert secret not in told
    if service != "accounts":
        assert secrets.activation_key not in told
        assert "PRIVATE KEY" not in told


def test_only_the_session_check_can_verify_service_secrets(context: StackContext) -> None:
    told = {each.name: environment(each, context) for each in DEPLOYABLES}
    assert [name for name in told if "SERVICE_SECRETS_SHA256" in told[name]] == ["accounts-sessions"]
    digests = json.loads(told["accounts-sessions"]["SERVICE_SECRETS_SHA256"])
    assert digests.keys() == {"accounts", "registration", "documents", "notifications", "workflows"}


def test_a_secret_of_the_caller_s_environment_is_not_inherited(
    context: StackContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANDIDAT_LIBRE_DATABASE_ADMIN_URL", "postgresql://admin:hidden@db/postgres")
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:else@db/other")
    told = environment(BY_NAME["workflows-worker"], context)
    assert "hidden" not in " ".join(told.values())
    assert "DATABASE_URL" not in told


def test_what_is_given_for_one_deployable_wins_there_and_nowhere_else(tmp_path: Path) -> None:
    given = {"accounts-http": {"LOG_LEVEL": "DEBUG", "ANOTHER": "1"}}
    planned = plan(
        tmp_path,
        all_parts(),
        StackSettings(),
        calendar_file=None,
        usual_ports=False,
        on_progress=lambda step: None,
        on_death=lambda child: None,
        extra_environment=given,
    )
    told = {each.name: environment(each, planned) for each in DEPLOYABLES}
    planned.ports.release()
    assert (told["accounts-http"]["LOG_LEVEL"], told["accounts-http"]["ANOTHER"]) == ("DEBUG", "1")
    assert {one["LOG_LEVEL"] for name, one in told.items() if name != "accounts-http"} == {"INFO"}


@pytest.mark.parametrize(
    ("store", "wanted"), [("s3://pieces/session", {"AWS_ENDPOINT", "AWS_ACCESS_KEY_ID"}), (None, set())]
)
def test_documents_alone_is_told_how_to_reach_a_store_that_is_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: str | None, wanted: set[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT", "https://s3.example")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "documents")
    planned = plan(
        tmp_path,
        all_parts(),
        StackSettings(object_store_url=store),
        calendar_file=None,
        usual_ports=False,
        on_progress=lambda step: None,
        on_death=lambda child: None,
    )
    told = {each.name: environment(each, planned) for each in DEPLOYABLES}
    planned.ports.release()
    found = {name: {each for each in one if each.startswith("AWS_")} for name, one in told.items()}
    assert found == {name: wanted if name.startswith("documents-") else set() for name in told}
