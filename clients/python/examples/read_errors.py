"""Asks wrong questions and tells what the errors say to programs. Needs the modules made by clients/python/generate.sh on PYTHONPATH.

    python3 read_errors.py        token in TIDEMARK_TOKEN, address in TIDEMARK_ANALYTICS
"""
import os

import grpc
from google.rpc import error_details_pb2, status_pb2
from tidemark.analytics.v1 import analytics_service_pb2, analytics_service_pb2_grpc, query_pb2

token = [("authorization", "Bearer " + os.environ["TIDEMARK_TOKEN"])]
analytics = analytics_service_pb2_grpc.AnalyticsServiceStub(
    grpc.insecure_channel(os.environ.get("TIDEMARK_ANALYTICS", "127.0.0.1:7303")))


def details_of(error):
    """By name, such as ErrorInfo; empty where no service of Tidemark answered."""
    status = status_pb2.Status.FromString(dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b""))
    found = {}
    for detail in status.details:
        kind = getattr(error_details_pb2, detail.TypeName().removeprefix("google.rpc."), None)
        if kind is not None:
            found[kind.DESCRIPTOR.name] = kind.FromString(detail.value)
    return found


for query, size in ((query_pb2.Query(measures=[query_pb2.Measure(name="netto")]), 0),
                    (query_pb2.Query(measures=[query_pb2.Measure(name="net")]), 10**12)):
    try:
        analytics.Query(analytics_service_pb2.QueryRequest(query=query, min_log_size=size), metadata=token, timeout=10)
    except grpc.RpcError as error:
        details = details_of(error)
        reason = details["ErrorInfo"].reason if "ErrorInfo" in details else "(nobody of Tidemark answered)"
        print(f"{error.code().name} {reason}: {error.details()}")
        for violation in details.get("BadRequest", error_details_pb2.BadRequest()).field_violations:
            print(f"  {violation.field}: {violation.description}")
        if "RetryInfo" in details:
            print(f"  again in {details['RetryInfo'].retry_delay.ToTimedelta().total_seconds()} s")
