"""A broker or a Postgres that goes away during an apply, and comes back."""

import contextlib
import signal
import time

import gates
from processes import frozen
from watch import check, http, note, until

COUNT = 40


def await_readiness(world, status, seconds, part):
    """Until /readyz answers so, with /healthz saying ok all the while: how long that took, and what it said."""
    began = time.monotonic()
    seen = []

    def answers():
        health, _ = http(f"{world.metrics_url}/healthz")
        check(health == 200, f"/healthz answers {health} while {part} is away")
        seen[:] = world.ready()
        return seen[0] == status

    until(answers, seconds, lambda: f"/readyz {status} ({part}); it says {seen}", pause=0.05)
    return time.monotonic() - began, seen[1]


def recover(world, prefix):
    """Starts what is away again; how long it took from there until the wish was true."""
    began = time.monotonic()
    up = world.begin_up()
    world.await_applied(prefix, COUNT)
    applied = time.monotonic() - began
    world.end_up(up)
    await_readiness(world, 200, 30, "all there")
    world.verify(prefix, COUNT)
    return applied


def broker_killed(world):
    """The broker dies before an apply, and in the middle of one; the wish is kept, and made true when it is back."""
    edad = world.pid("edad")
    world.kill("kafka")
    apply = world.apply("away1", COUNT, timeout=4).wait(60)
    check(apply.code == 124, f"apply without a broker: exit {apply.code}: {apply.words()}")
    listed = sum(f"away1-{number:03}" in apply.words() for number in range(COUNT))
    check(listed > 0, f"apply does not list what is pending: {apply.words()}")
    check(sum(world.objects("away1").values()) == COUNT, f"the wish was not kept: {world.objects('away1')}")
    unready, words = await_readiness(world, 503, 30, "broker")
    check("cluster/local" in words, f"/readyz does not name the cluster: {words!r}")
    before = recover(world, "away1")

    applies = []
    with gates.asked(world, "away2", lambda: applies.append(world.apply("away2", COUNT, timeout=4))):
        world.kill("kafka")
    apply = applies[0].wait(60)
    check(apply.code in (124, 11), f"apply whose broker dies: exit {apply.code}: {apply.words()}")
    during = recover(world, "away2")
    check(world.pid("edad") == edad, "edad did not live through it")
    return (f"before: exit 124, {listed} of {COUNT} listed as pending, /readyz 503 {unready:.1f} s later, all applied "
            f"{before:.1f} s after it was started again; in flight: exit {apply.code}, all applied {during:.1f} s")


def edad_stays_away(world):
    """edad answers an apply and is gone before the client asks how far it is: the client does not call that success."""
    applies = []
    with contextlib.ExitStack() as stack:
        with gates.applying(world, lambda: applies.append(world.apply("away3", COUNT, timeout=4))):
            stack.enter_context(frozen(applies[0].process.pid))
        until(lambda: world.plans("away3") == ["applied"] and world.unread_answers(), gates.PATIENCE, "edad's answer",
              pause=0.002)
        world.kill("edad")
    apply = applies[0].wait(60)
    check(apply.code in (11, 124), f"apply whose edad stays away: exit {apply.code}: {apply.words()}")
    back = recover(world, "away3")
    return f"exit {apply.code}; all applied {back:.1f} s after it was started again"


# --- Postgres: when it is to go

def planned(world, prefix, stack, begin):
    begin()
    until(lambda: world.plans(prefix), gates.PATIENCE, "a plan", pause=0.0005)


def in_transaction(world, prefix, stack, begin):
    stack.enter_context(gates.applying(world, begin))


def just_committed(world, prefix, stack, begin):
    begin()
    until(lambda: world.plans(prefix) == ["applied"], gates.PATIENCE, "the commit", pause=0.0005)


def in_write_back(world, prefix, stack, begin):
    stack.enter_context(gates.committed(world, begin, "objects"))
    until(lambda: world.waiting_on_lock("update objects"), gates.PATIENCE, "a write-back", pause=0.002)


def outlasted(world, prefix, stack, begin):
    """In the transaction, too; and Postgres stays away until apply has given up."""
    in_transaction(world, prefix, stack, begin)


def postgres_restarted(world):
    """Postgres is shut down at once and started again, at several moments of an apply."""
    edad = world.pid("edad")
    codes, unready = [], []
    for number, moment in enumerate((planned, in_transaction, just_committed, in_write_back, outlasted), 1):
        prefix = f"pg{number}"
        timeout = 4 if moment is outlasted else 30
        applies = []
        with contextlib.ExitStack() as stack:
            moment(world, prefix, stack, lambda: applies.append(world.apply(prefix, COUNT, timeout)))
            world.kill("postgres", signal.SIGQUIT)
        if number == 1:
            unready.append(await_readiness(world, 503, 20, "Postgres")[0])
        if moment is outlasted:
            applies[0].wait(60)
        world.up()
        apply = applies[0].wait(60)
        world.judge_outcome(prefix, COUNT, apply)
        codes.append(apply.code)
        note(f"{prefix} {moment.__name__}: exit {apply.code}: {' '.join(apply.words().split())[-200:]}")
        if world.plans(prefix)[-1:] != ["applied"]:
            again = world.apply(prefix, COUNT).wait(60)
            check(again.code == 0, f"{prefix}: apply once more: exit {again.code}: {again.words()}")
        world.await_applied(prefix, COUNT)
        world.verify(prefix, COUNT)
    await_readiness(world, 200, 30, "Postgres")
    check(world.pid("edad") == edad, "edad did not live through it")
    return (f"planned, in the transaction, just committed, in write-back, away longer than apply waits: exits "
            f"{', '.join(map(str, codes))}; /readyz 503 after {unready[0]:.1f} s, 200 again by itself")
