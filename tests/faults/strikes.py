"""The faults. Each is a generator: up to its first `yield` it strikes while an apply is held at a moment, up to its
second it lasts, and behind that all is there again. It yields whether the held message is lost with it."""

import contextlib
import signal

from sql import SqlFault

LOST, KEPT = True, False


def edad_killed(rig, link, draw):
    """kill -9 of the edad whose connection is held, or of all edads at once."""
    struck = [rig.replica_of(link) or rig.replicas["a"]] if draw.random() < 0.5 else list(rig.replicas.values())
    for replica in struck:
        replica.kill()
    yield LOST
    yield draw.uniform(0, 3)
    for replica in struck:
        replica.start()


def broker_stopped(rig, link, draw):
    with rig.parts["kafka"].stopped():
        yield KEPT
        yield draw.uniform(2, 12)


def broker_restarted(rig, link, draw):
    rig.parts["kafka"].end(draw.choice((signal.SIGKILL, signal.SIGTERM)))
    yield KEPT
    yield draw.uniform(0, 4)
    rig.parts["kafka"].start()
    rig.await_broker()


def postgres_restarted(rig, link, draw):
    rig.parts["postgres"].end(draw.choice((signal.SIGQUIT, signal.SIGINT)))
    yield KEPT
    yield draw.uniform(0, 4)
    rig.parts["postgres"].start()
    rig.await_postgres()


def end_connections(rig, link, draw, hard):
    """All to Postgres and the broker, or all to the one whose message is held; new ones are refused for a while."""
    proxies = draw.choice((rig.proxies(), [link.proxy]))
    for proxy in proxies:
        proxy.refuse()
        proxy.cut(hard)
    yield KEPT
    yield draw.uniform(0, 6)
    for proxy in proxies:
        proxy.accept()


def connections_cut(rig, link, draw):
    yield from end_connections(rig, link, draw, hard=False)


def connections_reset(rig, link, draw):
    yield from end_connections(rig, link, draw, hard=True)


def connections_stalled(rig, link, draw):
    """Nothing gets through, in no direction, for longer or shorter than a lease lasts."""
    proxies = draw.choice((rig.proxies(), [link.proxy]))
    for proxy in proxies:
        proxy.stall()
    yield KEPT
    yield draw.uniform(1, 15)
    for proxy in proxies:
        proxy.flow()


def disk_full(rig, link, draw):
    """Postgres finds no room for rows or for its log; when it has ended of that, it is started again."""
    rig.fill_disk()
    yield KEPT
    with contextlib.suppress(SqlFault):  # it is felt, whatever edad writes meanwhile
        rig.sql("CREATE TABLE IF NOT EXISTS room AS SELECT 1 AS n, ''::text AS t")
        rig.sql("INSERT INTO room SELECT n, repeat('x', 1000) FROM generate_series(1, 20000) n")
        raise AssertionError("the disk is full, and Postgres writes")
    yield draw.uniform(1, 6)
    rig.free_disk()
    postgres = rig.parts["postgres"]
    with contextlib.suppress(Exception):
        rig.await_postgres(5)
        return
    if not postgres.runs():
        postgres.start()
    rig.await_postgres()


def clock_moved(rig, link, draw):
    rig.set_clock(draw.choice((1, -1)))
    yield KEPT
    yield draw.uniform(2, 8)
    rig.set_clock(0)


FAULTS = (edad_killed, broker_stopped, broker_restarted, postgres_restarted, connections_cut, connections_reset,
          connections_stalled, disk_full, clock_moved)


def strike(fault, rig, held, draw, wait):
    """The whole fault, with the held message let go or lost in its middle; `wait(seconds)` while it lasts."""
    course = fault(rig, held.link, draw)
    lost = next(course)
    held.drop() if lost else held.go()
    wait(next(course))
    for _ in course:
        pass
