"""The container and its example start what the Procfile has, with settings, probes and metrics that exist."""

from __future__ import annotations

import re
import subprocess
from configparser import ConfigParser
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

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
from workers import cli

FOLDER = ROOT / "docs" / "drift" / "kubernetes"
FILES = sorted(path for path in FOLDER.rglob("*.yml") if path.stem != "kustomization")
SECRETS = FOLDER / "hemmeligheter.eksempel.yml"
README = (FOLDER / "README.md").read_text("utf-8")
SETTINGS = {field.name.upper() for field in fields(Settings)}
OF_THE_STORE = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
PROCFILE = commands()
FROM_THE_SHELL = {name for line in PROCFILE.values() for name in re.findall(r"\$\{(\w+):-", line)}
STAGES = (ROOT / "Containerfile").read_text("utf-8").split("\nFROM ")
BUILDERS = re.compile(r"\b(gcc|g\+\+|make|build-essential|nodejs|npm|git|curl)\b")


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text("utf-8")))


def everything() -> list[dict[str, Any]]:
    return [one for path in FILES for one in documents(path)]


def kustomization(folder: str) -> dict[str, Any]:
    [only] = documents(FOLDER / folder / "kustomization.yml")
    return only


def applied(folder: str) -> list[Path]:
    """The files that `kubectl apply -k` of this folder applies."""
    return [FOLDER / folder / name for name in kustomization(folder)["resources"]]


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [one for one in everything() if one["kind"] == kind]


def named(kind: str, name: str) -> dict[str, Any]:
    return next(one for one in of_kind(kind) if one["metadata"]["name"] == name)


COMMAND = "kommando"
WORKLOADS = [*of_kind("Deployment"), *of_kind("Job")]
PROCESSES = [one for one in WORKLOADS if one["metadata"]["name"] != COMMAND]
DEPLOYMENTS = {one["metadata"]["name"]: one for one in of_kind("Deployment")}
SCALED = {
    one["spec"]["scaleTargetRef"]["name"]: one["spec"].get("minReplicas", one["spec"].get("minReplicaCount"))
    for one in (*of_kind("ScaledObject"), *of_kind("HorizontalPodAutoscaler"))
}
"""How many of a process its autoscaler always leaves."""


def labels_of(workload: dict[str, Any]) -> dict[str, str]:
    labels: dict[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return labels


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
    assert {one["metadata"]["name"] for one in PROCESSES} == set(PROCFILE)
    for one in PROCESSES:
        assert "command" not in container(one)
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
        "INDEX_KEY": "y" * 43 + "=",
        "IDPORTEN_CLIENT_JWK": '{"kty": "RSA", "kid": "1", "d": "x"}',
    }
    assert Settings.from_env(plain | secrets).production


def test_no_secret_has_a_value_or_stands_among_the_settings_and_the_file_is_not_applied() -> None:
    assert all(not value for one in of_kind("Secret") for value in one["stringData"].values())
    assert not {name.lower() for name in named("ConfigMap", "fiks")["data"]} & SECRET
    assert {one["kind"] for one in documents(SECRETS)} == {"Secret"}
    assert sorted([SECRETS, *applied(""), *applied("release"), *applied(COMMAND)]) == FILES


def test_every_address_outside_that_a_service_uses_is_said() -> None:
    later, by_default = {"AMQP_URL", "MATRIKKEL_URL"}, {"API_BASE_URL"}
    said = {name for one in of_kind("ConfigMap") for name in one["data"]}
    said |= {name for one in documents(SECRETS) for name in one["stringData"]}
    assert {name for name in SETTINGS if name.endswith("_URL")} - later - by_default <= said


def test_the_migrations_and_the_command_are_applied_by_themselves_with_the_tag_of_the_rest() -> None:
    assert not [one for path in applied("") for one in documents(path) if one["kind"] == "Job"]
    assert kustomization("")["components"] == ["utgave"]
    assert kustomization("release")["components"] == kustomization(COMMAND)["components"] == ["../utgave"]
    for folder in ("", "release", COMMAND):
        assert not {"images", "namespace"} & set(kustomization(folder))
    assert kustomization("utgave")["namespace"] == "fiks"
    [image] = kustomization("utgave")["images"]
    assert {container(one)["image"].rpartition(":")[0] for one in WORKLOADS} == {image["name"]}


def test_the_migrations_need_nothing_that_is_applied_with_the_rest() -> None:
    release = named("Job", "release")
    assert "serviceAccountName" not in pod(release)
    assert container(release)["envFrom"] == [{"secretRef": {"name": "fiks-release"}}]
    assert [set(volume) for volume in pod(release)["volumes"]] == [{"name", "emptyDir"}]


