"""The container and its example start what the Procfile has, with settings, probes and metrics that exist."""

from __future__ import annotations

import re
import subprocess
from dataclasses import fields
from typing import Any

import pytest
import yaml

from config.procfile import commands
from config.settings import REQUIRED, SECRET, Settings
from fiks.drift.rules import PROSESSER
from portal import create_app
from portal.blueprints import DELER
from testmiljo.stack import BIN
from tests.architecture.test_monitoring import faults
from tests.architecture.tree import ROOT
from tests.portal.apps import make_settings
from tests.security.reviewed import REVIEWED

FOLDER = ROOT / "docs" / "drift" / "kubernetes"
FILES = sorted(path for path in FOLDER.glob("*.yml") if path.stem != "kustomization")
SETTINGS = {field.name.upper() for field in fields(Settings)}
OF_THE_STORE = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
PROCFILE = commands()
FROM_THE_SHELL = {name for line in PROCFILE.values() for name in re.findall(r"\$\{(\w+):-", line)}
PROBES = {"/helse/levende", "/helse/klar"}
STAGES = (ROOT / "Containerfile").read_text("utf-8").split("\nFROM ")
BUILDERS = re.compile(r"\b(gcc|g\+\+|make|build-essential|nodejs|npm|git|curl)\b")


def everything() -> list[dict[str, Any]]:
    return [one for path in FILES for one in yaml.safe_load_all(path.read_text("utf-8"))]


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [one for one in everything() if one["kind"] == kind]


def named(kind: str, name: str) -> dict[str, Any]:
    return next(one for one in of_kind(kind) if one["metadata"]["name"] == name)


WORKLOADS = [*of_kind("Deployment"), *of_kind("Job")]
DEPLOYMENTS = {one["metadata"]["name"]: one for one in of_kind("Deployment")}


