"""Private worlds for the benches: a Postgres, a broker and edad of their own (edactl dev), thrown away afterwards. Rows and topics come
into being only as they do for users, by edactl and edad; the peers make topics of their own."""
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEAM = "apiVersion: eda/v1\nkind: Team\nmetadata: {name: bench}\nspec: {contacts: {email: bench@example.org}}\n"
# As the peers' topics are: one partition, retention.ms as an override.
STREAM = ("---\napiVersion: eda/v1\nkind: Stream\nmetadata: {{name: {prefix}.{number:05d}, team: bench, cluster: {cluster}}}\n"
          "spec: {{partitions: 1, replication: 1, retention: 7d}}\n")
RETENTION = 604_800_000  # ms: those 7 d
BATCH = 1000  # streams in one apply, where they are only made to be there
KAFKA_HEAP = "-Xmx1536m"  # dev's 512 MiB carry a developer's topics, not 10,000


def assignments(text):
    """NAME=value lines as a shell reads them."""
    words = (word for line in text.splitlines() for word in shlex.split(line, comments=True) if "=" in word)
    return dict(word.split("=", 1) for word in words)


class World:
    """A running edad with a broker, and the programs under test."""

    def __init__(self, build):
        self.build = build
        self.state = Path(tempfile.mkdtemp(prefix="eda-bench-"))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("EDACTL_", "EDAD_"))}
        self.env = {**kept, "_JAVA_OPTIONS": KAFKA_HEAP, "XDG_CONFIG_HOME": str(self.state / "config")}
        self.live = 0
        self._retention = RETENTION
        self.folder = self.state / "manifests"
        self.folder.mkdir()
        try:
            self.up()
        except BaseException:
            self.close()
            raise

    def up(self):
        self._dev("up")
        env = subprocess.run([self.program("edactl"), "dev", "env", "--state", str(self.state / "world")], check=True,
                             capture_output=True, text=True, env=self.env).stdout
        self.env = {**self.env, **assignments(env), "EDACTL_TIMEOUT": "600s"}
        self.env.pop("_JAVA_OPTIONS", None)  # of the broker, not of the tools

    def close(self):
        self._dev("down", check=False)
        self._dev("reset", "--yes", check=False)
        shutil.rmtree(self.state, ignore_errors=True)

    def _dev(self, *words, check=True):
        done = subprocess.run([self.program("edactl"), "dev", *words, "--state", str(self.state / "world")], check=False, env=self.env,
                              capture_output=True, text=True)
        if check and done.returncode != 0:
            sys.exit(f"bench: edactl dev {words[0]} failed:\n{done.stderr[-2000:]}")

    def program(self, name):
        path = self.build / "bin" / name
        if not path.exists():
            sys.exit(f"bench: {path} is not there; run ./x build first")
        return str(path)

    # --- what runs

    def run(self, *command):
        """Its stdout. What fails ends the bench with its words."""
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"bench: {shlex.join(command)[:400]} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def edactl(self, *words):
        return self.run(self.program("edactl"), *words, "--timeout", "600s")

    def peer(self, *words):
        """Seconds that the peer's runs took by its own clock."""
        return [float(line) for line in self.run(self.program("bench_topics"), *map(str, words)).split()]

    def once(self, *command, ends=(0,)):
        """Seconds from its start to its end, which has to be with one of these codes."""
        with open(os.devnull, "wb") as null, tempfile.TemporaryFile() as words:
            started = time.perf_counter()
            pid = os.posix_spawnp(command[0], command, self.env, file_actions=[(os.POSIX_SPAWN_DUP2, null.fileno(), 1),
                                                                               (os.POSIX_SPAWN_DUP2, words.fileno(), 2)])
            _, status = os.waitpid(pid, 0)
            took = time.perf_counter() - started
            if os.waitstatus_to_exitcode(status) not in ends:
                words.seek(0)
                sys.exit(f"bench: {shlex.join(command)[:400]} failed:\n{words.read()[-2000:].decode()}")
        return took

    def alternate(self, runs, *commands):
        """Seconds of each command's runs, taken in turns so that a busy moment hits all of them; two rounds warm up."""
        seconds = [[] for _ in commands]
        for turn in range(runs + 2):
            for command, taken in zip(commands, seconds):
                took = self.once(*command)
                if turn >= 2:
                    taken.append(took)
        return seconds

    def java_tool(self, tool, *words):
        return ["java", "-Xmx256M", "-server", "-XX:+UseG1GC", "-cp", self.env["EDA_KAFKA_HOME"] + "/libs/*",
                f"org.apache.kafka.tools.{tool}", "--bootstrap-server", self.env["EDA_KAFKA_BOOTSTRAP"],
                "--command-config", self.env["EDA_KAFKA_CLIENT_CONFIG"], *words]

    # --- what there is

    def manifests(self, prefix, count, begin=0, cluster="local"):
        """A file with so many streams."""
        path = self.folder / f"{cluster}-{prefix}-{begin}-{count}.yaml"
        path.write_text("".join(STREAM.format(prefix=prefix, number=i, cluster=cluster) for i in range(begin, begin + count)))
        return str(path)

    def team(self):
        """The owner of every stream."""
        path = self.folder / "team.yaml"
        if not path.exists():
            path.write_text(TEAM)
            self.edactl("apply", "--yes", "-q", "-f", str(path))

    def fill(self, count):
        """At least so many streams with live topics, live.00000 and on."""
        self.team()
        while self.live < count:
            more = min(BATCH, count - self.live)
            self.edactl("apply", "--yes", "-q", "-f", self.manifests("live", more, self.live))
            self.live += more
            print(f"bench: {self.live} of {count} streams are there", file=sys.stderr)

    def drift_round(self, retention, cluster="local"):
        """Seconds that a round of the drift worker took; 0 when none was called for. Somebody changes a topic by hand and asks for the
        drift; what is news calls the round. With the wish's own retention there is none left."""
        count, took = (f'eda_worker_round_seconds_{figure}{{worker="drift"}}' for figure in ("count", "sum"))
        rounds, seconds = self.metric(count), self.metric(took)
        self.peer("keep", "live", 1, retention)
        self.edactl("stream", "drift", "-o", "name", "--cluster", cluster)
        deadline = time.monotonic() + 15
        while self.metric(count) == rounds:
            if time.monotonic() > deadline:
                return 0.0  # the round of each minute had just seen it
            time.sleep(0.02)
        return (self.metric(took) - seconds) / (self.metric(count) - rounds)

    def drift_rounds(self, runs, clusters=("local",)):
        """Seconds of so many rounds, each over all of these clusters; between them, and in the end, nothing has drifted."""
        taken = []
        while len(taken) < runs:
            self._retention += 1  # never seen before
            each = [self.drift_round(self._retention, cluster) for cluster in clusters]
            if all(each):
                taken.append(sum(each))
        self.young_facts(clusters)
        return taken

    def young_facts(self, clusters=("local",)):
        """What edad knows of the topics is as fresh as after a round of the drift worker; nothing has drifted."""
        self._retention += 1
        for retention in (self._retention, RETENTION):
            for cluster in clusters:
                self.drift_round(retention, cluster)

    # --- the processes

    def part(self, name):
        """The process id of a part of this world."""
        text = self.run(self.program("edactl"), "dev", "status", "-o", "tsv", "--state", str(self.state / "world"))
        return next(int(line.split("\t")[2]) for line in text.splitlines() if line.startswith(name + "\t"))

    def restart_edad(self):
        pid = self.part("edad")
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 30
        while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.env["_JAVA_OPTIONS"] = KAFKA_HEAP
        self.up()

    def memory(self, name):
        """VmRSS and VmHWM (the peak) of a part, in MB."""
        text = Path(f"/proc/{self.part(name)}/status").read_text()
        return tuple(int(re.search(rf"{key}:\s+(\d+) kB", text)[1]) / 1000 for key in ("VmRSS", "VmHWM"))

    def metric(self, name):
        """A metric of edad by its line's beginning, labels included; 0 when it is not there yet."""
        with urllib.request.urlopen(self.env["EDA_METRICS_URL"] + "/metrics", timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name + " "):
                    return float(line.rsplit(" ", 1)[1])
        return 0.0

    def kafka_version(self):
        for jar in Path(self.env["EDA_KAFKA_HOME"], "libs").glob("kafka-clients-*.jar"):
            return re.sub(r"kafka-clients-|\.jar", "", jar.name)
        return "?"