def test_the_page_waits_for_the_migrations_before_it_applies_the_rest() -> None:
    steps = [line.strip() for line in README.splitlines() if line.startswith("    ")]
    order = [
        "kubectl -n fiks delete job release --ignore-not-found",
        "kubectl apply -k release",
        "kubectl -n fiks wait --for=condition=complete --timeout=2h job/release",
        "kubectl -n fiks apply -f felles.yml",
        "kubectl apply -k .",
    ]
    assert sorted(order, key=steps.index) == order
    waits = steps.index(order[2])
    assert not [line for line in steps[:waits] if "apply -k ." in line or "felles.yml" in line]
    for folder in re.findall(r"apply -k (\S+)", README):
        assert (FOLDER / folder.strip("`,") / "kustomization.yml").exists()
    for name in re.findall(r"deployment/(\w+)", README):
        assert name in DEPLOYMENTS
    kept = re.findall(r"app\.kubernetes\.io/name(?:=| in \()([\w,]+)", README)
    assert {name for names in kept for name in names.split(",")} <= set(DEPLOYMENTS)


def test_a_job_that_makes_an_index_is_waited_for_and_not_begun_anew() -> None:
    """An index may take an hour (utrulling.md), and a second Job takes away the half of it that is built."""
    assert "may take an hour" in (FOLDER.parent / "utrulling.md").read_text("utf-8")
    waits = re.findall(r"--timeout=(\w+) job/release", README)
    assert waits == ["2h"]
    assert "activeDeadlineSeconds" not in named("Job", "release")["spec"]
    running, failed = README.split("**Running:**")[1].split("**Failed:**")
    assert "wait again, with the fourth line alone. Never delete it" in running
    assert "begin again at the second line" in failed.partition("\n- ")[0]


def test_the_command_has_what_a_worker_has_and_is_in_the_image() -> None:
    job, worker = named("Job", COMMAND), DEPLOYMENTS["send"]
    [command] = container(job)["command"]
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert f"{command} = workers.cli:main" in setup["options.entry_points"]["console_scripts"].splitlines()
    assert "ENV PATH=/app/.venv/bin:" in STAGES[-1]
    assert environment(job).items() == environment(worker).items() - {("METRICS_BIND", "0.0.0.0")}
    assert pod(job)["volumes"] == pod(worker)["volumes"]
    assert container(job)["volumeMounts"] == container(worker)["volumeMounts"]
    assert policies_of(job) == policies_of(worker) == policies_of(DEPLOYMENTS["inn"])
    assert labels_of(job)["app.kubernetes.io/name"] == COMMAND
    assert (job["spec"]["backoffLimit"], pod(job)["restartPolicy"]) == (0, "Never")


def test_every_command_that_is_to_be_written_in_the_manifest_can_be_read() -> None:
    written = [yaml.safe_load(text) for text in re.findall(r"args: (\[.+?\])", README)]
    assert {words[0] for words in written} == {"freeze", "reconcile", "drain", "audit", "thaw"}
    for words in (container(named("Job", COMMAND))["args"], *written):
        assert cli._parser().parse_args(words).kommando in cli.COMMANDS


def test_the_page_stops_every_scaler_that_brings_back_what_is_stopped() -> None:
    [paused] = re.findall(r'annotate scaledobject ([\w ]+) (\S+)="0"', README)
    started = re.findall(r"annotate scaledobject ([\w ]+) (\S+)-\n", README)
    assert paused[1] == "autoscaling.keda.sh/paused-replicas"
    assert {what for _, what in started} == {paused[1]}
    everyone = {one["metadata"]["name"] for one in of_kind("ScaledObject")}
    assert set(paused[0].split()) == {name for names, _ in started for name in names.split()} == everyone


def commands_after(words: str) -> list[str]:
    """The block of commands that follows the first of these words on the page."""
    block = README.partition(words)[2].partition("\n\n    ")[2].partition("\n\n")[0]
    return [line.strip() for line in block.splitlines()]


def test_everything_that_was_stopped_is_started_again_after_a_restore() -> None:
    [by_hand] = re.findall(r"^\| 4 \| `.* scale deployment/(\w+) --replicas", README, re.MULTILINE)
    lines = commands_after("| 10 | all lines below")
    scaled = [re.findall(r"deployment/(\w+)", line) for line in lines]
    assert {by_hand, *(name for names in scaled for name in names)} | {"pdf"} == set(DEPLOYMENTS)
    assert "| 7 | the first three lines below |" in README
    assert {name for names in scaled[:3] for name in names} == {"web", "pdf", "vis"}
    assert re.findall(r"scaledobject (\w+)", "\n".join(lines[:3])) == ["pdf"]


