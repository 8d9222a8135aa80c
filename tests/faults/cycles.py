#!/usr/bin/env python3
"""cycles.py [--bin DIR] [--cycles N] [--seed S]: applies of 500 streams, each struck by two faults.

Two edads on one Postgres and one broker, all connections through proxies. A cycle makes 500 new streams, or changes 500
that there are; the seed draws what, which faults, and at which messages of the apply they strike. Within 60 s of the last
fault everything has to be true, and stays it. One line a cycle, then how often each moment and each fault was hit; exit 1
when something did not hold or a moment was never hit. Nothing that it starts outlives it.
"""

import argparse
import contextlib
import json
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

sys.dont_write_bytecode = True

import moments  # noqa: E402
import strikes  # noqa: E402
from moments import AFTER_COMMIT, BEFORE_COMMIT, BEFORE_WRITE_BACK, IN_FLIGHT  # noqa: E402
from rig import Rig, private_mounts  # noqa: E402
from sql import SqlFault  # noqa: E402
from topics import Topics  # noqa: E402
from watch import Failed, check, say, until  # noqa: E402

STREAMS = 500
RECOVERY = 60       # seconds from the last fault until everything is true
OF_ONE_WORLD = 6    # cycles; then a fresh one, for a broker that is killed looks through all of its logs
HOURS = 3_600_000


class Wish:
    """500 streams, as they were last asked for."""

    def __init__(self, prefix):
        self.prefix, self.generation = prefix, 0
        self.partitions, self.hours = 1, 24

    def move(self, draw):
        self.generation += 1
        if self.generation > 1:
            self.partitions += draw.choice((0, 1))
            self.hours += draw.randint(1, 24)  # never less: cuts have to be confirmed
        return self

    def spec(self):
        return {"partitions": self.partitions, "retention": f"{self.hours}h"}

    def names(self):
        return [f"{self.prefix}-{number:03}" for number in range(STREAMS)]

    def configs(self):
        return {"retention.ms": str(self.hours * HOURS)}


class Deal:
    """Draws from a shuffled deck until it is empty, then shuffles it anew: whatever the seed, all come up."""

    def __init__(self, draw, cards):
        self.draw, self.cards, self.deck = draw, cards, []

    def __call__(self):
        if not self.deck:
            self.deck = self.draw.sample(self.cards, len(self.cards))
        return self.deck.pop()


