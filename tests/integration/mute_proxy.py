"""A TCP proxy on loopback that can lose what the server answers: requests arrive, and nobody hears of it."""

import socket
import threading

from stack import free_ports


class MuteProxy:
    def __init__(self, target_port):
        self.target_port = target_port
        self.port = free_ports(1)[0]
        self.muted = False
        self._open = set()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def close_connections(self):
        """After answers were lost the connections cannot go on."""
        for s in list(self._open):
            self._close(s)

    def stop(self):
        self._listener.close()
        self.close_connections()

    def _close(self, s):
        self._open.discard(s)
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        s.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target_port), timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            self._open.update((client, server))
            threading.Thread(target=self._copy, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._copy, args=(server, client, True), daemon=True).start()

    def _copy(self, source, sink, answers):
        try:
            while data := source.recv(65536):
                if not (answers and self.muted):
                    sink.sendall(data)
        except OSError:
            pass
        self._close(source)
        self._close(sink)
