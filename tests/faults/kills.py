"""kill -9 of edad during an apply, at ten moments. What the world shows right after says of which kind each was."""

import contextlib
import time
from collections import Counter

import gates
from watch import check, note, until

STREAMS = 200
BEFORE_COMMIT = "before commit"          # the plan is open, no wish is there
BEFORE_DISPATCH = "before dispatch"      # wishes are committed, the broker knows of nothing
IN_FLIGHT = "in flight"                  # the broker makes topics, and edad had no answer
BEFORE_WRITE_BACK = "before write-back"  # all topics are there, and no object says so
AFTER_WRITE_BACK = "after write-back"    # too late: does not count
KINDS = (BEFORE_COMMIT, BEFORE_DISPATCH, IN_FLIGHT, BEFORE_WRITE_BACK)
TIGHT = 0.0005


# --- moments: each returns when edad is to die; what it has put on `stack` is undone once edad is dead

def plan_is_stored(world, prefix, stack, begin):
    begin()
    until(lambda: world.plans(prefix), gates.PATIENCE, "a plan", pause=TIGHT)


def wishes_are_written(world, prefix, stack, begin):
    stack.enter_context(gates.applying(world, begin))


def wishes_are_committed(world, prefix, stack, begin):
    begin()
    until(lambda: world.plans(prefix) == ["applied"], gates.PATIENCE, "the commit", pause=TIGHT)


def broker_is_asked_for_the_first_time(world, prefix, stack, begin):
    """Whatever the worker asks first lies unread at a stopped broker."""
    with gates.applying(world, begin):
        stack.enter_context(world.frozen("kafka"))
    until(lambda: world.plans(prefix) == ["applied"] and world.broker_backlog(), gates.PATIENCE, "a look", pause=TIGHT)


def creation_is_announced(world, prefix, stack, begin):
    """The worker has noted that it is about to ask for the topics; on a busy machine it may have asked already."""
    begin()
    until(lambda: world.announced(prefix) or world.created(prefix), gates.PATIENCE, "the note of a creation", pause=TIGHT)


def creation_is_asked(world, prefix, stack, begin):
    stack.enter_context(gates.asked(world, prefix, begin))


def topics_exist(world, prefix, stack, begin):
    begin()
    until(lambda: world.created(prefix) == STREAMS, gates.PATIENCE, "all topics", pause=TIGHT)


def write_back_waits(world, prefix, stack, begin):
    stack.enter_context(gates.committed(world, begin, "objects"))
    until(lambda: world.created(prefix) == STREAMS and world.waiting_on_lock("update objects"), gates.PATIENCE,
          lambda: f"a write-back; {world.created(prefix)} topics exist", pause=TIGHT)


MOMENTS = (plan_is_stored, wishes_are_written, wishes_are_committed, broker_is_asked_for_the_first_time,
           creation_is_announced, creation_is_asked, topics_exist, write_back_waits, creation_is_announced,
           creation_is_asked)
SURE = {BEFORE_COMMIT: wishes_are_written, BEFORE_DISPATCH: broker_is_asked_for_the_first_time,
        IN_FLIGHT: creation_is_asked, BEFORE_WRITE_BACK: write_back_waits}


def kind_of(world, prefix, created_before):
    """From what is left once Postgres and the broker have dealt with all that the dead edad had sent."""
    until(lambda: world.sessions_of_edads() == 0, 10, "Postgres is done with the dead edad", pause=0.002)
    until(world.broker_has_hung_up, 10, "the broker is done with the dead edad", pause=0.002)
    objects = world.objects(prefix)
    if world.plans(prefix) == ["open"]:
        check(not objects, f"{prefix}: the plan is open, and there are wishes: {objects}")
        return BEFORE_COMMIT
    check(sum(objects.values()) == STREAMS, f"{prefix}: the plan is applied, and the wishes are {objects}")
    if any(state == "applied" for state, _, _ in objects):
        return AFTER_WRITE_BACK
    if world.created(prefix) == 0:
        return BEFORE_DISPATCH
    return BEFORE_WRITE_BACK if created_before == STREAMS else IN_FLIGHT


def strike(world, prefix, moment):
    """One apply, one kill, one recovery: the kind of the moment, the exit code of apply, the seconds it took."""
    applies = []
    with contextlib.ExitStack() as stack:
        moment(world, prefix, stack, lambda: applies.append(world.apply(prefix, STREAMS)))
        created_before = world.created(prefix)
        world.kill("edad")
    kind = kind_of(world, prefix, created_before)
    first_ids = world.topic_ids(prefix)
    began = time.monotonic()
    world.up()
    ready = time.monotonic() - began
    apply = applies[0].wait(60)
    world.judge_outcome(prefix, STREAMS, apply)
    if world.plans(prefix) == ["open"]:
        again = world.apply(prefix, STREAMS, timeout=60).wait(90)
        check(again.code == 0, f"{prefix}: apply once more: exit {again.code}: {again.words()}")
    world.await_applied(prefix, STREAMS, 60 - (time.monotonic() - began))
    took = time.monotonic() - began
    note(f"{prefix} {moment.__name__}: {kind}; apply exit {apply.code}; ready {ready:.1f} s, applied {took:.1f} s "
         "after the start")
    world.verify(prefix, STREAMS, first_ids)
    return kind, apply.code, took


def killed_during_apply(world):
    counts, codes, longest = Counter(), Counter(), 0.0
    todo = list(MOMENTS)
    strikes = 0
    while todo:
        strikes += 1
        kind, code, took = strike(world, f"kill{strikes:02}", todo.pop(0))
        counts[kind] += 1
        codes[code] += 1
        longest = max(longest, took)
        if not todo:
            todo = [SURE[each] for each in KINDS for _ in range(2 - counts[each])]
            check(not todo or strikes < 16, f"kinds of moments hit: {dict(counts)}")
    shown = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS)
    late = f" ({counts[AFTER_WRITE_BACK]} too late)" if counts[AFTER_WRITE_BACK] else ""
    said = ", ".join(f"{count} x {code}" for code, count in sorted(codes.items()))
    return (f"{strikes} kills: {shown}{late}; exits of apply: {said}; all {STREAMS} applied at most {longest:.1f} s "
            "after the restart")
