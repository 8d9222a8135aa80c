"""How long does a cold `edactl get teams` take, beside the least that a client of its make can do, and Kafka's own tool?"""
import statistics
import subprocess

RUNS = 41


def measure(world):
    edactl = [world.program("edactl"), "get", "teams"]
    bare = [world.program("bench_one_call")]
    ours, floor = world.alternate(RUNS, edactl, bare)
    java = ["java", "-Xmx256M", "-server", "-XX:+UseG1GC", "-cp", world.env["EDA_KAFKA_HOME"] + "/libs/*",
            "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", world.env["EDA_KAFKA_BOOTSTRAP"],
            "--command-config", world.env["EDA_KAFKA_CLIENT_CONFIG"], "--list"]
    (theirs,) = world.alternate(5, java)
    version = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr.splitlines()[0]
    ours, floor, theirs = (statistics.median(times) for times in (ours, floor, theirs))
    yield world.row("edactl get teams, cold, against a bare one-call client", ours, floor, ours / floor, "≤", 1.5,
                    "one_call.cpp, same linking, same TLS")
    yield world.row("edactl get teams, cold, against kafka-topics --list", ours, theirs, theirs / ours, "≥", 50,
                    f"Kafka {world.kafka_version()}, {version}")
