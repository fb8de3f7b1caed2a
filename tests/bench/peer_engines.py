"""How each engine beside Tidemark is loaded. An engine has `prepare` (payloads, before the clock starts), `reset` (an empty
table), `run` (all batches, each acknowledged before the next) and `count`. `ask` answers SQL, for those that know it."""

import array
import ctypes
import glob
import http.client
import os
import socket
import subprocess
import time
import urllib.parse

import peer_rows

HERE = os.path.dirname(os.path.abspath(__file__))


def library(pattern):
    found = glob.glob(os.path.join(HERE, "peers", "node_modules", *pattern.split("/")))
    if not found:
        raise RuntimeError(f"{pattern} is missing; run tests/bench/install-peers.sh")
    return ctypes.CDLL(found[0])


class PostgresInsert:
    """Skips duplicates and keeps the rest: the one peer that does the same work, but for the ledger."""
    types = {"uuid": "uuid NOT NULL", "u8": "smallint NOT NULL", "u16": "smallint NOT NULL",
             "u32": "integer NOT NULL", "i64": "bigint NOT NULL"}

    def __init__(self, folder, port):
        import psycopg2
        self.port = port
        self.connection = psycopg2.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres")
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()

    def prepare(self, rows, batch):
        self.payloads = [b"INSERT INTO ev VALUES " + b",".join(map(peer_rows.sql_values, part)) +
                         b" ON CONFLICT DO NOTHING" for part in peer_rows.batches(rows, batch)]

    def reset(self):
        self.cursor.execute("DROP TABLE IF EXISTS ev")
        self.cursor.execute(f"CREATE TABLE ev {peer_rows.columns(self.types, ', UNIQUE(source, id)')}")
        self.cursor.execute("CHECKPOINT")

    def run(self):
        for payload in self.payloads:
            self.cursor.execute(payload)

    def count(self):
        return int(self.ask("SELECT count(*) FROM ev")[0][0])

    def ask(self, sql):
        start = time.perf_counter()
        self.cursor.execute(sql)
        self.asked_s = time.perf_counter() - start
        return self.cursor.fetchall()

    def ask_by_psql(self, sql, times):
        """Milliseconds of each call as whoever has no driver asks: one psql all the time, by pipes."""
        command = ["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-qAtX"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as psql:
            def ask():
                start = time.perf_counter()
                psql.stdin.write(f"{sql};\n\\echo end\n".encode())
                psql.stdin.flush()
                while psql.stdout.readline() != b"end\n":
                    pass
                return 1e3 * (time.perf_counter() - start)
            ask()
            measured = [ask() for _ in range(times)]
            psql.stdin.close()
        return measured

    def load(self, path, question_columns, more=()):
        """The table `q` that questions are put to, with indexes that suit them. `more`: columns of the file behind
        peer_rows.COLUMNS."""
        run = self.cursor.execute
        run("DROP TABLE IF EXISTS q")
        run("DROP TABLE IF EXISTS ev")
        run(f"CREATE UNLOGGED TABLE ev {peer_rows.columns(self.types, more=more)}")
        with open(path, "rb") as f:
            self.cursor.copy_expert("COPY ev FROM STDIN", f, size=1 << 20)
        run(f"CREATE TABLE q AS SELECT *, {question_columns['postgres']} FROM ev")
        run("DROP TABLE ev")
        run("CREATE INDEX ON q(consumer_region, category, event_time) INCLUDE (amount)")
        run("CREATE INDEX ON q USING brin(event_time)")
        run("CREATE STATISTICS quarters ON (date_trunc('quarter', event_time)) FROM q")
        run("VACUUM ANALYZE q")


class PostgresCopy(PostgresInsert):
    """A duplicate would end the whole batch."""

    def prepare(self, rows, batch):
        self.payloads = [b"".join(part) for part in peer_rows.batches(rows, batch)]

    def run(self):
        import io
        for payload in self.payloads:
            self.cursor.copy_expert("COPY ev FROM STDIN", io.BytesIO(payload), size=1 << 20)


class ClickHouse:
    """What both versions share; rows as RowBinary."""
    types = {"uuid": "UUID", "u8": "UInt8", "u16": "UInt16", "u32": "UInt32", "i64": "Int64"}
    order = "ENGINE=MergeTree ORDER BY (consumer_region, category, event_time_us)"
    settings = ""

    def reset(self, more=()):
        self.execute("DROP TABLE IF EXISTS ev")
        self.execute(f"CREATE TABLE ev {peer_rows.columns(self.types, more=more)} {self.order}{self.settings}")

    def count(self):
        return int(self.execute("SELECT count() FROM ev"))

    def ask(self, sql):
        start = time.perf_counter()
        answer = self.execute(sql)
        self.asked_s = time.perf_counter() - start
        return [line.split("\t") for line in answer.decode().splitlines()]

    def load(self, path, question_columns, more=()):
        self.execute("DROP TABLE IF EXISTS q")
        self.reset(more)
        self.insert_file(path, more)
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

    def insert_file(self, path, more):
        with open(path, "rb") as f:
            self._post("/?query=" + urllib.parse.quote("INSERT INTO ev FORMAT TabSeparated"), f)

    def prepare(self, rows, batch):
        self.payloads = [b"".join(map(peer_rows.row_binary, part)) for part in peer_rows.batches(rows, batch)]

    def run(self):
        path = "/?query=" + urllib.parse.quote("INSERT INTO ev FORMAT RowBinary")
        for payload in self.payloads:
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
        self.files = []
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

    def prepare(self, rows, batch):
        self.close()
        structure = peer_rows.columns(self.types)[1:-1]
        self.payloads = []
        for number, part in enumerate(peer_rows.batches(rows, batch)):
            path = f"/dev/shm/tidemark-bench-{os.getpid()}-{number}"
            with open(path, "wb") as f:
                f.write(b"".join(map(peer_rows.row_binary, part)))
            self.files.append(path)
            self.payloads.append(f"INSERT INTO ev SELECT * FROM file('{path}', 'RowBinary', '{structure}')")

    def run(self):
        for payload in self.payloads:
            self.execute(payload)

    def insert_file(self, path, more):
        structure = peer_rows.columns(self.types, more=more)[1:-1]
        self.execute(f"INSERT INTO ev SELECT * FROM file('{path}', 'TSV', '{structure}')")

    def reset(self, more=()):
        self.execute("DROP TABLE IF EXISTS ev SYNC")
        super().reset(more)

    def close(self):
        for path in self.files:
            os.unlink(path)
        self.files = []


class DuckDb:
    """In process, its appender fed whole columns; a duplicate would end the whole batch."""

    types = {"uuid": "UUID", "u8": "UTINYINT", "u16": "USMALLINT", "u32": "UINTEGER", "i64": "BIGINT"}
    # duckdb_type, array's type code
    codes = {"uuid": (27, "Q"), "u8": (6, "B"), "u16": (7, "H"), "u32": (8, "I"), "i64": (5, "q")}
    chunk_rows = 2000  # at most duckdb_vector_size(), 2,048

    def __init__(self, folder, port=None):
        self.lib = lib = library("@duckdb/node-bindings-linux-x64/libduckdb.so")
        pointer, number = ctypes.c_void_p, ctypes.c_uint64
        for name, result, *arguments in (
                ("query", ctypes.c_int, pointer, ctypes.c_char_p, pointer), ("result_error", ctypes.c_char_p, pointer),
                ("destroy_result", None, pointer), ("row_count", number, pointer), ("column_count", number, pointer),
                ("value_varchar", pointer, pointer, number, number), ("free", None, pointer),
                ("appender_create", ctypes.c_int, pointer, ctypes.c_char_p, ctypes.c_char_p, pointer),
                ("appender_error", ctypes.c_char_p, pointer), ("appender_flush", ctypes.c_int, pointer),
                ("appender_destroy", ctypes.c_int, pointer), ("create_logical_type", pointer, ctypes.c_int),
                ("create_data_chunk", pointer, pointer, number), ("data_chunk_set_size", None, pointer, number),
                ("data_chunk_reset", None, pointer), ("data_chunk_get_vector", pointer, pointer, number),
                ("vector_get_data", pointer, pointer), ("append_data_chunk", ctypes.c_int, pointer, pointer),
                ("open", ctypes.c_int, ctypes.c_char_p, pointer),
                ("connect", ctypes.c_int, pointer, pointer)):
            function = getattr(lib, "duckdb_" + name)
            function.restype, function.argtypes = result, arguments
        database, self.connection, self.appender = pointer(), pointer(), pointer()
        path = os.path.join(folder, "events.duckdb").encode()
        if lib.duckdb_open(path, ctypes.byref(database)) or lib.duckdb_connect(database, ctypes.byref(self.connection)):
            raise RuntimeError("DuckDB cannot be opened")
        types = (pointer * len(peer_rows.COLUMNS))(
            *(lib.duckdb_create_logical_type(self.codes[kind][0]) for _, kind in peer_rows.COLUMNS))
        self.chunk = pointer(lib.duckdb_create_data_chunk(types, len(peer_rows.COLUMNS)))

    def prepare(self, rows, batch):
        self.payloads = [[self._chunk(part) for part in peer_rows.batches(whole, self.chunk_rows)]
                         for whole in peer_rows.batches(rows, batch)]

    def _chunk(self, rows):
        """(rows, per column its numbers)."""
        cells = list(zip(*(line.split(b"\t") for line in rows)))
        found = []
        for (_, kind), column in zip(peer_rows.COLUMNS, cells):
            if kind != "uuid":
                found.append(array.array(self.codes[kind][1], map(int, column)).tobytes())
                continue
            words = array.array("Q")
            for text in column:
                number = peer_rows.uuid_number(text) ^ 1 << 127
                words.extend((number & (2**64 - 1), number >> 64))
            found.append(words.tobytes())
        return len(rows), found

    def load(self, path, question_columns, more=()):
        for sql in ("DROP TABLE IF EXISTS q", "DROP TABLE IF EXISTS ev",
                    f"CREATE TABLE ev {peer_rows.columns(self.types, more=more)}",
                    f"COPY ev FROM '{path}' (DELIMITER '\t', HEADER false)",
                    f"CREATE TABLE q AS SELECT *, {question_columns['duckdb']} FROM ev", "DROP TABLE ev", "CHECKPOINT"):
            self.ask(sql)

    def ask(self, sql):
        result = ctypes.create_string_buffer(256)
        try:
            start = time.perf_counter()
            failed = self.lib.duckdb_query(self.connection, sql.encode(), result)
            self.asked_s = time.perf_counter() - start
            if failed:
                raise RuntimeError(f"DuckDB: {self.lib.duckdb_result_error(result).decode()}")
            return [[self._text(result, column, row) for column in range(self.lib.duckdb_column_count(result))]
                    for row in range(self.lib.duckdb_row_count(result))]
        finally:
            self.lib.duckdb_destroy_result(result)

    def _text(self, result, column, row):
        pointer = self.lib.duckdb_value_varchar(result, column, row)
        if not pointer:
            return None
        text = ctypes.string_at(pointer).decode()
        self.lib.duckdb_free(pointer)
        return text

    def reset(self):
        if self.appender:
            self.lib.duckdb_appender_destroy(ctypes.byref(self.appender))
        self.ask("DROP TABLE IF EXISTS ev")
        self.ask(f"CREATE TABLE ev {peer_rows.columns(self.types, ', PRIMARY KEY(source, id)')}")
        self.ask("CHECKPOINT")
        self._check(self.lib.duckdb_appender_create(self.connection, None, b"ev", ctypes.byref(self.appender)))

    def _check(self, failed):
        if failed:
            raise RuntimeError(f"DuckDB: {self.lib.duckdb_appender_error(self.appender).decode()}")

    def run(self):
        lib = self.lib
        for payload in self.payloads:
            for count, columns in payload:
                lib.duckdb_data_chunk_reset(self.chunk)
                for number, column in enumerate(columns):
                    vector = lib.duckdb_data_chunk_get_vector(self.chunk, number)
                    ctypes.memmove(lib.duckdb_vector_get_data(vector), column, len(column))
                lib.duckdb_data_chunk_set_size(self.chunk, count)
                self._check(lib.duckdb_append_data_chunk(self.appender, self.chunk))
            self._check(lib.duckdb_appender_flush(self.appender))

    def count(self):
        return int(self.ask("SELECT count(*) FROM ev")[0][0])


class Redis:
    """One entry per event, all of a batch sent before its answers are read."""

    def __init__(self, folder, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @staticmethod
    def _command(*words):
        return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)

    def _call(self, *words):
        self.socket.sendall(self._command(*words))
        reply = b""
        while not reply.endswith(b"\r\n"):
            reply += self.socket.recv(65536)
        if reply.startswith(b"-"):
            raise RuntimeError(f"Redis: {reply.decode()}")
        return reply

    def prepare(self, rows, batch):
        self.payloads = [(len(part), b"".join(self._command(b"XADD", b"ev", b"*", b"e", peer_rows.row_binary(line))
                                              for line in part)) for part in peer_rows.batches(rows, batch)]

    def reset(self):
        self._call(b"FLUSHALL")

    def run(self):
        for count, payload in self.payloads:
            self.socket.sendall(payload)
            lines = 0
            while lines < 2 * count:  # of each entry its length and its id
                answer = self.socket.recv(1 << 20)
                if not answer or b"-ERR" in answer:
                    raise RuntimeError(f"Redis: {answer[:200]!r}")
                lines += answer.count(b"\n")

    def count(self):
        return int(self._call(b"XLEN", b"ev")[1:])
