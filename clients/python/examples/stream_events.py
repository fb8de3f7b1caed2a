"""Streams purchases in batches and goes on where a stream ended. Needs the modules made by clients/python/generate.sh.

    python3 stream_events.py SOURCE CATEGORY        token in TIDEMARK_TOKEN, address in TIDEMARK_INGEST
"""
import os
import sys
import time

import grpc
from tidemark.ingest.v1 import event_pb2, ingest_service_pb2, ingest_service_pb2_grpc

source, category = sys.argv[1:3]
token = [("authorization", "Bearer " + os.environ["TIDEMARK_TOKEN"])]
ingest = ingest_service_pb2_grpc.IngestServiceStub(
    grpc.insecure_channel(os.environ.get("TIDEMARK_INGEST", "127.0.0.1:7301")))

# By number: sent again as they are. A request id gets its first verdict again, also in the next run: nothing counts twice.
unanswered = {}
for number in range(20):
    events = [event_pb2.Event(source=source, id=f"stream-{number}-{i}", kind=event_pb2.EVENT_KIND_PURCHASE,
                              category=category, event_time_us=1_700_000_000_000_000, amount=1999) for i in range(100)]
    batch = ingest_service_pb2.SubmitEventsRequest(events=events, request_id=f"stream-{number}")
    unanswered[number] = ingest_service_pb2.StreamEventsRequest(sequence=number, batch=batch)

accepted = known = 0
while unanswered:
    try:
        for answer in ingest.StreamEvents(iter(list(unanswered.values())), metadata=token):
            if answer.HasField("error"):
                if answer.error.code in (8, 14):  # RESOURCE_EXHAUSTED, UNAVAILABLE: comes with the next stream
                    continue
                sys.exit(answer.error.message)
            del unanswered[answer.sequence]
            accepted += answer.response.verdict.accepted
            known += len(answer.response.verdict.exceptions)
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.UNAVAILABLE:
            sys.exit(error.details())
    time.sleep(0.5 if unanswered else 0)
print(f"accepted {accepted}, not accepted {known}")
