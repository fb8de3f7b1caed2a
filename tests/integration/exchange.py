"""A client's end of one bidirectional stream whose messages get one answer each."""

import queue


class Exchange:
    """send() from this thread, read() the answers in order; close() half-closes. `call`: the call of gRPC."""

    def __init__(self, method, metadata, **more):
        self._requests = queue.SimpleQueue()
        self.call = method(iter(self._requests.get, None), metadata=metadata, **more)
        self.read = self.call.__next__

    def send(self, message):
        self._requests.put(message)

    def close(self):
        self._requests.put(None)