def test_the_page_restarts_every_process_after_a_change_of_a_secret() -> None:
    for text in (README, (FOLDER.parent / "nokler.md").read_text("utf-8")):
        found = re.findall(r"rollout (restart|status) deployment -l (\S+)=(\w+)", text)
        assert {what for what, _, _ in found} == {"restart", "status"}
        for _, label, value in found:
            assert {one["metadata"]["labels"][label] for one in DEPLOYMENTS.values()} == {value}


def test_only_the_migrations_have_the_owners_role() -> None:
    having = [one["metadata"]["name"] for one in WORKLOADS if "MIGRATION_DATABASE_URL" in environment(one)]
    assert having == ["release"]


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_a_process_is_probed_where_it_answers(name: str) -> None:
    """Whether it lives is asked of the metrics' listener, whose thread takes no requests.

    On the pages' port a probe stands in line behind slow uploads and downloads: who is busy would be killed. Whether it
    has started and can take more is asked there, and who can take no more is only sent none.
    """
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
        pages = "http" in ports and probe != "livenessProbe"
        assert asked["port"] == ("http" if pages else "metrics")
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
    assert pod(DEPLOYMENTS[name])["terminationGracePeriodSeconds"] >= sleeps_first(name) + takes + 10


def sleeps_first(name: str) -> int:
    """The seconds between a pod's being told to go and the signal to its process."""
    lifecycle = container(DEPLOYMENTS[name]).get("lifecycle")
    if lifecycle is None:
        return 0
    command, seconds = lifecycle["preStop"]["exec"]["command"]
    assert command == "sleep"
    return int(seconds)


def test_who_takes_requests_goes_on_until_no_proxy_sends_it_any() -> None:
    served = {service["spec"]["selector"]["app.kubernetes.io/name"] for service in of_kind("Service")}
    assert {name for name in DEPLOYMENTS if sleeps_first(name) >= 5} == served


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
    labels = {name: labels_of(one) for name, one in DEPLOYMENTS.items()}
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


def leads_of(setting: str) -> dict[str, str]:
    """Which process each beginning of an address leads to, at the host of this setting."""
    [ingress] = of_kind("Ingress")
    host = urlsplit(named("ConfigMap", "fiks")["data"][setting]).netloc
    assert [host in one["hosts"] for one in ingress["spec"]["tls"]] == [True]
    [rule] = [one for one in ingress["spec"]["rules"] if one["host"] == host]
    return {path["path"].rstrip("/"): path["backend"]["service"]["name"] for path in rule["http"]["paths"]}


def test_there_is_a_rule_for_each_host_of_the_settings_and_no_other() -> None:
    [ingress] = of_kind("Ingress")
    plain = named("ConfigMap", "fiks")["data"]
    hosts = {urlsplit(plain[name]).netloc for name in ("PORTAL_BASE_URL", "MINSIDE_BASE_URL")}
    assert len(hosts) == 2
    assert sorted(hosts) == sorted(one["host"] for one in ingress["spec"]["rules"])


def test_receivers_log_in_and_read_at_a_host_that_needs_nothing_of_web() -> None:
    assert set(leads_of("MINSIDE_BASE_URL").values()) == {"nedlasting"}
    assert {"/", "/logg-inn", "/innlogging/tilbake", "/minside/post"} <= addresses("nedlasting")


def test_each_address_is_led_to_a_process_that_serves_it() -> None:
    leads = leads_of("PORTAL_BASE_URL")
    served = {part: addresses(part) for part in DELER} | {"web": addresses("app")}
    lost = {}
    for address in addresses("app"):
        begins = max((one for one in leads if f"{address}/".startswith(f"{one}/")), key=len)
        if address not in served[leads[begins]]:
            lost[address] = leads[begins]
    assert lost == {}
    assert {"/api/svarinn", "/forsendelse"} <= set(leads)


def chooses(policy: dict[str, Any], labels: dict[str, str]) -> bool:
    selector = policy["spec"]["podSelector"]
    wanted = selector.get("matchLabels", {}).items()
    also = {e["key"]: set(e["values"]) for e in selector.get("matchExpressions", [])}
    return wanted <= labels.items() and all(labels.get(key) in values for key, values in also.items())


def policies_of(workload: dict[str, Any]) -> set[str]:
    found = [one for one in of_kind("NetworkPolicy") if chooses(one, labels_of(workload))]
    return {one["metadata"]["name"] for one in found}


