"""Every limit that `edad config` shows: a larger input is refused, and the refusal names the limit."""

import http.client
import json
import re
import subprocess
import urllib.parse
from pathlib import Path

from processes import Command
from watch import check

SOURCE = Path(__file__).parents[2] / "platform" / "core" / "limits.h"


def team(body, name="t"):
    return f"apiVersion: eda/v1\nkind: Team\nmetadata: {{name: {name}}}\n{body}\n"


def stream(spec, name="s", more=""):
    return f"apiVersion: eda/v1\nkind: Stream\nmetadata: {{name: {name}, team: t{more}}}\nspec: {spec}\n"


def entries(count, width=1):
    return "{" + ", ".join(f"{'k' * width}{number}: v" for number in range(count)) + "}"


# A limit to a manifest that is beyond it.
MANIFESTS = {
    "manifest_bytes": lambda most: "# " + "x" * most + "\n" + team("spec: {}"),
    "manifest_documents": lambda most: "---\n".join(team("spec: {}", f"t{number}") for number in range(most + 1)),
    "manifest_fields": lambda most: "".join(
        "---\n" + stream(f"{{config: {entries(1990)}}}", f"s{number}") for number in range(most // 1990 + 1)),
    "document_values": lambda most: team(f"spec: {{x: [{'0,' * (most + 1)}]}}"),
    "document_aliases": lambda most: team(f"spec: {{a: &a 1, x: [{'*a,' * (most + 1)}]}}"),
    "message_bytes": lambda most: team(f"spec: {{description: {'x' * most}}}"),
    "fields_per_document": lambda most: stream(f"{{config: {entries(most + 1)}}}"),
    "list_items": lambda most: "apiVersion: eda/v1\nkind: Cluster\nmetadata: {name: c}\nspec: {bootstrap: ["
                               + "a:9092," * (most + 1) + "]}\n",
    "labels": lambda most: stream("{}", more=f", labels: {entries(most + 1)}"),
    "key_bytes": lambda most: stream(f"{{config: {{{'k' * (most + 1)}: v}}}}"),
    "text_bytes": lambda most: team(f"spec: {{description: {'x' * (most + 1)}}}"),
    "name_code_points": lambda most: team("spec: {}", "é" * (most + 1)),
    "topic_name_bytes": lambda most: stream("{}", "s" * (most + 1)),
    "nesting": lambda most: team(f"spec: {'[' * (most + 1)}{']' * (most + 1)}"),
}

# A limit to (headers, body) of a request, and the status that refuses it.
REQUESTS = {
    "http_body_bytes": (413, lambda most: ({}, " " * (most + 1))),
    "http_header_bytes": (431, lambda most: ({"X-Much": "x" * most}, "{}")),
    "staged_documents": (400, lambda most: ({}, json.dumps({"documents": [{"kind": "Team", "name": "t"}] * (most + 1)}))),
}


def names_it(words, most):
    """As it is, with thousands apart, or as a size."""
    spellings = [str(most), f"{most:,}"] + [f"{most >> bits} {unit}" for bits, unit in ((10, "KiB"), (20, "MiB"))
                                            if most % (1 << bits) == 0]
    return any(re.search(rf"(?<!\d){re.escape(text)}(?!\d)", words.replace("\u00a0", " ")) or
               text.replace(" ", "") in words for text in spellings)


def refused_manifest(world, name, most):
    path = world.folder / "beyond.yaml"
    path.write_text(MANIFESTS[name](most))
    done = Command([world.edactl, "validate", "-f", str(path)], world.environment()).wait(120)
    return "" if done.code == 2 and names_it(done.words(), most) else f"{name}: exit {done.code}: {done.words()[-300:]}"


def refused_request(world, name, most):
    wanted, make = REQUESTS[name]
    headers, body = make(most)
    web = http.client.HTTPConnection(urllib.parse.urlsplit(world.variables["EDA_WEB_URL"]).netloc, timeout=30)
    try:
        web.request("POST", "/eda.plans.v1.PlanService/Stage", body, headers | {
            "Content-Type": "application/json", "Authorization": f"Bearer {world.variables['EDACTL_TOKEN']}"})
    except (BrokenPipeError, ConnectionResetError):
        pass  # refused before all of it was sent
    answer = web.getresponse()
    words = answer.read().decode()
    return "" if answer.status == wanted and names_it(words, most) else f"{name}: status {answer.status}: {words[:300]}"


def each_named(world):
    shown = subprocess.run([world.edad, "config"], env={}, capture_output=True, text=True, check=True).stdout
    limits = {name: int(most) for name, most in re.findall(r"^limits\.(\w+) +(\d+)", shown, re.M)}
    written = set(re.findall(r"inline constexpr std::size_t (\w+)", SOURCE.read_text()))
    check(set(limits) == written, f"`edad config` shows other limits than there are: {sorted(set(limits) ^ written)}")
    tried = {**MANIFESTS, **REQUESTS}
    check(set(limits) == set(tried), f"limits that nothing is beyond here: {sorted(set(limits) ^ set(tried))}")
    wrong = [said for name, most in limits.items()
             if (said := (refused_manifest if name in MANIFESTS else refused_request)(world, name, most))]
    check(not wrong, "; ".join(wrong))
    return f"{len(limits)} limits shown by `edad config`, each named by the refusal of what is beyond it"
