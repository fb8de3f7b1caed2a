"""ClickHouse of Debian and of today, see peer_engines.py."""

import ctypes
import http.client
import os
import socket
import time
import urllib.parse

import peer_check
import peer_rows
from peer_libraries import library


class ClickHouse:
    """What both versions share; rows as RowBinary. Codes are String, since LowCardinality(String) makes inserts dearer: in
    batches of 10,000 2.7 against 1.9 µs of processor an event with 26.7 and 6.5 against 4.0 µs with 18.16."""
    types = {"uuid": "UUID", "u8": "UInt8", "u16": "UInt16", "u32": "UInt32", "i64": "Int64",
             "code": "String", "pseudonym": "FixedString(16)"}
    order = "ENGINE=MergeTree ORDER BY (consumer_region, category, event_time_us)"
    settings = ""

    def reset(self, of):
        self.execute("DROP TABLE IF EXISTS ev")
        self.execute(f"CREATE TABLE ev {peer_rows.columns(self.types, of)} {self.order}{self.settings}")

    def summary(self, of):
        return peer_check.summary_of_table(self.ask, of)

    def count(self):
        return int(self.execute("SELECT count() FROM ev"))

    def ask(self, sql):
        start = time.perf_counter()
        answer = self.execute(sql)
        self.asked_s = time.perf_counter() - start
        return [line.split("\t") for line in answer.decode().splitlines()]

    def load(self, path, question_columns, more=()):
        self.execute("DROP TABLE IF EXISTS q")
        of = (*peer_rows.COLUMNS, *more)
        self.reset(of)
        self.insert_file(path, of)
        self.execute("CREATE TABLE q ENGINE=MergeTree ORDER BY (consumer_region, category, event_time) AS "
                     f"SELECT *, {question_columns['clickhouse']} FROM ev")
        self.execute("DROP TABLE ev")
        self.execute("OPTIMIZE TABLE q FINAL")


class OldClickHouse(ClickHouse):
    """Debian's, over HTTP; cannot sync on insert."""

    def __init__(self, folder, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _post(self, path, body):
        self.connection.request("POST", path, body)
        response = self.connection.getresponse()
        text = response.read()
        if response.status != 200:
            raise RuntimeError(f"ClickHouse 18.16: {text.decode(errors='replace')[:1000]}")
        return text

    def execute(self, sql):
        return self._post("/", sql.encode())

    def insert_file(self, path, of):
        with open(path, "rb") as f:
            self._post("/?query=" + urllib.parse.quote("INSERT INTO ev FORMAT TabSeparated"), f)

    def prepare(self, rows, batch, of):
        payloads = [b"".join(peer_rows.row_binary(line, of) for line in part) for part in peer_rows.batches(rows, batch)]
        return payloads, sum(map(len, payloads))

    def run(self, payloads):
        path = "/?query=" + urllib.parse.quote("INSERT INTO ev FORMAT RowBinary")
        for payload in payloads:
            self._post(path, payload)


class NewClickHouse(ClickHouse):
    """In process. The embedded API takes queries as text, so that binary rows go through files in memory."""
    settings = " SETTINGS fsync_after_insert=1, fsync_part_directory=1"

    def __init__(self, folder, port=None):
        self.lib = lib = library("@chdb/lib-linux-x64-gnu/libchdb.so")
        lib.chdb_connect.restype = ctypes.POINTER(ctypes.c_void_p)
        lib.chdb_query_n.restype = ctypes.c_void_p
        lib.chdb_query_n.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
        for name, kind in (("buffer", ctypes.c_void_p), ("length", ctypes.c_size_t), ("error", ctypes.c_char_p)):
            function = getattr(lib, "chdb_result_" + name)
            function.restype, function.argtypes = kind, [ctypes.c_void_p]
        lib.chdb_destroy_query_result.argtypes = [ctypes.c_void_p]
        arguments = (ctypes.c_char_p * 2)(b"clickhouse", f"--path={folder}".encode())
        self.connection = lib.chdb_connect(2, arguments)
        if not self.connection:
            raise RuntimeError("chdb cannot be opened")
        self.files, self.number = {}, 0  # by `of`; of the next file
        self.execute("CREATE DATABASE IF NOT EXISTS b ENGINE=Atomic")
        self.execute("USE b")

    def execute(self, sql):
        text = sql.encode()
        result = self.lib.chdb_query_n(self.connection[0], text, len(text), b"TSV", 3)
        try:
            error = self.lib.chdb_result_error(result)
            if error:
                raise RuntimeError(f"chdb: {error.decode(errors='replace')[:1000]}")
            return ctypes.string_at(self.lib.chdb_result_buffer(result), self.lib.chdb_result_length(result))
        finally:
            self.lib.chdb_destroy_query_result(result)

    def prepare(self, rows, batch, of):
        self._remove(of)
        structure, size = peer_rows.columns(self.types, of)[1:-1], 0
        payloads = []
        self.files[of] = paths = []
        for part in peer_rows.batches(rows, batch):
            path = f"/dev/shm/tidemark-bench-{os.getpid()}-{self.number}"
            self.number += 1
            with open(path, "wb") as f:
                size += f.write(b"".join(peer_rows.row_binary(line, of) for line in part))
            paths.append(path)
            payloads.append(f"INSERT INTO ev SELECT * FROM file('{path}', 'RowBinary', '{structure}')")
        return payloads, size

    def run(self, payloads):
        for payload in payloads:
            self.execute(payload)

    def insert_file(self, path, of):
        structure = peer_rows.columns(self.types, of)[1:-1]
        self.execute(f"INSERT INTO ev SELECT * FROM file('{path}', 'TSV', '{structure}')")

    def reset(self, of):
        self.execute("DROP TABLE IF EXISTS ev SYNC")
        super().reset(of)

    def _remove(self, of):
        for path in self.files.pop(of, ()):
            os.unlink(path)

    def close(self):
        for of in list(self.files):
            self._remove(of)
