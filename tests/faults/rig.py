"""A world whose connections go through proxies, whose Postgres lies on a disk that can be full, and whose edads believe
the clock that they are given. What runs in it is started anew from here, not by `edactl dev`."""

import contextlib
import ctypes
import os
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

from processes import WITH_US, free_port
from proxy import Kafka, Postgres, Proxy
from sql import Sql, SqlFault
from watch import alive, check, http, note, until
from world import World

DISK = 640 << 20  # a tmpfs: only what is written takes memory
FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
LIBC = ctypes.CDLL(None, use_errno=True)
NEW_MOUNTS, NEW_USER, PRIVATE, RECURSIVE = 0x20000, 0x10000000, 1 << 18, 1 << 14


def private_mounts():
    """From now on what this process mounts is seen by it and its children alone, and ends with them. Call it first."""
    user, group = os.geteuid(), os.getegid()
    if LIBC.unshare(NEW_MOUNTS | (NEW_USER if user else 0)) != 0:
        raise OSError(ctypes.get_errno(), "a private mount is not allowed here: run this as root, or allow user namespaces")
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    mount(None, "/", None, RECURSIVE | PRIVATE, None)


def mount(source, target, kind, flags, options):
    encoded = [text.encode() if text else None for text in (source, str(target), kind)]
    if LIBC.mount(*encoded, flags, options.encode() if options else None) != 0:
        raise OSError(ctypes.get_errno(), f"cannot mount on {target}")


