"""Sends two purchases and asks for the total. Needs the modules made by clients/python/generate.sh on PYTHONPATH.

    python3 send_and_ask.py SOURCE CATEGORY        token in TIDEMARK_TOKEN, addresses in TIDEMARK_INGEST and TIDEMARK_ANALYTICS
"""
import os
import sys

import grpc
from tidemark.analytics.v1 import analytics_service_pb2, analytics_service_pb2_grpc, query_pb2
from tidemark.ingest.v1 import event_pb2, ingest_service_pb2, ingest_service_pb2_grpc

source, category = sys.argv[1:3]
token = [("authorization", "Bearer " + os.environ["TIDEMARK_TOKEN"])]
ingest = ingest_service_pb2_grpc.IngestServiceStub(
    grpc.insecure_channel(os.environ.get("TIDEMARK_INGEST", "127.0.0.1:7301")))
analytics = analytics_service_pb2_grpc.AnalyticsServiceStub(
    grpc.insecure_channel(os.environ.get("TIDEMARK_ANALYTICS", "127.0.0.1:7303")))

events = [event_pb2.Event(source=source, id=f"python-{i}", kind=event_pb2.EVENT_KIND_PURCHASE, category=category,
                          event_time_us=1_700_000_000_000_000, amount=1999, quantity=1) for i in (1, 2)]
verdict = ingest.SubmitEvents(ingest_service_pb2.SubmitEventsRequest(events=events), metadata=token, timeout=10).verdict
print(f"accepted {verdict.accepted} of {len(events)}")
for exception in verdict.exceptions:  # sent again: DUPLICATE, and nothing counts twice
    print(f"event {exception.position}: kind {exception.kind} {exception.status.message}")

size = max([verdict.first_leaf + verdict.accepted] + [e.leaf + 1 for e in verdict.exceptions])
query = query_pb2.Query(measures=[query_pb2.Measure(name="gross"), query_pb2.Measure(name="purchases")],
                        filters=[query_pb2.Filter(dimension="source", codes=[source])])
answer = analytics.Query(analytics_service_pb2.QueryRequest(query=query, min_log_size=size), metadata=token, timeout=10)
for column in answer.result.columns[:2]:
    print(f"{column.name}: {column.integers.values[0] / 10**column.decimals:,.2f} {column.unit}")
