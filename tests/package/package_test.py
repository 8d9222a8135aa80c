"""The Debian packages as `./x package` makes them: what is in them, and that it runs where it is unpacked.

python3 -m unittest discover -s tests/package -p '*_test.py'     in a world of tests/support/with_world
"""
import gzip
import os
import re
import secrets
import signal
import socket
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
COMPLETIONS = {"bash": "usr/share/bash-completion/completions/edactl",
               "zsh": "usr/share/zsh/vendor-completions/_edactl",
               "fish": "usr/share/fish/vendor_completions.d/edactl.fish"}
# Path and mode of what each package has to bring; documentation and completion come on top.
CONTENTS = {
    "edad": {"etc/edad/edad.yaml": 0o640, "usr/bin/edad": 0o755, "usr/lib/systemd/system/edad.service": 0o644,
             "usr/share/man/man8/edad.8.gz": 0o644, "usr/share/doc/edad/copyright": 0o644,
             "usr/share/doc/edad/changelog.gz": 0o644, "usr/share/doc/edad/changelog.Debian.gz": 0o644,
             "usr/share/doc/edad/operations.md": 0o644, "usr/share/doc/edad/linked/librdkafka": 0o644},
    "edactl": {"usr/bin/edactl": 0o755, "usr/share/doc/edactl/copyright": 0o644,
               "usr/share/doc/edactl/changelog.gz": 0o644, "usr/share/doc/edactl/examples/shop/teams.yaml": 0o644},
}
# Linked statically (docs/decisions/0001, 0007): as packages Debian has them too old, or they cost each start.
STATIC = ("librdkafka", "libgrpc", "libprotobuf", "libabsl")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, **options)


