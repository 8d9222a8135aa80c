"""The replica that leads is stopped and goes on later: another takes over meanwhile, and nothing happens twice."""

import contextlib
import os
import signal
import time
import urllib.parse

import gates
from proxy import Postgres, Proxy
from watch import check, note, until

COUNT = 40
LEASE = "streams/local"
TAKEOVER = 10


class Replicas:
    """The world's edad, "first", and others, told apart by the lease's holder as their connections show it."""

    def __init__(self, world, others=("second",)):
        self.world, self.others, self.proxies = world, {}, {}
        url = world.variables["EDA_POSTGRES_URL"]
        port = urllib.parse.urlsplit(url).port
        for name in others:
            self.proxies[name] = Proxy(port, Postgres)
        self.url = {name: url.replace(f":{port}/", f":{proxy.port}/") + "?sslmode=disable&gssencmode=disable"
                    for name, proxy in self.proxies.items()}
        for name in others:
            self.start(name)
        until(self.holder, 20, "a leader")

    def start(self, name):
        """Again, when it has ended."""
        if name == "first":
            self.world.up()
        else:
            self.others[name] = self.world.start_edad(name, database_url=self.url[name]).await_ready()

    def end(self):
        """All but the world's own."""
        for name, edad in self.others.items():
            if edad.process.poll() is None:
                check(edad.end() == 0, f"SIGTERM to an edad: {edad.words()}")
            self.proxies[name].close()

    def row(self):
        rows = self.world.sql("SELECT holder, epoch, expires_at, expires_at > clock_timestamp() FROM leases"
                              f" WHERE name = '{LEASE}'")
        return rows[0] if rows else ("", 0, "", "f")

    def holder(self):
        holder, _, _, valid = self.row()
        return holder if valid == "t" else None

    def epoch(self):
        return int(self.row()[1])

    def name_of(self, holder):
        return next((name for name, proxy in self.proxies.items() if holder in {link.holder for link in list(proxy.links)}),
                    "first")

    def leader(self):
        return self.name_of(until(self.holder, 15, "a leader"))

    def another(self, name):
        return next(each for each in ("first", *self.others) if each != name)

    def pid(self, name):
        return self.world.pid("edad") if name == "first" else self.others[name].pid

    def server(self, name):
        return self.world.variables["EDACTL_SERVER"] if name == "first" else self.others[name].grpc

    def metrics_url(self, name):
        return self.world.metrics_url if name == "first" else self.others[name].metrics_url

    def words(self, name):
        return (self.world.state / "log" / "edad.log").read_text() if name == "first" else self.others[name].words()

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


def lose_leader(world, replicas, prefix, moment, how):
    """Stops or kills the leader, at a moment of an apply that was sent to another one. Seconds until another led."""
    leader = replicas.leader()
    follower = replicas.another(leader)
    epoch, pid = replicas.epoch(), replicas.pid(leader)

    applies = []

    def begin():
        applies.append(world.apply(prefix, COUNT, server=replicas.server(follower), timeout=60))

    with contextlib.ExitStack() as stack:
        with contextlib.ExitStack() as held:
            if moment:
                moment(world, prefix, held, begin)
            os.kill(pid, how)
            stack.callback(replicas.start, leader) if how == signal.SIGKILL else stack.callback(os.kill, pid, signal.SIGCONT)
            began = time.monotonic()
        if not moment:
            begin()
        until(lambda: replicas.epoch() > epoch, TAKEOVER,
              lambda: f"another leads ({prefix}); the lease: {replicas.row()}; open: {world.open_transactions()}; "
                      f"{follower} wrote: {replicas.words(follower)[-1500:]}")
        takeover = time.monotonic() - began
        heir = replicas.leader()
        world.await_applied(prefix, COUNT, 30)
        apply = applies[0].wait(60)
        check(apply.code == 0, f"apply sent to {follower}: exit {apply.code}: {apply.words()}")
        before = world.topic_ids(prefix), world.events(prefix), replicas.epoch()
    until(lambda: world.ready(replicas.metrics_url(leader))[0] == 200, 30, f"{leader} ready again")
    replicas.await_renewals(3)
    world.await_applied(prefix, COUNT, 10)
    check(replicas.leader() == heir, f"{replicas.leader()} leads, though {heir} lives")
    after = world.topic_ids(prefix), world.events(prefix), replicas.epoch()
    check(before == after, f"{leader}, going on, had an effect: {before[1:]} became {after[1:]}")
    world.verify(prefix, COUNT)
    note(f"{prefix}: {heir} led after {takeover:.1f} s")
    return takeover


def ended(world, replicas):
    """Ends the leader with SIGTERM; seconds from its end until another led."""
    leader = replicas.leader()
    if leader == "first":
        world.kill("edad", signal.SIGTERM, patience=11)
    else:
        check(replicas.others[leader].end() == 0, f"SIGTERM to an edad: {replicas.words(leader)}")
    began = time.monotonic()
    until(lambda: (holder := replicas.holder()) and replicas.name_of(holder) != leader, 3,
          "the lease handed on by the one that ended", pause=0.01)
    took = time.monotonic() - began
    world.up()
    return took


def leader_stopped(world):
    replicas = Replicas(world)
    moments = {"between applies": None, "about to ask the broker": about_to_ask, "with a request in flight": in_flight,
               "in its write-back": in_write_back}
    seconds = {where: lose_leader(world, replicas, f"stop{number}", moment, signal.SIGSTOP)
               for number, (where, moment) in enumerate(moments.items(), 1)}
    shown = ", ".join(f"{where} {taken:.1f} s" for where, taken in seconds.items())
    handed_on = ended(world, replicas)
    replicas.end()
    return f"stopped {shown} until the other led, and no second effect; ended by SIGTERM {handed_on:.1f} s"


def of_three(world):
    """Three replicas, and the one that leads is lost twice in a row."""
    replicas = Replicas(world, ("second", "third"))
    killed = lose_leader(world, replicas, "three1", in_flight, signal.SIGKILL)
    stopped = lose_leader(world, replicas, "three2", in_write_back, signal.SIGSTOP)
    replicas.end()
    return (f"killed with a request in flight {killed:.1f} s, stopped in its write-back {stopped:.1f} s until another led, "
            "and no second effect")