class Rig(World):
    def __init__(self, binaries, replicas=2):
        check(FAKETIME, "libfaketime is not here: run ./x setup, which installs it")
        self.replicas = {}
        self.parts = {}
        super().__init__(binaries)
        self.take_over()
        self.pg = Proxy(self.pg_port, Postgres)
        self.clock = self.folder / "clock"
        self.set_clock(0)
        for name in "abc"[:replicas]:
            self.replicas[name] = Replica(self, name)
            self.replicas[name].start()
        for replica in self.replicas.values():
            replica.await_ready()
        self.variables["EDACTL_SERVER"] = self.replicas["a"].grpc

    def prepare(self):
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        self.folder.chmod(0o711)  # Postgres has a user of its own when we are root
        mount("none", self.disk, "tmpfs", 0, f"size={DISK},mode=0711")
        return [f"postgres.home={self.disk / 'postgres'}"]

    def close(self):
        for part in self.parts.values():
            part.end(signal.SIGKILL)
        super().close()

    def take_over(self):
        """Ends what `dev up` started, and starts Postgres and the broker as ours: the broker behind its proxy, which
        has the port that all clients know."""
        argv = {part: Path(f"/proc/{self.pid(part)}/cmdline").read_text().split("\0")[:-1] for part in ("kafka", "postgres")}
        user = Path(f"/proc/{self.pid('postgres')}").owner()
        self.pg_port = int(argv["postgres"][argv["postgres"].index("-p") + 1])
        self.sql.close()
        for part, number in (("edad", signal.SIGTERM), ("kafka", signal.SIGTERM), ("postgres", signal.SIGINT)):
            self.kill(part, number, patience=30)
        known, self.broker_port = self.broker_port, free_port()
        given = Path(argv["kafka"][-1])
        ours = given.with_name("proxied.properties")
        ours.write_text(given.read_text().replace(f"listeners=CLIENT://127.0.0.1:{known},",
                                                  f"listeners=CLIENT://127.0.0.1:{self.broker_port},"))
        setting = next(index for index, argument in enumerate(argv["kafka"]) if argument.startswith("-Dlog4j"))
        loud = Path(argv["kafka"][setting].partition("=")[2].removeprefix("file:"))
        quiet = loud.with_name("quiet-" + loud.name)  # a line for each topic makes a start take twice as long
        quiet.write_text(loud.read_text().replace("INFO", "WARN"))
        argv["kafka"][setting] = argv["kafka"][setting].replace(str(loud), str(quiet))
        as_user = ["/usr/bin/setpriv", "--reuid", user, "--regid", user, "--init-groups", "--pdeathsig", "KILL", "--"]
        self.parts["kafka"] = Part(self, "kafka", [*WITH_US, *argv["kafka"][:-1], str(ours)])
        self.parts["postgres"] = Part(self, "postgres", [*(as_user if os.geteuid() == 0 else WITH_US), *argv["postgres"]])
        for part in self.parts.values():
            part.start()
        self.broker = Proxy(self.broker_port, Kafka, known)
        self.await_postgres()
        self.await_broker()

    def for_edads(self):
        """libfaketime: wall clock from the file, monotonic clock as it is."""
        return {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}

    def proxies(self):
        return [self.pg, self.broker]

    # --- what runs

    def pid(self, part):
        return self.parts[part].process.pid if part in self.parts else super().pid(part)

    def await_postgres(self, seconds=60):
        def answers():
            if self.sql:
                self.sql.close()
            self.sql = Sql(self.variables["EDA_POSTGRES_URL"])
            with contextlib.suppress(SqlFault):
                return self.sql("SELECT 1") == [["1"]]
        until(answers, seconds, lambda: f"Postgres answers; it wrote {self.parts['postgres'].words()}", pause=0.1)

    def await_broker(self, seconds=180):
        """Until it answers a question: its port is open long before."""
        which_versions = struct.pack(">ihhih", 10, 18, 0, 1, -1)

        def answers():
            check(self.parts["kafka"].runs(), f"the broker ended: {self.parts['kafka'].words()}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.broker_port), 1) as client:
                client.settimeout(1)
                client.sendall(which_versions)
                return len(client.recv(8)) == 8
        began = time.monotonic()
        until(answers, seconds, lambda: f"the broker answers; it wrote {self.parts['kafka'].words()}", pause=0.1)
        if time.monotonic() - began > 20:
            note(f"the broker took {time.monotonic() - began:.0f} s to start")

    def replica_of(self, link):
        """The edad whose connection it is."""
        inode = next((line.split()[9] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
                      if int(line.split()[1].rsplit(":", 1)[1], 16) == link.port), None)
        for replica in self.replicas.values():
            for entry in Path(f"/proc/{replica.pid}/fd").glob("*") if alive(replica.pid) else ():
                with contextlib.suppress(OSError):
                    if os.readlink(entry) == f"socket:[{inode}]":
                        return replica
        return None

    def database_url(self):
        return self.variables["EDA_POSTGRES_URL"].replace(f":{self.pg_port}/", f":{self.pg.port}/") + (
            "?sslmode=disable&gssencmode=disable")

    # --- clock and disk

    def set_clock(self, hours):
        """Of all edads, from now on."""
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(f"{hours:+d}h\n" if hours else "+0\n")
        fresh.rename(self.clock)

    def fill_disk(self):
        """Leaves nothing; Postgres has noticed when this returns."""
        for name, size in (("ballast", 1 << 20), ("rest", 4096)):
            with contextlib.suppress(OSError), (self.disk / name).open("wb") as file:
                while True:
                    file.write(b"\0" * size)
                    file.flush()

    def free_disk(self):
        for name in ("ballast", "rest"):
            (self.disk / name).unlink(missing_ok=True)


class Part:
    """Postgres or the broker."""

    def __init__(self, world, name, argv):
        self.argv, self.log = argv, world.folder / f"{name}.log"
        self.process = None

    def start(self):
        with self.log.open("a") as log:
            self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                            start_new_session=True)

    def runs(self):
        return self.process.poll() is None

    def words(self):
        """The end of what it wrote."""
        return self.log.read_text()[-3000:]

    def end(self, number, seconds=60):
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        self.process.wait(seconds)

    @contextlib.contextmanager
    def stopped(self):
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGCONT)


class Replica:
    """An edad that is started again and again, on the same ports."""

    def __init__(self, rig, name):
        self.rig, self.name = rig, name
        self.ports = {f"listen_{face}": f"127.0.0.1:{free_port()}" for face in ("grpc", "metrics", "web")}
        self.grpc = self.ports["listen_grpc"]
        self.web = f"http://{self.ports['listen_web']}"
        self.metrics_url = f"http://{self.ports['listen_metrics']}"
        self.edad = None

    def start(self):
        self.edad = self.rig.start_edad(self.name, database_url=self.rig.database_url(), **self.ports)

    @property
    def pid(self):
        return self.edad.process.pid

    def runs(self):
        return self.edad.process.poll() is None

    def kill(self):
        self.edad.process.kill()
        self.edad.process.wait()

    def is_ready(self):
        return http(f"{self.metrics_url}/readyz")[0] == 200

    def await_ready(self, seconds=60):
        until(lambda: self.runs() and self.is_ready(), seconds,
              lambda: f"edad {self.name} ready; it wrote {self.edad.words()[-1500:]}", pause=0.1)
