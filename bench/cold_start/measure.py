"""How long does a cold `edactl get teams` take, beside the least that a client of its make can do, and Kafka's own tool?"""
import statistics
import subprocess

from report import Row, seconds, times
from world import ROOT


def row(what, ours, peer, ratio, sense, goal, note):
    met = ratio <= goal if sense == "≤" else ratio >= goal
    return Row("cold_start", what, seconds(ours), seconds(peer), times(ratio), f"{sense} {goal}x", met, note,
               {"ours": ours, "peer": peer})


def measure(bench):
    with bench.fresh() as world:
        world.edactl("apply", "--yes", "-R", "-f", str(ROOT / "examples" / "shop"))
        edactl = [world.program("edactl"), "get", "teams"]
        bare = [world.program("bench_one_call")]
        ours, floor = world.alternate(bench.runs(41), edactl, bare)
        (theirs,) = world.alternate(bench.runs(5), world.java_tool("TopicCommand", "--list"))
        kafka = world.kafka_version()
    version = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr.splitlines()[0]
    ours, floor, theirs = (statistics.median(taken) for taken in (ours, floor, theirs))
    yield row("edactl get teams, cold, against a bare one-call client", ours, floor, ours / floor, "≤", 1.5,
              "one_call.cpp, same linking, same TLS")
    yield row("edactl get teams, cold, against kafka-topics --list", ours, theirs, theirs / ours, "≥", 50, f"Kafka {kafka}, {version}")
