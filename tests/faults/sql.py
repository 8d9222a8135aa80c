"""One psql session kept open: a statement costs a round trip, and a transaction can stay open over several."""

import os
import subprocess
import urllib.parse


class SqlFault(Exception):
    """Postgres refused a statement, or went away."""


class Sql:
    _end = "-- end of answer --"

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        environment = {"PATH": os.environ["PATH"], "PGHOST": parts.hostname, "PGPORT": str(parts.port),
                       "PGUSER": parts.username, "PGPASSWORD": urllib.parse.unquote(parts.password or ""),
                       "PGDATABASE": parts.path.lstrip("/"), "PGAPPNAME": "faults", "PGCONNECT_TIMEOUT": "5"}
        self.process = subprocess.Popen(["psql", "-qAtX", "-F", "\t"], env=environment, text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def __call__(self, statement):
        """The rows, as lists of texts."""
        self.send(statement)
        return self.answer()

    def send(self, statement):
        """Without waiting for the answer: for a lock that others still hold."""
        try:
            self.process.stdin.write(f"{statement};\n\\echo {self._end}\n")
        except OSError:
            raise SqlFault("psql has ended") from None

    def answer(self):
        rows = []
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise SqlFault("psql has ended: " + " ".join(sum(rows, [])))
            line = line.rstrip("\n")
            if line == self._end:
                break
            rows.append(line.split("\t"))
        for row in rows:
            if row[0].startswith(("ERROR:", "FATAL:", "server closed", "psql: error")):
                raise SqlFault(" ".join(sum(rows, [])))
        return rows

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close() if not self.process.stdin.closed else None
        self.process.stdout.close()