def test_all_traffic_is_closed_first_and_each_policy_is_of_pods_there_are() -> None:
    policies = of_kind("NetworkPolicy")
    closed = [p for p in policies if "ingress" not in p["spec"] and "egress" not in p["spec"]]
    assert [p["spec"]["policyTypes"] for p in closed] == [["Ingress", "Egress"]]
    labels = [labels_of(one) for one in WORKLOADS]
    assert all(closed[0]["spec"]["podSelector"]["matchLabels"].items() <= own.items() for own in labels)
    for policy in policies:
        assert any(chooses(policy, own) for own in labels), policy["metadata"]["name"]
        for also in policy["spec"]["podSelector"].get("matchExpressions", []):
            assert set(also["values"]) <= {own.get(also["key"]) for own in labels}, policy["metadata"]["name"]


def test_the_sweeper_and_the_migrations_call_nobody_outside() -> None:
    world = named("NetworkPolicy", "ut-til-verden")["spec"]["podSelector"]["matchExpressions"][0]
    assert not {"sveip", "release"} & set(world["values"])


def neighbours(policy: str, way: str) -> set[tuple[str, int | str]]:
    """(namespace, or a label of it; port) for all that a policy opens to."""
    found = set()
    for rule in named("NetworkPolicy", policy)["spec"]["ingress" if way == "from" else "egress"]:
        for peer in rule[way]:
            selector = peer.get("namespaceSelector", {})
            for key, value in selector.get("matchLabels", {}).items():
                found |= {(value or key, port["port"]) for port in rule["ports"]}
            for also in selector.get("matchExpressions", []):
                found |= {(value, port["port"]) for value in also["values"] for port in rule["ports"]}
    return found


def test_names_the_proxy_and_prometheus_are_found_in_openshift_too() -> None:
    assert neighbours("ut-til-database", "to") == {("kube-system", 53), ("openshift-dns", 5353)}
    assert neighbours("inn-til-web", "from") == {
        ("ingress-nginx", "http"),
        ("policy-group.network.openshift.io/ingress", "http"),
    }
    assert neighbours("inn-til-metrikker", "from") == {
        ("monitoring", "metrics"),
        ("openshift-monitoring", "metrics"),
        ("openshift-user-workload-monitoring", "metrics"),
    }


def test_workers_follow_what_their_lanes_want() -> None:
    for scaled in of_kind("ScaledObject"):
        name = scaled["spec"]["scaleTargetRef"]["name"]
        [trigger] = scaled["spec"]["triggers"]
        assert faults(trigger["metadata"]["query"]) == []
        assert f'prosess="{name}"' in trigger["metadata"]["query"]
        each = int(environment(DEPLOYMENTS[name]).get("PDF_PROCESSES", 1)) * PROSESSER[name].arbeidere
        assert trigger["metadata"]["threshold"] == str(each)


def test_without_a_figure_to_follow_no_worker_is_taken_away() -> None:
    for scaled in of_kind("ScaledObject"):
        [trigger] = scaled["spec"]["triggers"]
        assert trigger["metadata"]["ignoreNullValues"] == "false"
        fallback = scaled["spec"]["fallback"]
        assert fallback["behavior"] == "currentReplicasIfHigher"
        assert fallback["replicas"] == scaled["spec"]["minReplicaCount"]


def test_how_many_there_are_is_said_once_and_one_stays_during_maintenance() -> None:
    written = {
        name: one["spec"]["replicas"] for name, one in DEPLOYMENTS.items() if "replicas" in one["spec"]
    }
    assert not set(written) & set(SCALED)
    least = written | SCALED
    assert set(least) == set(DEPLOYMENTS)
    assert min(least.values()) >= 1
    for budget in of_kind("PodDisruptionBudget"):
        assert budget["spec"]["minAvailable"] < least[budget["metadata"]["name"]]


def test_what_is_to_stay_during_maintenance_does_not_lie_on_one_machine() -> None:
    """As far as there are others."""
    kept = {budget["metadata"]["name"] for budget in of_kind("PodDisruptionBudget")}
    spread = {name for name, one in DEPLOYMENTS.items() if "topologySpreadConstraints" in pod(one)}
    assert spread == kept
    for name in spread:
        [constraint] = pod(DEPLOYMENTS[name])["topologySpreadConstraints"]
        assert constraint == {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": DEPLOYMENTS[name]["spec"]["selector"],
            "matchLabelKeys": ["pod-template-hash"],
        }


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