class Cycles:
    def __init__(self, binaries, seed):
        self.binaries, self.draw = binaries, random.Random(seed)
        self.rig, self.wishes, self.left, self.told = None, [], 0, []
        self.hits, self.faults, self.codes = Counter(), Counter(), Counter()
        self.missed, self.slowest, self.replays = Counter(), 0.0, 0
        self.fault = Deal(self.draw, strikes.FAULTS)
        self.early, self.late = Deal(self.draw, (BEFORE_COMMIT, AFTER_COMMIT)), Deal(self.draw, (IN_FLIGHT, BEFORE_WRITE_BACK))

    # --- one cycle

    def run(self, number):
        if not self.left:
            self.renew()
        self.left -= 1
        wish = self.choose(number)
        plan = [(moment, self.place(moment), self.fault()) for moment in (self.early(), self.late())]
        ambush = moments.Ambush(self.rig.proxies(), wish.prefix, [place for _, place, _ in plan])
        apply = self.apply(wish)
        self.told = told = []
        while plan:
            apply = self.await_hit(ambush, wish, apply)
            taken = ambush.take()
            while plan and (not taken or plan[0][1] != taken[1]):
                _, place, _ = plan.pop(0)
                self.missed[place] += 1
                told.append(f"{place.__name__}: missed")
            if plan:
                moment, place, fault = plan.pop(0)
                told.append(f"{fault.__name__} {moment} ({place.__name__})")
                strikes.strike(fault, self.rig, taken[0], self.draw, time.sleep)
                self.hits[moment] += 1
                self.faults[fault.__name__] += 1
        began = time.monotonic()
        ambush.give_up()
        code = self.settle(wish, apply, began)
        took = time.monotonic() - began
        self.slowest = max(self.slowest, took)
        self.judge(wish)
        return f"{'makes' if wish.generation == 1 else 'changes'} {wish.prefix}: {'; '.join(told)}; exit {code}, true after {took:.1f} s"

    def keep_logs(self, number):
        """What the programs of a world wrote, out of what goes with it."""
        kept = Path(tempfile.mkdtemp(prefix=f"eda-cycle-{number}-"))
        if self.rig:
            for log in self.rig.folder.rglob("*.log"):
                shutil.copy(log, kept / "-".join(log.relative_to(self.rig.folder).parts))
        return kept

    def renew(self):
        self.close()
        self.rig = Rig(self.binaries)
        self.rig.make_team()
        self.wishes, self.left = [], OF_ONE_WORLD

    def place(self, moment):
        """The first one as long as the moment was never hit, and never again one that was missed."""
        sure, *others = moments.PLACES[moment]
        usable = [sure] + [place for place in others if self.hits[moment] and not self.missed[place]]
        return self.draw.choice(usable)

    def choose(self, number):
        if self.wishes and self.draw.random() < 0.4:
            return self.draw.choice(self.wishes).move(self.draw)
        self.wishes.append(Wish(f"c{number:03}").move(self.draw))
        return self.wishes[-1]

    def apply(self, wish):
        return self.rig.apply(wish.prefix, STREAMS, timeout=60, server=self.rig.replicas["a"].grpc, **wish.spec())

    def await_hit(self, ambush, wish, apply):
        """Until the apply is where it is waited for. One that ended without a commit is begun anew."""
        end = time.monotonic() + 40
        while time.monotonic() < end:
            if ambush.is_hit(0.05):
                break
            if apply.process.poll() is None:
                continue
            if self.committed(wish):
                if self.rig.objects(wish.prefix) == {("applied", wish.generation, wish.generation): STREAMS}:
                    break
            else:
                until(lambda: self.rig.replicas["a"].runs() and self.rig.replicas["a"].is_ready(), 30, "edad a ready")
                apply = self.apply(wish)
        return apply

    def committed(self, wish):
        with contextlib.suppress(SqlFault):
            return self.generation(wish) == {wish.generation}
        return True  # who cannot be asked is not asked again

    def generation(self, wish):
        rows = self.rig.sql(f"SELECT DISTINCT generation FROM objects WHERE kind = 'stream' AND name LIKE '{wish.prefix}-%'")
        return {int(row[0]) for row in rows}

    def settle(self, wish, apply, began):
        """Until all is as wished, within the time that there is. How the apply ended."""
        def left():
            return max(RECOVERY - (time.monotonic() - began), 0.1)
        for replica in self.rig.replicas.values():
            replica.await_ready(left())
        apply.wait(RECOVERY + 30)
        code = apply.code
        self.codes[code] += 1
        if self.generation(wish) != {wish.generation}:
            check(code not in (0, 9, 124), f"apply ends with {code}, and nothing was committed: {apply.words()[-500:]}")
            again = self.apply(wish).wait(90)
            check(again.code == 0, f"apply once more: exit {again.code}: {again.words()[-500:]}")
        else:
            check(code in (0, 11, 124), f"apply ends with {code}, and the wish is there: {apply.words()[-500:]}")
        wanted = {("applied", wish.generation, wish.generation): STREAMS}
        until(lambda: self.rig.objects(wish.prefix) == wanted, left(),
              lambda: f"{STREAMS} streams {wish.prefix}-* applied; they are {self.rig.objects(wish.prefix)}: "
                      f"{self.words_of(wish)}")
        until(lambda: not self.stuck(), left(), lambda: f"nothing stuck; there is {self.stuck()}", pause=0.2)
        return code

    def words_of(self, wish):
        """What is said of those that are not applied: one of them."""
        return self.rig.sql("SELECT name, conditions FROM objects WHERE kind = 'stream' AND state <> 'applied'"
                            f" AND name LIKE '{wish.prefix}-%' LIMIT 1")

    # --- what has to hold

    def stuck(self):
        """What waits for something that will not come, or is held by somebody who is no more."""
        living = {link.holder for link in list(self.rig.pg.links)}
        sql = self.rig.sql
        held = [(row[0], row[1]) for row in sql("SELECT name, holder FROM leases WHERE expires_at > clock_timestamp()")]
        claimed = sql("SELECT id, holder FROM operations WHERE holder <> '' AND state = 'running'"
                      " AND held_until < clock_timestamp()") if self.has("operations") else []
        open_for_long = sql("SELECT pid, query FROM pg_stat_activity WHERE application_name LIKE 'edad%'"
                            " AND state LIKE 'idle in transaction%' AND clock_timestamp() - state_change > interval '3 s'")
        unsettled = sql("SELECT state, count(*) FROM objects WHERE state <> 'applied'"
                        " OR generation <> observed_generation GROUP BY 1")
        return [row for row in held if row[1] not in living] + claimed + open_for_long + unsettled

    def has(self, table):
        return self.rig.sql(f"SELECT to_regclass('{table}') IS NOT NULL") == [["t"]]

    def judge(self, wish):
        rig = self.rig
        topics = Topics(rig)
        for each in self.wishes:
            topics.expect(each.names(), each.partitions, each.configs())
            check(rig.remembered_ids(each.prefix) == {name: topics.ids[name] for name in each.names()},
                  f"{each.prefix}: edad remembers other topic ids than the broker has")
            events = {"stream.created": STREAMS}
            if each.generation > 1:
                events["stream.changed"] = STREAMS * (each.generation - 1)
            check(rig.events(each.prefix) == events, f"{each.prefix}: events {rig.events(each.prefix)}, not {events}")
            revisions = rig.sql("SELECT count(*), count(DISTINCT object_id) FROM revisions r JOIN objects o ON o.id = r.object_id"
                                f" WHERE o.name LIKE '{each.prefix}-%'")
            check(revisions == [[str(STREAMS * each.generation), str(STREAMS)]], f"{each.prefix}: revisions {revisions}")
        check(not topics.removed, f"topics were removed: {topics.removed[:3]}")
        self.replay(wish)

    def replay(self, wish):
        """The apply's own request, sent again to each replica: answered as the first time, with no second effect."""
        rows = self.rig.sql("SELECT DISTINCT request_id, plan_id, reason FROM events WHERE object_kind = 'stream'"
                            f" AND object_name LIKE '{wish.prefix}-%' ORDER BY 1")
        counts = self.rig.sql("SELECT count(*) FROM events")
        for request, plan, reason in rows:
            answers = [self.call(replica, "eda.plans.v1.PlanService/Apply",
                                 {"requestId": request, "planId": plan, "reason": reason})
                       for replica in self.rig.replicas.values()]
            check(all(status == 200 for status, _ in answers), f"a replayed apply: {answers}")
            check(all(answer == answers[0] for answer in answers), f"replicas answer one request differently: {answers}")
            check(answers[0][1]["plan"]["id"] == plan and answers[0][1]["plan"]["state"] == "applied", f"answers {answers}")
            self.replays += len(answers)
        check(self.rig.sql("SELECT count(*) FROM events") == counts, "a replayed apply wrote events")

    def call(self, replica, method, body):
        token = self.rig.variables["EDACTL_TOKEN"]
        request = urllib.request.Request(f"{replica.web}/{method}", json.dumps(body).encode(), {
            "Content-Type": "application/json", "Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)

    def report(self):
        shown = ", ".join(f"{self.hits[moment]} {moment}" for moment in moments.ORDER)
        faults = ", ".join(f"{count} {name}" for name, count in sorted(self.faults.items()))
        codes = ", ".join(f"{count} x {code}" for code, count in sorted(self.codes.items()))
        return (f"hits: {shown}; missed: {self.missed.total()}; faults: {faults}; exits of apply: {codes}; true again at most "
                f"{self.slowest:.1f} s after the last fault; {self.replays} replayed requests answered as at first")

    def close(self):
        if self.rig:
            self.rig.close()
        self.rig = None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=Path(__file__).parents[2] / "build" / "bin", help="where edad and edactl are")
    parser.add_argument("--cycles", type=int, default=3)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for program in ("edad", "edactl"):
        if not (Path(options.bin) / program).exists():
            parser.error(f"there is no {program} in {options.bin}: ./x build, or --bin DIR")
    private_mounts()
    say(f"cycles: --cycles {options.cycles} --seed {options.seed}")
    cycles, failures = Cycles(options.bin, options.seed), 0
    try:
        for number in range(1, options.cycles + 1):
            began = time.monotonic()
            try:
                say(f"ok     cycle {number}: {cycles.run(number)} [{time.monotonic() - began:.0f} s]")
            except Exception as fault:  # the others go on, in a fresh world
                say(f"FAILED cycle {number} ({'; '.join(cycles.told)}): {fault}")
                traceback.print_exc()
                say(f"    its logs are in {cycles.keep_logs(number)}")
                failures += 1
                cycles.left = 0
    finally:
        with contextlib.suppress(Failed):
            cycles.close()
    say(cycles.report())
    never = [moment for moment in moments.ORDER if not cycles.hits[moment]]
    if never:
        say(f"FAILED never hit: {', '.join(never)}")
    say(f"{options.cycles - failures} passed, {failures} failed; --seed {options.seed} repeats it")
    return 1 if failures or never else 0


if __name__ == "__main__":
    sys.exit(main())
