"""Processes of a scenario: started so that none outlives it, stopped and let go on."""

import contextlib
import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from watch import Failed

# Before a command line: it dies with us, however we end.
WITH_US = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"]


@contextlib.contextmanager
def frozen(pid):
    """Stopped for a while; it may die meanwhile."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def tidy_up_after(state, edactl):
    """A process of its own that removes the world when ours ends, however it ends. Closing the pipe tells it."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(writer)
        os.setsid()
        if os.fork() != 0:
            os._exit(0)
        for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)
        os.read(reader, 1)
        for pid_file in Path(state).glob("run/*.pid"):  # a stopped process does not hear SIGTERM
            with contextlib.suppress(OSError, ValueError, IndexError):
                os.kill(int(pid_file.read_text().split()[0]), signal.SIGCONT)
        subprocess.run([edactl, "dev", "reset", "--yes", "--state", state], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        for entry in filter(os.path.ismount, Path(state).parent.iterdir()):
            detach = 2
            ctypes.CDLL(None).umount2(str(entry).encode(), detach)
        shutil.rmtree(Path(state).parent, ignore_errors=True)
        os._exit(0)
    os.wait()
    os.close(reader)
    return writer


class Command:
    """A run of edactl in the background."""

    def __init__(self, argv, environment):
        self.argv = argv
        self.out = tempfile.TemporaryFile(mode="w+")  # files, not pipes: nothing blocks when nobody reads
        self.err = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen([*WITH_US, *argv], env=environment, stdin=subprocess.DEVNULL, stdout=self.out,
                                        stderr=self.err, text=True)

    def wait(self, seconds):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed(f"`{' '.join(self.argv[1:])}` did not end within {seconds} s: {self.words()}") from None
        return self

    @property
    def code(self):
        return self.process.returncode

    def text(self, file):
        file.seek(0)
        return file.read()

    def words(self):
        """Everything that it said."""
        return (self.text(self.out) + self.text(self.err)).strip()


def free_ports(number):
    """Below those that the system gives to whoever connects."""
    ports = []
    for port in random.sample(range(20000, 32000), 100):
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            ports.append(port)
        if len(ports) == number:
            return ports
    raise Failed("no free ports")


def free_port():
    return free_ports(1)[0]
