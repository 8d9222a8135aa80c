"""Holds edad at a chosen place of an apply, so that a fault hits there every time and not once in a hundred runs.

A gate is a lock in Postgres that a statement of edad has to wait for, or a stopped broker. What happens behind it is
real. Each is closed before the apply begins: `begin` starts it.
"""

import contextlib

from watch import until

PATIENCE = 30


@contextlib.contextmanager
def applying(world, begin, applies=1):
    """Inside: all applies have planned, one has written all its wishes, and none can commit until the yielded function
    is called or the block ends."""
    session = world.session()
    with contextlib.closing(session):
        session("BEGIN")
        session("LOCK TABLE events IN SHARE MODE")
        begin()
        until(lambda: world.waiting_on_lock("insert into events") and world.waiting_on_lock("") >= applies, PATIENCE,
              "an apply in its transaction", pause=0.005)
        yield lambda: session("COMMIT")


@contextlib.contextmanager
def committed(world, begin, table):
    """Inside: the apply is committed, and the worker cannot write to the table until the yielded function is called or
    the block ends."""
    session = world.session()
    with contextlib.closing(session):
        with applying(world, begin) as release:
            # Queued behind the apply's own lock: granted at its commit, before any worker's.
            session("BEGIN")
            session.send(f"LOCK TABLE {table} IN SHARE MODE")
            until(world.our_lock_waits, PATIENCE, "our lock in the queue", pause=0.002)
            release()
            session.answer()
        yield lambda: session("COMMIT")


@contextlib.contextmanager
def asked(world, prefix, begin):
    """Inside: CreateTopics has been sent, and the broker has not read it."""
    with committed(world, begin, "streams") as release, contextlib.ExitStack() as stack:
        until(lambda: world.waiting_on_lock("update streams"), PATIENCE, "a worker that is about to create topics",
              pause=0.005)
        stack.enter_context(world.frozen("kafka"))
        release()
        until(lambda: 0 < 10 * world.announced(prefix) < world.broker_backlog(), PATIENCE, "a request to the broker",
              pause=0.001)
        yield
