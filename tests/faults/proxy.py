"""A TCP proxy that understands where messages end: it shows each to whoever watches, holds it when told to, and cuts,
resets or stalls its connections. One thread serves all proxies."""

import asyncio
import contextlib
import functools
import logging
import re
import socket
import struct
import threading

logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it warns of connections that break: that is what they do here


@functools.cache
def the_loop():
    """Begun when it is needed first: what wants a user namespace of its own must have one thread yet."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


def on_loop(function, *arguments):
    """Runs it where the proxies run, and waits for what it returns."""
    async def run():
        return function(*arguments)
    return asyncio.run_coroutine_threadsafe(run(), the_loop()).result(10)


class Kafka:
    """Frames of the Kafka protocol: a length, then what a request asks for, or which request is answered."""

    def __init__(self):
        self.asked = {}  # correlation id to what was asked

    def frame(self, upward, data):
        """(length of the first whole frame in `data`, what it is) or None."""
        if len(data) < 4 or len(data) < (size := 4 + struct.unpack_from(">i", data)[0]):
            return None
        if upward:
            key, _, correlation = struct.unpack_from(">hhi", data, 4)
            self.asked[correlation] = key, bytes(data[12:size])
            return size, ("ask", *self.asked[correlation])
        return size, ("answer", *self.asked.pop(struct.unpack_from(">i", data, 4)[0], (-1, b"")))


class Postgres:
    """Messages of Postgres' protocol. A transaction's statements are kept until its end."""

    def __init__(self):
        self.started = False
        self.statements = ""
        self.ended = ""  # the statements of the transaction whose COMMIT is not answered yet

    def frame(self, upward, data):
        kind = 1 if self.started or not upward else 0  # the first message has no kind
        if len(data) < kind + 4 or len(data) < (size := kind + struct.unpack_from(">i", data, kind)[0]):
            return None
        if upward and not self.started:
            self.started = True
            return size, ("start", "")
        body = bytes(data[5:size])
        if upward and data[:1] in (b"Q", b"P"):
            return size, self.statement(body.split(b"\0")[data[:1] == b"P"].decode(errors="replace").lower())
        if upward and data[:1] == b"B":
            return size, ("bind", body)
        if not upward and data[:1] == b"C" and body.startswith(b"COMMIT"):
            return size, ("committed", self.ended)
        return size, ("", "")

    def statement(self, text):
        if text.startswith("begin"):
            self.statements = ""
        elif text.startswith("commit"):
            self.ended = self.statements
            return "commit", self.statements
        else:
            self.statements += text + ";"
        return "statement", text


class Link:
    """One client's connection."""

    def __init__(self, proxy, client, server):
        self.proxy, self.protocol = proxy, proxy.protocol()
        self.port = client.get_extra_info("peername")[1]
        self.ends = (client, server)
        self.holder = None

    def close(self, hard):
        for end in self.ends:
            if hard:
                with contextlib.suppress(OSError):  # it may have ended by itself
                    end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.transport.abort()
            else:
                end.close()


class Held:
    """A message that does not get on until it is let go or dropped with its connection."""

    def __init__(self, link):
        self.link = link
        self.free = asyncio.Event()
        self.dropped = False

    def go(self):
        on_loop(self.free.set)

    def drop(self):
        def act():
            self.dropped = True
            self.link.close(hard=True)
            self.free.set()
        on_loop(act)


class Proxy:
    """From a port of its own to `target`. `watch(link, what)` is called with each message, in the proxies' thread:
    ("ask" | "answer", API key, the request), ("statement" | "commit" | "committed", text); a Held keeps it back."""

    def __init__(self, target, protocol, port=0):
        self.target, self.protocol = target, protocol
        self.links = set()
        self.watch = lambda link, what: None
        self.flowing = asyncio.Event()
        self.open = True
        on_loop(self.flowing.set)
        listening = asyncio.run_coroutine_threadsafe(asyncio.start_server(self.serve, "127.0.0.1", port), the_loop())
        self.server = listening.result(10)
        self.port = self.server.sockets[0].getsockname()[1]

    def close(self):
        on_loop(self.server.close)
        self.cut(hard=True)

    def cut(self, hard):
        """All connections at once: with a reset, or with an orderly end."""
        on_loop(lambda: [link.close(hard) for link in list(self.links)])

    def stall(self):
        """Nothing gets through, and nobody is told."""
        on_loop(self.flowing.clear)

    def flow(self):
        on_loop(self.flowing.set)

    def refuse(self):
        """Whoever connects is sent away."""
        self.open = False

    def accept(self):
        self.open = True

    async def serve(self, reader, writer):
        try:
            if not self.open:
                raise ConnectionRefusedError
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        link = Link(self, writer, server_writer)
        self.links.add(link)
        await asyncio.gather(self.pump(link, True, reader, server_writer), self.pump(link, False, server_reader, writer))
        self.links.discard(link)

    async def pump(self, link, upward, reader, writer):
        pending = bytearray()
        try:
            while data := await reader.read(1 << 16):
                pending += data
                while frame := link.protocol.frame(upward, pending):
                    size, what = frame
                    await self.flowing.wait()
                    self.note_holder(link, what)
                    if held := self.watch(link, what):
                        await held.free.wait()
                        if held.dropped:
                            return
                        await self.flowing.wait()
                    writer.write(bytes(pending[:size]))
                    del pending[:size]
                await writer.drain()
        except OSError:
            pass
        finally:
            for end in link.ends:
                end.close()

    def note_holder(self, link, what):
        """Which edad this is, by the name under which it takes leases."""
        if what[0] == "bind" and (name := re.search(rb"edad-[a-z0-9]{20}", what[1])):
            link.holder = name[0].decode()
