"""The replica that leads is stopped and goes on later: another takes over meanwhile, and nothing happens twice."""

import contextlib
import os
import signal
import time

import gates
from watch import check, note, until

COUNT = 40
LEASE = "streams/local"
TAKEOVER = 10


class Replicas:
    """The world's edad and a second one, told apart by the lease's holder."""

    def __init__(self, world):
        self.world = world
        self.first = until(self.holder, 20, "a leader")
        self.second = world.start_edad("second").await_ready()

    def row(self):
        rows = self.world.sql("SELECT holder, epoch, expires_at, expires_at > clock_timestamp() FROM leases"
                              f" WHERE name = '{LEASE}'")
        return rows[0] if rows else ("", 0, "", "f")

    def holder(self):
        holder, _, _, valid = self.row()
        return holder if valid == "t" else None

    def epoch(self):
        return int(self.row()[1])

    def leader(self):
        return "first" if until(self.holder, 15, "a leader") == self.first else "second"

    def other(self, name):
        return "second" if name == "first" else "first"

    def pid(self, name):
        return self.world.pid("edad") if name == "first" else self.second.pid

    def server(self, name):
        return self.world.variables["EDACTL_SERVER"] if name == "first" else self.second.grpc

    def metrics_url(self, name):
        return self.world.metrics_url if name == "first" else self.second.metrics_url

    def words(self, name):
        return (self.world.state / "log" / "edad.log").read_text() if name == "first" else self.second.words()

    def await_renewals(self, number):
        """Rounds in which the lease was renewed."""
        ends = set()

        def renewed():
            ends.add(self.row()[2])
            return len(ends) > number

        until(renewed, 30, f"{number} renewals of the lease", pause=0.05)


def about_to_ask(world, prefix, held, begin):
    """In the transaction after which it would ask the broker."""
    held.enter_context(gates.committed(world, begin, "streams"))
    until(lambda: world.waiting_on_lock("update streams"), gates.PATIENCE, "a worker about to ask", pause=0.002)


def in_flight(world, prefix, held, begin):
    held.enter_context(gates.asked(world, prefix, begin))


def in_write_back(world, prefix, held, begin):
    """Inside its transaction, which keeps others from the lease as long as it is open."""
    held.enter_context(gates.committed(world, begin, "objects"))
    until(lambda: world.created(prefix) == COUNT and world.waiting_on_lock("update objects"), gates.PATIENCE,
          "a write-back", pause=0.002)


def stop_leader(world, replicas, prefix, moment):
    """Stops the leader, at a moment of an apply that was sent to the other one. Seconds until the other led."""
    leader = replicas.leader()
    follower = replicas.other(leader)
    epoch, pid = replicas.epoch(), replicas.pid(leader)

    applies = []

    def begin():
        applies.append(world.apply(prefix, COUNT, server=replicas.server(follower), timeout=60))

    with contextlib.ExitStack() as stack:
        with contextlib.ExitStack() as held:
            if moment:
                moment(world, prefix, held, begin)
            os.kill(pid, signal.SIGSTOP)
            stack.callback(os.kill, pid, signal.SIGCONT)
            began = time.monotonic()
        if not moment:
            begin()
        until(lambda: replicas.epoch() > epoch, TAKEOVER,
              lambda: f"{follower} leads ({prefix}); the lease: {replicas.row()}; open: {world.open_transactions()}; "
                      f"{follower} wrote: {replicas.words(follower)[-1500:]}")
        takeover = time.monotonic() - began
        world.await_applied(prefix, COUNT, 30)
        apply = applies[0].wait(60)
        check(apply.code == 0, f"apply sent to {follower}: exit {apply.code}: {apply.words()}")
        before = world.topic_ids(prefix), world.events(prefix), replicas.epoch()
    until(lambda: world.ready(replicas.metrics_url(leader))[0] == 200, 30, f"{leader} ready again")
    replicas.await_renewals(3)
    world.await_applied(prefix, COUNT, 10)
    check(replicas.leader() == follower, f"{leader} leads again, though {follower} lives")
    after = world.topic_ids(prefix), world.events(prefix), replicas.epoch()
    check(before == after, f"{leader}, going on, had an effect: {before[1:]} became {after[1:]}")
    world.verify(prefix, COUNT)
    note(f"{prefix}: {follower} led after {takeover:.1f} s")
    return takeover


def ended(world, replicas):
    """Ends the leader with SIGTERM; seconds from its end until the other led."""
    leader = replicas.leader()
    if leader == "first":
        world.kill("edad", signal.SIGTERM, patience=11)
    else:
        check(replicas.second.end() == 0, f"SIGTERM to an edad: {replicas.second.words()}")
    began = time.monotonic()
    until(lambda: replicas.holder() and (replicas.holder() == replicas.first) == (leader != "first"), 3,
          "the lease handed on by the one that ended", pause=0.01)
    took = time.monotonic() - began
    world.up()
    if leader == "first":
        check(replicas.second.end() == 0, f"SIGTERM to an edad: {replicas.second.words()}")
    return took


def leader_stopped(world):
    replicas = Replicas(world)
    moments = {"between applies": None, "about to ask the broker": about_to_ask, "with a request in flight": in_flight,
               "in its write-back": in_write_back}
    seconds = {where: stop_leader(world, replicas, f"stop{number}", moment)
               for number, (where, moment) in enumerate(moments.items(), 1)}
    shown = ", ".join(f"{where} {taken:.1f} s" for where, taken in seconds.items())
    return (f"stopped {shown} until another led, and no second effect; ended by SIGTERM "
            f"{ended(world, replicas):.1f} s")
