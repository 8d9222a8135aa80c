"""edad starts side by side with others, refuses a start that cannot work with one sentence, and drains when told to."""

import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import gates
from processes import free_port
from watch import Failed, check
from world import with_database


def two_at_once(world):
    """Two edads start at once on an empty database."""
    world.sql("CREATE DATABASE twins")
    url = with_database(world.variables["EDA_POSTGRES_URL"], "twins")
    began = time.monotonic()
    twins = [world.start_edad(f"twin-{name}", database_url=url) for name in "ab"]
    for twin in twins:
        twin.await_ready()
    took = time.monotonic() - began
    session = world.session()
    session("\\connect twins")
    applied, distinct = map(int, session("SELECT count(*), count(DISTINCT number) FROM schema_migrations")[0])
    session.close()
    check(applied == distinct > 0, f"{applied} migrations were applied, {distinct} of them different")
    for twin in twins:
        began = time.monotonic()
        code = twin.end()
        check(code == 0, f"SIGTERM to an idle edad: exit {code}; it wrote {twin.words()}")
        check(time.monotonic() - began <= 10, "an idle edad took more than 10 s to end")
    return f"both ready in {took:.1f} s, {applied} migrations once each, SIGTERM: exit 0"


def refusals(world):
    """What cannot work is refused at once, in one clear sentence."""
    url = world.variables["EDA_POSTGRES_URL"]
    twins = with_database(url, "twins")
    session = world.session()
    session("\\connect twins")
    session("INSERT INTO schema_migrations (number, name, checksum) VALUES (9999, '9999_of_tomorrow', '')")
    session.close()
    taken = {part: world.variables[name].rsplit("/", 1)[-1] for part, name in
             {"grpc": "EDACTL_SERVER", "metrics": "EDA_METRICS_URL", "web": "EDA_WEB_URL"}.items()}
    missing = str(world.folder / "missing")
    cases = {
        "no database said": ({"database_url": None}, r"database\.url.* is not set"),
        "no Postgres there": ({"database_url": re.sub(r":\d+/", f":{free_port()}/", url)}, r"cannot be reached"),
        "wrong password": ({"database_url": re.sub(r"(//\w+):[^@]*@", r"\1:wrong@", url)}, r"refuses edad's cred"),
        "no such user": ({"database_url": re.sub(r"//\w+:", "//nobody:", url)}, r"refuses edad's credentials"),
        "no such database": ({"database_url": with_database(url, "nowhere")}, r"no such database"),
        "a newer database": ({"database_url": twins}, r"9999_of_tomorrow"),
        "gRPC's port in use": ({"listen_grpc": taken["grpc"]}, re.escape(taken["grpc"]) + ".*in use"),
        "metrics' port in use": ({"listen_metrics": taken["metrics"]}, re.escape(taken["metrics"]) + ".*in use"),
        "the web's port in use": ({"listen_web": taken["web"]}, re.escape(taken["web"]) + ".*in use"),
        "no folder of secrets": ({"secrets_dir": missing}, re.escape(missing)),
        "an unreadable key": ({"tls_certificate": missing, "tls_key": missing}, re.escape(missing)),
        "gRPC for all without TLS": ({"listen_grpc": f"0.0.0.0:{free_port()}"}, r"TLS"),
        "metrics for all without TLS": ({"listen_metrics": f"[::]:{free_port()}"}, r"TLS"),
        "the web for all without TLS": ({"listen_web": f":{free_port()}"}, r"TLS"),
    }

    def refused(case):
        name, (settings, words) = case
        edad = world.start_edad("refused-" + re.sub(r"\W+", "-", name), **settings)
        try:
            code = edad.await_end(20)
        except Failed as failure:
            return f"{name}: {failure}"
        text = edad.words().strip()
        said = [line for line in text.splitlines() if line.startswith("edad: ")]
        if code == 0 or len(said) != 1 or not re.search(words, text):
            return f"{name}: exit {code}, and it wrote {text!r}"
        if re.search(r"terminate called|password.{0,3}=|" + re.escape(re.search(r":([^:@]+)@", url)[1]), text):
            return f"{name}: it wrote what nobody should read: {text!r}"
        return ""

    with ThreadPoolExecutor(4) as pool:
        wrong = [fault for fault in pool.map(refused, cases.items()) if fault]
    check(not wrong, "; ".join(wrong))
    return f"{len(cases)} starts refused, one sentence each"


def drains(world):
    """SIGTERM while a request lies at a stopped broker: edad ends within 10 s, and the next one goes on."""
    prefix, count = "drain", 20
    pid = world.pid("edad")
    applies = []
    with gates.asked(world, prefix, lambda: applies.append(world.apply(prefix, count, timeout=60))):
        began = time.monotonic()
        world.kill("edad", signal.SIGTERM, patience=15)
        took = time.monotonic() - began
    check(took <= 10, f"edad took {took:.1f} s to drain")
    began = time.monotonic()
    world.up()
    check(world.pid("edad") != pid, "edad was not started anew")
    world.await_applied(prefix, count)
    caught_up = time.monotonic() - began
    apply = applies[0].wait(60)
    world.judge_outcome(prefix, count, apply)
    world.verify(prefix, count)
    return f"ended after {took:.1f} s; apply exit {apply.code}; all {count} applied {caught_up:.1f} s after the restart"
