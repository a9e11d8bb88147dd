"""The manifests fit the services, the settings, the queues and the image; they hold no secret."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml  # type: ignore[import-untyped]
from click import Context

from services.cli.main import app
from services.documentation import settings as documented
from services.registry import SERVICES
from shared import settings as configuration
from shared.messaging.broker import queue_of
from shared.messaging.parts import Part

FOLDER = Path(__file__).parents[2] / "infra" / "kubernetes"
KUSTOMIZE, KEDA = "kustomize.config.k8s.io/", "keda.sh/"
#: Given to processes for libraries, not for us.
FOREIGN = {"PGPASSWORD"}

#: What we use of KEDA, as its reference describes it; anything else is a slip of the pen.
_METADATA = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "labels": {"type": "object"}},
    "additionalProperties": False,
}
KEDA_KINDS: dict[str, dict[str, Any]] = {
    "TriggerAuthentication": {
        "type": "object",
        "required": ["secretTargetRef"],
        "additionalProperties": False,
        "properties": {
            "secretTargetRef": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["parameter", "name", "key"],
                    "additionalProperties": False,
                    "properties": {
                        each: {"type": "string"} for each in ("parameter", "name", "key")
                    },
                },
            }
        },
    },
    "ScaledObject": {
        "type": "object",
        "required": ["scaleTargetRef", "triggers"],
        "additionalProperties": False,
        "properties": {
            "scaleTargetRef": {"type": "object", "required": ["name"]},
            "minReplicaCount": {"type": "integer", "minimum": 1},
            "maxReplicaCount": {"type": "integer", "minimum": 1},
            "pollingInterval": {"type": "integer"},
            "cooldownPeriod": {"type": "integer"},
            "triggers": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["type", "metadata", "authenticationRef"],
                    "additionalProperties": False,
                    "properties": {
                        "type": {"const": "rabbitmq"},
                        "authenticationRef": {"type": "object", "required": ["name"]},
                        "metadata": {
                            "type": "object",
                            "required": ["protocol", "queueName", "mode", "value"],
                            "additionalProperties": False,
                            "properties": {
                                "protocol": {"const": "amqp"},
                                "queueName": {"type": "string"},
                                "mode": {"const": "QueueLength"},
                                "value": {"type": "string", "pattern": "^[0-9]+$"},
                            },
                        },
                    },
                },
            },
        },
    },
}


def documents(path: Path) -> list[dict[str, Any]]:
    return [each for each in yaml.safe_load_all(path.read_text("utf-8")) if each]


ALL = [(path, each) for path in sorted(FOLDER.rglob("*.yaml")) for each in documents(path)]
KUSTOMIZATIONS = [path for path, each in ALL if each["apiVersion"].startswith(KUSTOMIZE)]


def one(kind: str, name: str) -> dict[str, Any]:
    (found,) = [e for _, e in ALL if e["kind"] == kind and e["metadata"]["name"] == name]
    return found


def pod(service: str) -> dict[str, Any]:
    found: dict[str, Any] = one("Deployment", service)["spec"]["template"]["spec"]
    return found


def containers(service: str) -> list[dict[str, Any]]:
    return [*pod(service)["initContainers"], *pod(service)["containers"]]


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=lambda path: path.parent.name)
def test_a_kustomization_names_every_file_beside_it_and_none_that_is_missing(path: Path) -> None:
    (written,) = documents(path)
    named = {*written.get("resources", []), *written.get("components", [])}
    assert [each for each in named if not (path.parent / each).exists()] == []
    folders = [each for each in named if (path.parent / each).is_dir()]
    assert all((path.parent / each / "kustomization.yaml").is_file() for each in folders)
    beside = {each.name for each in path.parent.glob("*.yaml")} - {path.name}
    assert beside == named - set(folders)


def test_every_manifest_is_part_of_a_kustomization() -> None:
    assert {path.parent for path, _ in ALL} == {path.parent for path in KUSTOMIZATIONS}


def test_what_is_kedas_is_written_as_keda_reads_it() -> None:
    keda = [each for _, each in ALL if each["apiVersion"].startswith(KEDA)]
    assert keda
    for each in keda:
        assert each["apiVersion"] == "keda.sh/v1alpha1"
        jsonschema.validate(each["metadata"], _METADATA)
        jsonschema.validate(each["spec"], KEDA_KINDS[each["kind"]])


@pytest.mark.parametrize("service", SERVICES)
def test_services_differ_in_nothing_but_their_name_and_the_door(service: str) -> None:
    def known_as_one(name: str) -> Any:
        written = yaml.safe_dump([one("Deployment", name), one("PodDisruptionBudget", name)])
        deployment, budget = yaml.safe_load(re.sub(rf"\b{name}\b", "SERVICE", written))
        if name == "gateway":
            (container,) = deployment["spec"]["template"]["spec"]["containers"]
            container["ports"] = [e for e in container["ports"] if e["name"] != "http"]
            for of_the_door in ("readinessProbe", "startupProbe", "livenessProbe"):
                del container[of_the_door]
            container["env"] = [e for e in container["env"] if e["name"] != "ENTENTE_SECRET_KEY"]
        return deployment, budget

    expected = known_as_one("partner")
    if service == "gateway":
        (container,) = expected[0]["spec"]["template"]["spec"]["containers"]
        del container["startupProbe"], container["livenessProbe"]
    assert known_as_one(service) == expected


@pytest.mark.parametrize("service", SERVICES)
def test_every_command_is_one_of_the_command_line(service: str) -> None:
    commands = [container["command"] for container in containers(service)]
    assert commands == [["entente", "db", "upgrade", service], ["entente", "run", service]]
    for _, *words, argument in commands:
        known: Any = typer.main.get_command(app)
        for word in words:
            known = known.get_command(Context(known), word)
            assert known is not None, word
        assert len(known.params) == 1, argument


@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_is_a_setting_and_makes_settings(service: str) -> None:
    given = dict(one("ConfigMap", "entente-settings")["data"])
    for container in containers(service):
        assert container["envFrom"] == [{"configMapRef": {"name": "entente-settings"}}]
        given |= {each["name"]: each for each in container["env"]}
    assert set(given) - FOREIGN <= {name for name, _, _ in documented.installation()}
    plain = {name: value for name, value in given.items() if isinstance(value, str)}
    database = configuration.read(plain).database_of(service)
    assert database == f"postgresql+psycopg2://{service}@postgres/{service}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_its_own_secret_and_no_other(service: str) -> None:
    for container in containers(service):
        named = {each["valueFrom"]["secretKeyRef"]["name"] for each in container["env"]}
        assert named == {f"entente-{service}"}


def test_no_secret_stands_in_a_manifest_and_each_is_asked_for_in_the_documentation() -> None:
    assert [path for path, each in ALL if each["kind"] == "Secret"] == []
    text = "\n".join(path.read_text("utf-8") for path in FOLDER.rglob("*.yaml"))
    assert re.findall(r"amqps?://\S+|:\w+@", text) == []
    page = (FOLDER.parents[1] / "docs" / "kubernetes.md").read_text("utf-8")
    keys = {
        each["valueFrom"]["secretKeyRef"]["key"]
        for service in SERVICES
        for container in containers(service)
        for each in container["env"]
    }
    assert [key for key in keys if f"--from-literal={key}=" not in page] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_process_can_change_nothing_and_become_nobody_else(service: str) -> None:
    assert pod(service)["securityContext"]["runAsNonRoot"]
    assert pod(service)["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not pod(service)["automountServiceAccountToken"]
    assert not pod(service)["enableServiceLinks"], "they look like our settings"
    image = (FOLDER.parent / "Dockerfile").read_text("utf-8")
    user = pod(service)["securityContext"]
    assert f"USER {user['runAsUser']}:{user['runAsGroup']}\n" in image
    for container in containers(service):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@pytest.mark.parametrize("service", SERVICES)
def test_a_process_leaves_memory_and_disk_to_the_others(service: str) -> None:
    for container in containers(service):
        assert container["resources"]["limits"] == {"memory": "512Mi", "ephemeral-storage": "128Mi"}
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}
    assert [each["emptyDir"] for each in pod(service)["volumes"]] == [
        {"medium": "Memory", "sizeLimit": "64Mi"}
    ]


@pytest.mark.parametrize("service", [each for each in SERVICES if each != "gateway"])
def test_a_service_shows_by_the_pulse_of_the_image_that_it_is_alive(service: str) -> None:
    (container,) = pod(service)["containers"]
    image = (FOLDER.parent / "Dockerfile").read_text("utf-8")
    pulse = re.search(r"ENTENTE_PULSE=(\S+)", image)
    assert pulse
    assert any(pulse[1].startswith(each["mountPath"]) for each in container["volumeMounts"])
    for probe in ("startupProbe", "livenessProbe"):
        _, _, script = container[probe]["exec"]["command"]
        assert f"CMD {script}\n" in image


@pytest.mark.parametrize("service", SERVICES)
def test_every_process_is_measured_at_the_port_that_it_is_told(service: str) -> None:
    (container,) = pod(service)["containers"]
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    told = one("ConfigMap", "entente-settings")["data"]["ENTENTE_OPERATIONS_PORT"]
    assert str(ports["metrics"]) == told


@pytest.mark.parametrize("service", SERVICES)
def test_more_processes_come_by_what_waits_in_every_queue_that_a_service_reads(
    service: str,
) -> None:
    sources = import_module(f"services.{service}.reactions").reactions.sources
    scaled = [e for _, e in ALL if e["kind"] in ("ScaledObject", "HorizontalPodAutoscaler")]
    (mine,) = [e for e in scaled if e["spec"]["scaleTargetRef"]["name"] == service]
    triggers = mine["spec"].get("triggers", [])
    queues = {each["metadata"]["queueName"] for each in triggers}
    part = Part(1, int(one("ConfigMap", "entente-settings")["data"]["ENTENTE_PARTS"]))
    assert queues == {queue_of(service, source, part).name for source in sources}
    if queues:
        assert mine["spec"]["maxReplicaCount"] == part.of
    assert {each["authenticationRef"]["name"] for each in triggers} <= {service}
