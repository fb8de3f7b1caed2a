"""Asks one question after the other over one open stream. Needs the modules made by clients/python/generate.sh on PYTHONPATH.

    python3 ask_many.py SOURCE YEAR        token in TIDEMARK_TOKEN, address in TIDEMARK_ANALYTICS
"""
import os
import queue
import sys

import grpc
from tidemark.analytics.v1 import analytics_service_pb2, analytics_service_pb2_grpc, query_pb2

source, year = sys.argv[1:3]
token = [("authorization", "Bearer " + os.environ["TIDEMARK_TOKEN"])]
analytics = analytics_service_pb2_grpc.AnalyticsServiceStub(
    grpc.insecure_channel(os.environ.get("TIDEMARK_ANALYTICS", "127.0.0.1:7303")))

questions = queue.Queue()
answers = analytics.ExchangeQueries(iter(questions.get, None), metadata=token)


def ask(number, query):
    questions.put(analytics_service_pb2.ExchangeQueriesRequest(
        sequence=number, request=analytics_service_pb2.QueryRequest(query=query)))
    answer = next(answers)  # when the stream ends (grpc.RpcError, UNAVAILABLE): open another and ask again
    if answer.HasField("error"):
        sys.exit(answer.error.message)
    return answer.response.result


for month in range(1, 13):
    period = query_pb2.PeriodRange(first=f"{year}-{month:02d}", last=f"{year}-{month:02d}")
    result = ask(month, query_pb2.Query(measures=[query_pb2.Measure(name="purchases")], range=period,
                                        filters=[query_pb2.Filter(dimension="source", codes=[source])]))
    purchases = next(column for column in result.columns if column.name == "purchases")
    print(f"{period.first}: {purchases.integers.values[0]}")
questions.put(None)
