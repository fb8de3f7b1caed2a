"""Reads answers of analytics: a Result as a list of rows, each a dict from column name to value."""

import decimal

from tidemark.analytics.v1 import analytics_service_pb2 as service
from tidemark.analytics.v1 import query_pb2, result_pb2


class Null:
    """A value that could not be computed, with the reason."""

    def __init__(self, reason):
        self.reason = result_pb2.NullReason.Name(reason).removeprefix("NULL_REASON_")

    def __repr__(self):
        return f"Null({self.reason})"

    def __eq__(self, other):
        return isinstance(other, Null) and other.reason == self.reason

    def __hash__(self):
        return hash(self.reason)


def member(m):
    """`gb`, `UNALLOCATED:eu` or `UNKNOWN`."""
    if m.kind == result_pb2.MEMBER_KIND_UNKNOWN:
        return "UNKNOWN"
    return ("UNALLOCATED:" if m.kind == result_pb2.MEMBER_KIND_UNALLOCATED else "") + m.code


def _values(column):
    kind = column.WhichOneof("values")
    if kind == "integers":
        values = list(column.integers.values)
    elif kind == "doubles":
        values = list(column.doubles.values)
    else:
        members = [member(m) for m in column.dictionary.members]
        values = [members[i] for i in column.dictionary.indexes]
    if column.null_reasons:
        values = [Null(reason) if reason else value for value, reason in zip(values, column.null_reasons)]
    return values


def rows(result):
    names = [column.name for column in result.columns]
    values = [_values(column) for column in result.columns]
    for name, column in zip(names, values):
        assert len(column) == result.row_count, f"{name} has {len(column)} entries, want {result.row_count}"
    return [dict(zip(names, row)) for row in zip(*values)]


def shown(number):
    """As the command line shows people a number without a unit: four decimals, half away from zero."""
    return str(decimal.Decimal(number).quantize(decimal.Decimal("0.0001"), decimal.ROUND_HALF_UP))


def units(result):
    return {column.name: column.unit for column in result.columns}


def query(measures, grain="ALL", dimensions=(), filters=(), comparisons=(), **more):
    """A Query from plain words: measures `net` or `quantile(5000)`, dimensions `category` or `consumer_region@nation`,
    filters (dimension, [codes]) or (dimension, [codes], True) to exclude."""
    q = query_pb2.Query(grain=query_pb2.Grain.Value("GRAIN_" + grain), **more)
    for text in measures:
        name, _, argument = text.rstrip(")").partition("(")
        q.measures.add(name=name, quantile=int(argument or 0))
    for text in dimensions:
        name, _, level = text.partition("@")
        q.dimensions.add(name=name, level=level)
    for f in filters:
        q.filters.add(dimension=f[0], codes=f[1], exclude=len(f) > 2 and f[2])
    q.comparisons.extend(query_pb2.Comparison.Value("COMPARISON_" + c) for c in comparisons)
    return q


def ask(stack, q, name="analytics", as_of=None, as_of_time=None, page_size=0, **more):
    """All pages of the answer: (rows, serialized results, meta of the last page). `as_of`: a log size; `as_of_time`: µs."""
    stub, token, all_rows, results = stack.analytics(name), "", [], []
    while True:
        request = service.QueryRequest(query=q, page_token=token, page_size=page_size, **more)
        if as_of is not None and not token:
            request.as_of.log_size = as_of
        if as_of_time is not None and not token:
            request.as_of.accepted_time_us = as_of_time
        answer = stub.Query(request, metadata=stack.metadata(), timeout=60)
        all_rows += rows(answer.result)
        results.append(answer.result.SerializeToString(deterministic=True))
        token = answer.meta.next_page_token
        if not token:
            return all_rows, results, answer.meta