def pod(workload: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = workload["spec"]["template"]["spec"]
    return spec


def container(workload: dict[str, Any]) -> dict[str, Any]:
    [only] = pod(workload)["containers"]
    assert isinstance(only, dict)
    return only


def environment(workload: dict[str, Any]) -> dict[str, str]:
    """What the container's process sees; a secret's values are empty here."""
    found: dict[str, str] = {}
    for source in container(workload)["envFrom"]:
        (how, reference), *_ = source.items()
        kind, where = {"configMapRef": ("ConfigMap", "data"), "secretRef": ("Secret", "stringData")}[how]
        found |= named(kind, reference["name"])[where]
    return found | {one["name"]: one["value"] for one in container(workload).get("env", [])}


def metrics_port(name: str) -> str:
    found = re.search(rf"config\.start {name} (\d+) ", PROCFILE[name])
    assert found
    return found[1]


def test_there_is_a_workload_for_every_process_and_each_is_started_by_its_name() -> None:
    assert {one["metadata"]["name"] for one in WORKLOADS} == set(PROCFILE)
    for one in WORKLOADS:
        assert container(one)["args"] == [one["metadata"]["name"]]


def test_every_variable_is_a_setting_or_one_the_procfile_reads() -> None:
    for one in WORKLOADS:
        assert set(environment(one)) <= SETTINGS | FROM_THE_SHELL | OF_THE_STORE, one["metadata"]["name"]


def test_every_process_has_what_production_demands_and_can_start() -> None:
    for name, one in DEPLOYMENTS.items():
        assert set(REQUIRED) <= set(environment(one)), name


def test_settings_that_are_no_secret_are_ones_production_can_start_with() -> None:
    """With harmless secrets in place of the real ones."""
    plain = named("ConfigMap", "fiks")["data"]
    key = "x" * 43 + "="
    secrets = {
        "DATABASE_URL": "postgresql://fiks_app@db/fiks",
        "REDIS_URL": "redis://redis/0",
        "OBJECT_STORE_URL": "s3://dokumenter",
        "SECRET_KEY": "x" * 40,
        "MASTER_KEYS": f"2027:{key}",
        "INDEX_KEY": key,
        "IDPORTEN_CLIENT_JWK": '{"kty": "RSA", "kid": "1", "d": "x"}',
    }
    assert Settings.from_env(plain | secrets).production


def test_no_secret_has_a_value_or_stands_among_the_settings_and_the_file_is_not_applied() -> None:
    assert all(not value for one in of_kind("Secret") for value in one["stringData"].values())
    assert not {name.lower() for name in named("ConfigMap", "fiks")["data"]} & SECRET
    applied = yaml.safe_load((FOLDER / "kustomization.yml").read_text("utf-8"))["resources"]
    kinds = [
        one["kind"] for name in applied for one in yaml.safe_load_all((FOLDER / name).read_text("utf-8"))
    ]
    assert "Secret" not in kinds
    assert {*applied, "hemmeligheter.eksempel.yml"} == {path.name for path in FILES}


def test_only_the_migrations_have_the_owners_role() -> None:
    having = [one["metadata"]["name"] for one in WORKLOADS if "MIGRATION_DATABASE_URL" in environment(one)]
    assert having == ["release"]


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_a_process_is_probed_where_it_answers(name: str) -> None:
    it = container(DEPLOYMENTS[name])
    ports = {one["name"]: str(one["containerPort"]) for one in it["ports"]}
    assert ports["metrics"] == metrics_port(name)
    env = environment(DEPLOYMENTS[name])
    assert env["METRICS_BIND"] == "0.0.0.0"
    if "http" in ports:
        bind = re.search(r"--bind \$\{(\w+):-", PROCFILE[name])
        assert bind
        assert env[bind[1]] == f"0.0.0.0:{ports['http']}"
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = it[probe]["httpGet"]
        assert asked["port"] == ("http" if "http" in ports else "metrics")
        assert asked["path"] == ("/helse/klar" if probe == "readinessProbe" else "/helse/levende")
    assert {"helse.levende", "helse.klar"} <= set(REVIEWED)
    annotations = DEPLOYMENTS[name]["spec"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/port"] == ports["metrics"]


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_a_pod_is_given_more_time_to_end_than_its_process_takes(name: str) -> None:
    line = PROCFILE[name]
    graceful, shutdown = (
        re.search(r"--graceful-timeout (\d+)", line),
        re.search(r"--worker-shutdown-timeout (\d+)", line),
    )
    takes = int(graceful[1]) if graceful else int(shutdown[1]) / 1000 if shutdown else 15
    assert pod(DEPLOYMENTS[name])["terminationGracePeriodSeconds"] >= takes + 10


def test_nobody_is_root_and_nobody_writes_to_the_image() -> None:
    for one in WORKLOADS:
        assert pod(one)["securityContext"] == {
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        assert container(one)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert pod(one)["automountServiceAccountToken"] is False
        assert container(one)["resources"]["limits"]["memory"]


def test_every_volume_and_every_file_that_a_setting_names_is_there() -> None:
    files = set(named("Secret", "fiks-nokler")["stringData"])
    for one in WORKLOADS:
        volumes = {volume["name"] for volume in pod(one)["volumes"]}
        mounts = {mount["name"]: mount["mountPath"] for mount in container(one)["volumeMounts"]}
        assert set(mounts) == volumes
        for value in environment(one).values():
            if value.startswith("/"):
                assert value.removeprefix(f"{mounts['nokler']}/") in files


def test_selectors_find_their_pods_and_services_their_ports() -> None:
    labels = {name: one["spec"]["template"]["metadata"]["labels"] for name, one in DEPLOYMENTS.items()}
    for name, one in DEPLOYMENTS.items():
        assert one["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
    for service in of_kind("Service"):
        chosen = service["spec"]["selector"]
        found = [name for name, own in labels.items() if chosen.items() <= own.items()]
        assert found == [service["metadata"]["name"]]
        assert [p["name"] for p in container(DEPLOYMENTS[found[0]])["ports"]].count("http") == 1


def test_the_ingress_leads_to_services_that_serve_those_addresses() -> None:
    [ingress] = of_kind("Ingress")
    services = {one["metadata"]["name"] for one in of_kind("Service")}
    for rule in ingress["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            assert path["backend"]["service"]["name"] in services
    assert services == {*DELER, "web"} - {"app"}
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-request-buffering"] == "off"


def addresses(part: str) -> set[str]:
    """Every address that a web process made of these blueprints serves."""
    app = create_app(make_settings(), blueprints=DELER[part])
    return {rule.rule for rule in app.url_map.iter_rules()}


def test_each_address_is_led_to_a_process_that_serves_it() -> None:
    [ingress] = of_kind("Ingress")
    [rule] = ingress["spec"]["rules"]
    leads = {path["path"].rstrip("/"): path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    served = {part: addresses(part) for part in DELER} | {"web": addresses("app")}
    lost = {}
    for address in addresses("app"):
        begins = max((one for one in leads if f"{address}/".startswith(f"{one}/")), key=len)
        if address not in served[leads[begins]]:
            lost[address] = leads[begins]
    assert lost == {}
    assert {"/api/svarinn", "/forsendelse"} <= set(leads)


def test_all_traffic_is_closed_first_and_each_policy_is_of_pods_there_are() -> None:
    policies = of_kind("NetworkPolicy")
    closed = [p for p in policies if "ingress" not in p["spec"] and "egress" not in p["spec"]]
    assert [p["spec"]["policyTypes"] for p in closed] == [["Ingress", "Egress"]]
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in WORKLOADS]
    assert all(closed[0]["spec"]["podSelector"]["matchLabels"].items() <= own.items() for own in labels)
    for policy in policies:
        selector = policy["spec"]["podSelector"]
        wanted = selector.get("matchLabels", {}).items()
        also = {e["key"]: set(e["values"]) for e in selector.get("matchExpressions", [])}
        assert any(
            wanted <= own.items() and all(own.get(key) in values for key, values in also.items())
            for own in labels
        ), policy["metadata"]["name"]
        for key, values in also.items():
            assert values <= {own.get(key) for own in labels}, policy["metadata"]["name"]


def test_the_sweeper_and_the_migrations_call_nobody_outside() -> None:
    world = named("NetworkPolicy", "ut-til-verden")["spec"]["podSelector"]["matchExpressions"][0]
    assert not {"sveip", "release"} & set(world["values"])


def test_workers_follow_what_their_lanes_want() -> None:
    for scaled in of_kind("ScaledObject"):
        name = scaled["spec"]["scaleTargetRef"]["name"]
        [trigger] = scaled["spec"]["triggers"]
        assert faults(trigger["metadata"]["query"]) == []
        assert f'prosess="{name}"' in trigger["metadata"]["query"]
        each = int(environment(DEPLOYMENTS[name]).get("PDF_PROCESSES", 1)) * PROSESSER[name].arbeidere
        assert trigger["metadata"]["threshold"] == str(each)
        assert scaled["spec"]["minReplicaCount"] >= 1
    for hpa in of_kind("HorizontalPodAutoscaler"):
        assert hpa["spec"]["scaleTargetRef"]["name"] in DEPLOYMENTS
    several = {name for name, one in DEPLOYMENTS.items() if one["spec"]["replicas"] > 1}
    kept = {one["metadata"]["name"] for one in of_kind("PodDisruptionBudget")}
    assert kept <= several


def test_the_image_is_run_by_nobody_without_build_tools_and_holds_no_tests() -> None:
    final = STAGES[-1]
    assert re.search(r"^USER 10001:0$", final, re.MULTILINE)
    assert not BUILDERS.search(final)
    assert final.index("USER ") > final.index("COPY ")
    assert 'ENTRYPOINT ["python", "-m", "config.procfile"]' in final
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", "\n".join(STAGES), re.MULTILINE))
    sources = {name for line in copied for name in line.split()}
    assert all((ROOT / name).exists() for name in sources)
    assert not {"tests", "testmiljo", "benchmarks", "docs"} & sources
    ignored = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    assert ignored[0] == "**"
    assert {line[1:] for line in ignored if line.startswith("!")} == sources


def test_what_is_not_a_process_is_refused_with_the_names_there_are() -> None:
    done = subprocess.run(
        [BIN / "python", "-m", "config.procfile", "noe"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert all(name in done.stderr for name in PROCFILE)
