"""DuckDB, see peer_engines.py."""

import array
import ctypes
import os
import struct
import time

import peer_check
import peer_rows
from peer_libraries import library


def strings(texts):
    """(duckdb_string_t of each text as DuckDB's vectors hold them, and what has to live as long). They are 16 bytes: a
    length, then up to 12 bytes in place, or the first 4 and a pointer to all. Made beforehand, since one call of
    duckdb_vector_assign_string_element_len per text would cost a Python client more than DuckDB itself takes."""
    longer = b"".join(text for text in texts if len(text) > 12)
    buffer = ctypes.create_string_buffer(longer, len(longer))
    at, found = ctypes.addressof(buffer), []
    for text in texts:
        if len(text) <= 12:
            found.append(struct.pack("<I12s", len(text), text))
        else:
            found.append(struct.pack("<I4sQ", len(text), text[:4], at))
            at += len(text)
    return b"".join(found), buffer


class DuckDb:
    """In process, its appender fed whole columns; a duplicate would end the whole batch."""

    types = {"uuid": "UUID", "u8": "UTINYINT", "u16": "USMALLINT", "u32": "UINTEGER", "i64": "BIGINT",
             "code": "VARCHAR", "pseudonym": "BLOB"}
    # duckdb_type
    type_numbers = {"uuid": 27, "u8": 6, "u16": 7, "u32": 8, "i64": 5, "code": 17, "pseudonym": 18}
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
        self.chunks = {}  # by `of`

    def prepare(self, rows, batch, of):
        if of not in self.chunks:
            types = (ctypes.c_void_p * len(of))(
                *(self.lib.duckdb_create_logical_type(self.type_numbers[kind]) for _, kind in of))
            self.chunks[of] = ctypes.c_void_p(self.lib.duckdb_create_data_chunk(types, len(of)))
        batches = [[self._columns(part, of) for part in peer_rows.batches(whole, self.chunk_rows)]
                   for whole in peer_rows.batches(rows, batch)]
        size = sum(len(column) + len(longer) for chunks in batches for _, chunk in chunks for column, longer in chunk)
        return (self.chunks[of], batches), size

    def _columns(self, rows, of):
        """(rows, per column its vector and the texts that it points to)."""
        found = []
        for (_, kind), column in zip(of, zip(*map(peer_rows.cells, rows))):
            if kind == "code":
                found.append(strings(column))
            elif kind == "pseudonym":
                found.append(strings([bytes.fromhex(text.decode()) for text in column]))
            elif kind == "uuid":
                words = array.array("Q")
                for text in column:
                    number = peer_rows.uuid_number(text) ^ 1 << 127
                    words.extend((number & (2**64 - 1), number >> 64))
                found.append((words.tobytes(), b""))
            else:
                found.append((array.array(peer_rows.PACKED[kind], map(int, column)).tobytes(), b""))
        return len(rows), found

    def load(self, path, question_columns, more=()):
        for sql in ("DROP TABLE IF EXISTS q", "DROP TABLE IF EXISTS ev",
                    f"CREATE TABLE ev {peer_rows.columns(self.types, (*peer_rows.COLUMNS, *more))}",
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

    def reset(self, of):
        if self.appender:
            self.lib.duckdb_appender_destroy(ctypes.byref(self.appender))
        self.ask("DROP TABLE IF EXISTS ev")
        self.ask(f"CREATE TABLE ev {peer_rows.columns(self.types, of, ', PRIMARY KEY(source, id)')}")
        self.ask("CHECKPOINT")
        self._check(self.lib.duckdb_appender_create(self.connection, None, b"ev", ctypes.byref(self.appender)))

    def _check(self, failed):
        if failed:
            raise RuntimeError(f"DuckDB: {self.lib.duckdb_appender_error(self.appender).decode()}")

    def run(self, payloads):
        lib, (chunk, batches) = self.lib, payloads
        for parts in batches:
            for count, columns in parts:
                lib.duckdb_data_chunk_reset(chunk)
                for number, (column, _) in enumerate(columns):
                    vector = lib.duckdb_data_chunk_get_vector(chunk, number)
                    ctypes.memmove(lib.duckdb_vector_get_data(vector), column, len(column))
                lib.duckdb_data_chunk_set_size(chunk, count)
                self._check(lib.duckdb_append_data_chunk(self.appender, chunk))
            self._check(lib.duckdb_appender_flush(self.appender))

    def summary(self, of):
        return peer_check.summary_of_table(self.ask, of)

    def count(self):
        return int(self.ask("SELECT count(*) FROM ev")[0][0])
