"""A private world that a scenario may break: started by `edactl dev`, watched through psql and the broker's files."""

import base64
import os
import re
import signal
import subprocess
import tempfile
import time
import urllib.parse
from collections import Counter
from pathlib import Path

from processes import WITH_US, Command, free_port, free_ports, frozen, tidy_up_after
from sql import Sql
from watch import Failed, alive, check, http, sockets, until

TEAM = "faults"


class World:
    def __init__(self, binaries):
        self.edactl = str(Path(binaries) / "edactl")
        self.edad = str(Path(binaries) / "edad")
        for program in (self.edactl, self.edad):
            check(Path(program).exists(), f"there is no {program}: ./x build, or --bin DIR")
        self.folder = Path(tempfile.mkdtemp(prefix="eda-faults-"))
        self.state = self.folder / "state"
        self.guard = tidy_up_after(str(self.state), self.edactl)
        self.state.mkdir(mode=0o700)
        # Ports where nobody looks first: what is killed here finds its own again, whatever else starts meanwhile.
        names = ("postgres.port", "kafka.1.port", "kafka.1.controller", "edad.grpc", "edad.metrics", "edad.web",
                 "edad.registry")
        noted = [f"{name}={port}" for name, port in zip(names, free_ports(7))] + self.prepare()
        (self.state / "world").write_text("\n".join(noted) + "\n")
        self.broker_data = self.state / "kafka" / "1" / "data"
        self.sql = None
        self.own = []  # edads beside the world's
        self.up()

    def prepare(self):
        """Further notes for `edactl dev`."""
        return []

    def close(self):
        for process in self.own:
            process.kill()
            process.wait()
        if self.sql:
            self.sql.close()
        os.close(self.guard)
        until(lambda: not self.folder.exists(), 60, f"{self.folder} removed with all of its processes", pause=0.1)

    # --- the whole

    def up(self):
        """Starts what does not run, and waits until all of it is ready."""
        self.end_up(self.begin_up())

    def begin_up(self):
        return Command([self.edactl, "dev", "up", "--state", str(self.state), "--kafka", "4"], dict(os.environ))

    def end_up(self, command):
        command.wait(180)
        check(command.code == 0, f"edactl dev up: exit {command.code}: {command.words()}")
        self.read_environment()

    def read_environment(self):
        text = subprocess.run([self.edactl, "dev", "env", "--state", str(self.state)], capture_output=True, text=True,
                              check=True).stdout
        self.variables = dict(re.findall(r"^export (\w+)='(.*)'$", text, re.M))
        self.metrics_url = self.variables["EDA_METRICS_URL"]
        self.broker_port = int(self.variables["EDA_KAFKA_BOOTSTRAP"].rsplit(":", 1)[1])
        if self.sql:
            self.sql.close()
        self.sql = Sql(self.variables["EDA_POSTGRES_URL"])

    def session(self):
        """A connection of one's own to the database, for locks."""
        return Sql(self.variables["EDA_POSTGRES_URL"])

    def environment(self, **more):
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        kept |= {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "config")}
        return kept | self.variables | more

    # --- processes

    def pid(self, part):
        """Of a part of the world that runs: "edad", "kafka", "postgres"."""
        noted = self.state / "run" / f"{part}.pid"
        pid = int(noted.read_text().split()[0])
        check(alive(pid), f"{part} (pid {pid}) does not run")
        return pid

    def send(self, part, number):
        pid = self.pid(part)
        os.kill(pid, number)
        return pid

    def kill(self, part, number=signal.SIGKILL, patience=10):
        pid = self.send(part, number)
        until(lambda: not alive(pid), patience, f"{part} gone", pause=0.002)

    def frozen(self, part):
        return frozen(self.pid(part))

    def for_edads(self):
        """Further variables of edads that are started here."""
        return {}

    def start_edad(self, name, **settings):
        """A further edad with a configuration and ports of its own. `settings` replace lines: listen_grpc="…"."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        values = {"database_url": self.variables["EDA_POSTGRES_URL"],
                  "secrets_dir": str(self.state / "edad" / "secrets"),
                  "listen_grpc": f"127.0.0.1:{free_port()}", "listen_metrics": f"127.0.0.1:{free_port()}",
                  "listen_web": f"127.0.0.1:{free_port()}"} | settings
        lines = []
        for group in sorted({key.split("_", 1)[0] for key in values}):
            lines.append(f"{group}:")
            lines += [f'  {key.split("_", 1)[1]}: "{value}"' for key, value in values.items()
                      if key.split("_", 1)[0] == group and value is not None]
        config = folder / "edad.yaml"
        config.touch(mode=0o600)
        config.write_text("\n".join(lines) + "\n")
        return Edad(self, name, config, values)

    # --- what the world shows

    def topic_records(self, prefix):
        """(topic, id) of each creation in the broker's metadata log, to which it writes before it answers. A record
        begins with frame 1, kind 2 (TopicRecord), version 0 and the name with its length + 1; the id follows."""
        begin = b"\x01\x02\x00" + bytes([len(prefix) + len("-000") + 1])
        pattern = re.compile(re.escape(begin) + rb"(" + re.escape(prefix.encode()) + rb"-\d{3})(.{16})", re.S)
        for segment in sorted((self.broker_data / "__cluster_metadata-0").glob("*.log")):
            for name, number in pattern.findall(segment.read_bytes()):
                yield name.decode(), base64.urlsafe_b64encode(number).decode().rstrip("=")

    def topic_ids(self, prefix):
        """Topic to id; Failed when a topic was made twice."""
        ids = {}
        for name, number in self.topic_records(prefix):
            check(name not in ids, f"{name} was created twice: {ids.get(name)}, {number}")
            ids[name] = number
        return ids

    def created(self, prefix):
        return len(self.topic_ids(prefix))

    def broker_backlog(self):
        """Bytes that clients have sent and the broker has not read."""
        return sum(unread for local, _, _, unread in sockets() if local == self.broker_port)

    def broker_has_hung_up(self):
        """Whether the broker has dealt with everything that a dead client had sent, and has closed its side."""
        close_wait = 8
        return not any(state == close_wait for local, _, state, _ in sockets() if local == self.broker_port)

    def unread_answers(self):
        """Bytes that edad has sent and its client has not read."""
        port = int(self.variables["EDACTL_SERVER"].rsplit(":", 1)[1])
        return sum(unread for _, remote, _, unread in sockets() if remote == port)

    def objects(self, prefix):
        """(state, generation, observed_generation) to how many streams."""
        rows = self.sql("SELECT state, generation, observed_generation, count(*) FROM objects"
                        f" WHERE kind = 'stream' AND name LIKE '{prefix}-%' GROUP BY 1, 2, 3")
        return {(state, int(generation), int(seen)): int(count) for state, generation, seen, count in rows}

    def announced(self, prefix):
        """Streams of which edad has noted that it is about to ask for their topic."""
        return int(self.sql(f"SELECT count(*) FROM streams WHERE topic LIKE '{prefix}-%' AND creation_sent")[0][0])

    def remembered_ids(self, prefix):
        """Topic to id, as edad has them."""
        return dict(self.sql(f"SELECT topic, topic_id FROM streams WHERE topic LIKE '{prefix}-%'"))

    def partitions(self, prefix):
        """Number of partitions to how many topics, on the broker's disk."""
        sizes = Counter(entry.name.rsplit("-", 1)[0] for entry in os.scandir(self.broker_data)
                        if entry.name.startswith(prefix))
        return dict(Counter(sizes.values()))

    def events(self, prefix):
        """Verb to how many events."""
        rows = self.sql("SELECT verb, count(*) FROM events"
                        f" WHERE object_kind = 'stream' AND object_name LIKE '{prefix}-%' GROUP BY 1")
        return {verb: int(count) for verb, count in rows}

    def plans(self, prefix):
        """State of each plan of the apply-set, oldest first."""
        return [row[0] for row in self.sql(f"SELECT state FROM plans WHERE set_name = '{prefix}' ORDER BY created_at")]

    def waiting_on_lock(self, part):
        """Sessions of edads that wait for a lock in a statement with `part` in it."""
        return int(self.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'edad%'"
                            f" AND wait_event_type = 'Lock' AND query ILIKE '%{part}%'")[0][0])

    def open_transactions(self):
        """Of edads, for a failure's message: state, what it waits for, since when, and the statement."""
        return self.sql("SELECT state, wait_event, now() - state_change, left(query, 100) FROM pg_stat_activity"
                        " WHERE application_name LIKE 'edad%' AND xact_start IS NOT NULL")

    def our_lock_waits(self):
        return self.sql("SELECT 1 FROM pg_stat_activity WHERE application_name = 'faults' AND wait_event_type = 'Lock'")

    def sessions_of_edads(self):
        return int(self.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'edad%'")[0][0])

    def ready(self, metrics_url=None):
        """(status, body) of /readyz; status 0 when nobody answers."""
        return http(f"{metrics_url or self.metrics_url}/readyz")

    # --- acts

    def manifest(self, prefix, count, **spec):
        values = {"partitions": 1, "replication": 1} | spec
        fields = ", ".join(f"{name}: {value}" for name, value in values.items())
        path = self.folder / f"{prefix}-{abs(hash(fields))}.yaml"
        path.write_text("".join(
            f"---\napiVersion: eda/v1\nkind: Stream\nmetadata: {{name: {prefix}-{number:03}, team: {TEAM}}}\n"
            f"spec: {{{fields}}}\n" for number in range(count)))
        return path

    def apply(self, prefix, count, timeout=30, server=None, **spec):
        """`edactl apply` of so many streams in an apply-set named as their prefix, in the background."""
        variables = {"EDACTL_SERVER": server} if server else {}
        return Command([self.edactl, "apply", "-f", str(self.manifest(prefix, count, **spec)), "--yes", "--set", prefix,
                        "--timeout", f"{timeout}s"], self.environment(**variables))

    def make_team(self):
        path = self.folder / "team.yaml"
        path.write_text(f"apiVersion: eda/v1\nkind: Team\nmetadata: {{name: {TEAM}}}\nspec: {{description: breaks}}\n")
        done = Command([self.edactl, "apply", "-f", str(path), "--yes"], self.environment()).wait(60)
        check(done.code == 0, f"the team could not be made: exit {done.code}: {done.words()}")

    def await_applied(self, prefix, count, seconds=60, generation=1):
        """Until every stream equals its wish; returns how long that took."""
        began = time.monotonic()
        wanted = {("applied", generation, generation): count}
        until(lambda: self.objects(prefix) == wanted, seconds,
              lambda: f"{count} streams {prefix}-* applied; they are {self.objects(prefix)}")
        return time.monotonic() - began


    def judge_outcome(self, prefix, count, apply):
        """An apply that was disturbed may not know how it ended, but it says nothing that is not so."""
        said = f"{prefix}: apply ends with {apply.code} ({apply.words()})"
        if "applied" not in self.plans(prefix):
            check(apply.code not in (0, 9, 124), f"{said}, and nothing was committed")
        elif apply.code == 0:
            check(self.objects(prefix) == {("applied", 1, 1): count}, f"{said}, and streams are {self.objects(prefix)}")
        else:
            check(apply.code in (11, 124), f"{said}, and the wish is there")

    def verify(self, prefix, count, first_ids=None):
        """That each stream was made exactly once, and is remembered as what it is."""
        ids = self.topic_ids(prefix)
        check(len(ids) == count, f"{prefix}: {len(ids)} topics in the broker's log")
        moved = [name for name, first in (first_ids or {}).items() if ids.get(name) != first]
        check(not moved, f"{prefix}: topics with another id than at first: {moved[:3]}")
        check(self.remembered_ids(prefix) == ids, f"{prefix}: edad remembers other topic ids than the broker has")
        check(self.events(prefix) == {"stream.created": count}, f"{prefix}: events {self.events(prefix)}")


def with_database(url, database):
    return urllib.parse.urlsplit(url)._replace(path=f"/{database}").geturl()


class Edad:
    """An edad beside the world's own; dies with us."""

    def __init__(self, world, name, config, values):
        self.grpc = values["listen_grpc"]
        self.metrics_url = f"http://{values['listen_metrics']}"
        self.web = f"http://{values['listen_web']}"
        self.log = world.folder / f"{name}.log"
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [*WITH_US, world.edad, f"--config={config}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=world.environment() | world.for_edads())
        world.own.append(self.process)

    @property
    def pid(self):
        return self.process.pid

    def words(self):
        return self.log.read_text()

    def await_ready(self, seconds=20):
        def is_ready():
            check(self.process.poll() is None, f"edad ended: {self.words()}")
            return http(f"{self.metrics_url}/readyz")[0] == 200
        until(is_ready, seconds, lambda: f"edad ready; it wrote {self.words()}")
        return self

    def end(self, number=signal.SIGTERM, seconds=20):
        """Its exit code."""
        self.process.send_signal(number)
        return self.await_end(seconds)

    def await_end(self, seconds):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed(f"edad did not end within {seconds} s; it wrote {self.words()}") from None