def checked(*command, **options):
    done = run(*command, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def uncommented(text):
    """The file with every setting that it shows as a comment: "#threads: 64"; a remark has one space behind its "#"."""
    return re.sub(r"^#((?:  )*[a-z]+:)", r"\1", text, flags=re.M)


def settings(edad, config):
    """Key, value and origin, of the lines that `edad config` prints before the limits."""
    out = checked(edad, "config", "--config", config, env={"PATH": os.environ["PATH"]})
    rows = (re.split(r" {2,}", line) for line in out.split("\n\n")[0].splitlines())
    return {row[0].strip(): (row[1] if len(row) > 2 else "", row[-1]) for row in rows}


class Package(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.root = Path(cls.folder.name)
        cls.debs, cls.control = {}, {}
        for deb in checked(ROOT / "tools" / "package").split():
            name = Path(deb).name.split("_")[0]
            cls.debs[name] = ROOT / deb
            checked("dpkg-deb", "-x", ROOT / deb, cls.root / name)
            checked("dpkg-deb", "-e", ROOT / deb, cls.root / name / "DEBIAN")
            control = (cls.root / name / "DEBIAN" / "control").read_text()
            cls.control[name] = dict(re.findall(r"^(\w[\w-]*): (.*)$", control, re.M))
        cls.edad = cls.root / "edad" / "usr/bin/edad"
        cls.edactl = cls.root / "edactl" / "usr/bin/edactl"
        cls.config = cls.root / "edad" / "etc/edad/edad.yaml"

    def files(self, name):
        tree = self.root / name
        return {str(path.relative_to(tree)): path for path in tree.rglob("*")
                if path.is_file() and path.parent.name != "DEBIAN"}

    @staticmethod
    def installed():
        """Names of the packages that this machine has, and of what they provide."""
        listed = checked("dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}, ${Provides}\n")
        return {word.split()[0] for line in listed.splitlines() if line.startswith("installed ")
                for word in line.removeprefix("installed ").split(",") if word.strip()}

    def test_each_package_brings_its_files_and_nothing_outside(self):
        self.assertEqual(set(self.debs), set(CONTENTS))
        for name, wanted in CONTENTS.items():
            files = self.files(name)
            found = {path: files[path].stat().st_mode & 0o777 for path in wanted if path in files}
            self.assertEqual(found, wanted)
            outside = [path for path in files if not re.match(r"usr/(bin|lib/systemd|share)/|etc/edad/", path)]
            self.assertEqual(outside, [])
            owners = {line.split()[1] for line in checked("dpkg-deb", "-c", self.debs[name]).splitlines()}
            self.assertEqual(owners, {"root/root"})

    def test_dependencies_are_what_the_programs_load(self):
        for name, control in self.control.items():
            wanted = [word.split()[0] for word in control["Depends"].split(", ")]
            self.assertEqual([word for word in wanted if word.startswith(STATIC)], [])
            self.assertIn("libssl3", " ".join(wanted), "TLS is the system's")
            self.assertEqual(set(wanted) - self.installed(), set())
            dynamic = checked("readelf", "-d", self.root / name / "usr/bin" / name)
            self.assertNotRegex(dynamic, "RPATH|RUNPATH")
        self.assertIn("adduser", self.control["edad"]["Depends"])

    def test_settings_that_an_administrator_changes_survive_an_upgrade(self):
        conffiles = (self.root / "edad/DEBIAN/conffiles").read_text().split()
        self.assertEqual(conffiles, ["/" + path for path in self.files("edad") if path.startswith("etc/")])

    def test_the_shipped_settings_are_the_defaults(self):
        defaults = settings(self.edad, "/dev/null")
        shipped = settings(self.edad, self.config)
        changed = {key: value for key, (value, _) in shipped.items() if defaults[key][0] != value and key != "config"}
        self.assertEqual(changed, {"secrets.dir": "/var/lib/edad/secrets"})

    def test_every_setting_is_shown_with_its_default(self):
        everything = self.root / "everything.yaml"
        everything.write_text(uncommented(self.config.read_text()))
        # These have no default to show: what stands there is an example.
        examples = {"database.url", "tls.certificate", "tls.key", "secrets.dir"}
        defaults = settings(self.edad, "/dev/null")
        del defaults["config"]
        shown = settings(self.edad, everything)
        for key, (value, _) in defaults.items():
            self.assertIn("everything.yaml:", shown[key][1], f"{key} is not in the file")
            if key not in examples:
                self.assertEqual(shown[key][0], value, key)

    def test_the_unit_runs_the_packaged_program_as_its_own_user(self):
        unit = (self.root / "edad/usr/lib/systemd/system/edad.service").read_text()
        for line in ("ExecStart=/usr/bin/edad", "User=edad", "ProtectSystem=strict", "NoNewPrivileges=yes",
                     "CapabilityBoundingSet=", "Type=notify", "RestartPreventExitStatus=2"):
            self.assertIn(line + "\n", unit)

    def test_the_programs_run_where_they_are_unpacked(self):
        for name, program in (("edad", self.edad), ("edactl", self.edactl)):
            version = self.control[name]["Version"].split("-")[0]
            self.assertEqual(checked(program, "version").split()[:2], [name, version])

    def test_manual_pages_are_formatted_text(self):
        pages = [path for path in self.files("edactl") | self.files("edad") if "/man/" in path]
        self.assertIn("usr/share/man/man8/edad.8.gz", pages)
        ours = {f"usr/share/man/man{page.suffix[1]}/{page.name}.gz" for page in (ROOT / "docs" / "man").glob("*.[1-9]")}
        self.assertLessEqual(ours, set(pages))
        for path in pages:
            tree = self.root / ("edad" if path in self.files("edad") else "edactl")
            self.assertRegex(gzip.decompress((tree / path).read_bytes()).decode(), r"(?m)^\.TH ")

    def test_completion_is_what_edactl_prints(self):
        for shell, path in COMPLETIONS.items():
            said = run(self.edactl, "completion", shell)
            packed = self.root / "edactl" / path
            if said.returncode == 0:
                self.assertEqual(packed.read_text(), said.stdout)
            else:
                self.assertFalse(packed.exists(), f"{shell}: in the package, but edactl does not know it")

    def test_edad_refuses_to_start_without_a_database_in_a_sentence(self):
        done = run(self.edad, "--config", self.config, "--secrets-dir", self.folder.name, env={})
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"\Aedad: database\.url \(default\): is not set\nnext: .*EDAD_DATABASE_URL\n\Z")

    def test_edad_serves_a_database_and_tells_its_supervisor(self):
        with Serving(self) as edad:
            self.assertEqual(urllib.request.urlopen(f"http://{edad.metrics}/healthz", timeout=10).read(), b"ok\n")
            token = self.root / "token"
            checked(self.edad, "bootstrap", *edad.flags, "--token-file", token, env=edad.environment)
            who = checked(self.edactl, "whoami", env={"EDACTL_SERVER": edad.grpc, "HOME": self.folder.name,
                                                      "EDACTL_TOKEN": token.read_text().strip()})
            self.assertIn("admin", who)
            self.assertEqual(edad.ended(), (0, "STOPPING=1"))


class Serving:
    """The packaged edad, on a database of its own, as systemd would run it."""

    def __init__(self, test):
        self.test = test
        self.name = "package_" + secrets.token_hex(4)
        self.admin = os.environ["EDA_TEST_POSTGRES"]
        url = urllib.parse.urlsplit(self.admin)._replace(path="/" + self.name).geturl()
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(test.root / "notify"))
        self.notify.settimeout(60)
        self.environment = {"EDAD_DATABASE_URL": url, "NOTIFY_SOCKET": str(test.root / "notify")}
        self.flags = ["--config", test.config, "--secrets-dir", test.folder.name]

    def sql(self, statement):
        checked("psql", "-qX", "-c", statement, self.admin)

    def __enter__(self):
        self.sql(f"CREATE DATABASE {self.name}")
        self.log = self.test.root / "edad.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [self.test.edad, *self.flags, *(f"--listen-{port}=127.0.0.1:0" for port in ("grpc", "metrics", "web"))],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.test.assertEqual(self.notify.recv(100), b"READY=1", self.log.read_text())
        ports = dict(re.findall(r"(grpc|metrics)=(\d+)", self.log.read_text()))
        self.grpc, self.metrics = f"127.0.0.1:{ports['grpc']}", f"127.0.0.1:{ports['metrics']}"
        return self

    def ended(self):
        """Exit code after SIGTERM, and what the supervisor heard."""
        self.process.send_signal(signal.SIGTERM)
        heard = self.notify.recv(100).decode()
        return self.process.wait(timeout=30), heard

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.notify.close()
        self.sql(f"DROP DATABASE {self.name} WITH (FORCE)")


if __name__ == "__main__":
    unittest.main()
