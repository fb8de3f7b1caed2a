"""How each engine beside Tidemark is loaded. `of` says which columns of what kind, see peer_rows.FORMS. An engine has
`prepare` (payloads and how many bytes they are, before the clock starts), `reset` (an empty table), `run` (all batches, each
acknowledged before the next), `count` and `summary` (see peer_check.py). `ask` answers SQL, for those that know it."""

import io
import socket
import subprocess
import time

import peer_check
import peer_rows
from peer_clickhouse import NewClickHouse, OldClickHouse  # peer_worker.py finds all engines here
from peer_duckdb import DuckDb


def total(payloads):
    return payloads, sum(map(len, payloads))


class PostgresInsert:
    """Skips duplicates and keeps the rest: the one peer that does the same work, but for the ledger."""
    types = {"uuid": "uuid NOT NULL", "u8": "smallint NOT NULL", "u16": "smallint NOT NULL",
             "u32": "integer NOT NULL", "i64": "bigint NOT NULL", "code": "text NOT NULL",
             "pseudonym": "bytea NOT NULL"}

    def __init__(self, folder, port):
        import psycopg2
        self.port = port
        self.connection = psycopg2.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres")
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()

    def prepare(self, rows, batch, of):
        return total([b"INSERT INTO ev VALUES " + peer_rows.sql_rows(part, of) + b" ON CONFLICT DO NOTHING"
                      for part in peer_rows.batches(rows, batch)])

    def reset(self, of):
        self.cursor.execute("DROP TABLE IF EXISTS ev")
        self.cursor.execute(f"CREATE TABLE ev {peer_rows.columns(self.types, of, ', UNIQUE(source, id)')}")
        self.cursor.execute("CHECKPOINT")

    def run(self, payloads):
        for payload in payloads:
            self.cursor.execute(payload)

    def summary(self, of):
        return peer_check.summary_of_table(self.ask, of)

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
        run(f"CREATE UNLOGGED TABLE ev {peer_rows.columns(self.types, (*peer_rows.COLUMNS, *more))}")
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

    def prepare(self, rows, batch, of):
        return total([peer_rows.copy_rows(part, of) for part in peer_rows.batches(rows, batch)])

    def run(self, payloads):
        for payload in payloads:
            self.cursor.copy_expert("COPY ev FROM STDIN", io.BytesIO(payload), size=1 << 20)


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

    def prepare(self, rows, batch, of):
        payloads = [(len(part), b"".join(self._command(b"XADD", b"ev", b"*", b"e", peer_rows.row_binary(line, of))
                                         for line in part)) for part in peer_rows.batches(rows, batch)]
        return payloads, sum(len(payload) for _, payload in payloads)

    def reset(self, of):
        self._call(b"FLUSHALL")

    def run(self, payloads):
        for count, payload in payloads:
            self.socket.sendall(payload)
            lines = 0
            while lines < 2 * count:  # of each entry its length and its id
                answer = self.socket.recv(1 << 20)
                if not answer or b"-ERR" in answer:
                    raise RuntimeError(f"Redis: {answer[:200]!r}")
                lines += answer.count(b"\n")

    def count(self):
        return int(self._call(b"XLEN", b"ev")[1:])

    def summary(self, of):
        return peer_check.summary_of_lines([peer_check.line_of(row, of) for row in self._stored()], of)

    def _stored(self, page=1_000):
        """The values of all entries."""
        last = b"-"
        with self.socket.makefile("rb") as replies:
            def length():
                return int(replies.readline()[1:])

            def text():
                return replies.read(length() + 2)[:-2]

            while True:
                self.socket.sendall(self._command(b"XRANGE", b"ev", last, b"+", b"COUNT", b"%d" % page))
                entries = length()
                for _ in range(entries):
                    length()  # of the pair of id and fields
                    last = b"(" + text()
                    length()  # of the pair of name and value
                    text()
                    yield text()
                if entries < page:
                    return
