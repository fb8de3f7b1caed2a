"""Watches of an answer over a real log that grows, and which places have data when."""

import json
import unittest
from collections import defaultdict

import grpc
from tidemark.analytics.v1 import query_pb2, statistics_service_pb2, statistics_service_pb2_grpc, watch_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

import answers
from market_world import CATALOG, Market, at_level, field, month, standing
from stack import Stack

BATCH = 300
WATCHED = answers.query(["net", "consumers"], "MONTH", ["category"], comparisons=["PREV"])


def keyed(result):
    return {(r["period"], r["category"]): r for r in answers.rows(result)}


class Table:
    """What a client knows of the table it watches."""

    def __init__(self):
        self.rows, self.size, self.messages = {}, 0, 0

    def take(self, message):
        for key in keyed(message.removed):
            del self.rows[key]
        self.rows.update(keyed(message.changed))
        self.size, self.messages = message.meta.snapshot.log_size, self.messages + 1


class Watch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", "-", input=CATALOG)
        cls.events, cls.sent = Market(11, 6 * BATCH).events, 0
        cls.send()

    @classmethod
    def send(cls):
        batch = cls.events[cls.sent:cls.sent + BATCH]
        verdict = cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=batch),
                                                  metadata=cls.stack.metadata(), timeout=60).verdict
        assert verdict.accepted == len(batch), verdict
        cls.sent += len(batch)
        return verdict.first_leaf + verdict.accepted

    def test_a_thousand_watchers_all_come_to_the_answer(self):
        watchers, per_connection = 1000, 90
        # Connections with equal arguments would share one.
        channels = [grpc.insecure_channel(self.stack.address("analytics"),
                                          options=[("grpc.use_local_subchannel_pool", 1)])
                    for _ in range(-(-watchers // per_connection))]
        for channel in channels:
            self.addCleanup(channel.close)
        request = watch_pb2.WatchRequest(query=WATCHED, interval_ms=100)
        tables = [Table() for _ in range(watchers)]
        before = self.stack.rss_bytes("analytics")
        streams = [statistics_service_pb2_grpc.StatisticsServiceStub(channels[i // per_connection])
                   .Watch(request, metadata=self.stack.metadata(), timeout=90) for i in range(watchers)]
        for table, stream in zip(tables, streams):
            table.take(next(stream))
        for _ in range(2):
            size = self.send()
            # Whoever asks is not crowded out.
            answers.ask(self.stack, WATCHED)
            # One after the other: whoever is late gets what has changed in one message.
            for table, stream in zip(tables, streams):
                while table.size < size:
                    table.take(next(stream))
        grown = self.stack.rss_bytes("analytics") - before
        want, _, _ = answers.ask(self.stack, WATCHED)
        for table in tables:
            self.assertEqual(table.rows, {(r["period"], r["category"]): r for r in want})
        print(f"{watchers} watchers: {grown / 2**20:.0f} MiB more, "
              f"{sum(t.messages for t in tables) / watchers:.1f} messages each", flush=True)
        self.assertLess(grown, 200 << 20)
        for stream in streams:
            stream.cancel()

    def test_the_command_tells_the_answer_and_then_the_change(self):
        with self.stack.cli_start("watch", "net by category", "--messages", "2", "--interval", "100", "-o",
                                  "json") as watch:
            self.addCleanup(watch.kill)
            decoder, text, told = json.JSONDecoder(), "", []
            while len(told) < 2:
                line = watch.stdout.readline()
                self.assertTrue(line, "the command ended")
                text += line
                try:
                    told.append(decoder.decode(text))
                    text = ""
                except json.JSONDecodeError:
                    continue
                if len(told) == 1:
                    size = self.send()
            self.assertEqual(watch.wait(30), 0)
        self.assertGreater(told[1]["log_size"], told[0]["log_size"])
        self.assertLessEqual(told[1]["log_size"], size)
        self.assertTrue(told[0]["changed"] and told[1]["changed"])
        self.assertIn("changes of a table", self.stack.cli("watch", "net", "-o", "csv", check=False).stderr)

    def test_availability_is_what_the_events_say(self):
        told = json.loads(self.stack.cli("availability", "by month, provider_region@city", "-o", "json").stdout)
        months, events = defaultdict(set), defaultdict(int)
        for e in standing(self.events[:self.sent]):
            place = at_level(field(e, "provider_region"), "city")
            months[place].add(month(e))
            events[place] += 1
        self.assertEqual(sum(r["events"] for r in told), sum(events.values()))
        cells = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel("analytics")).GetAvailability(
            statistics_service_pb2.GetAvailabilityRequest(
                place=query_pb2.Dimension(name="provider_region", level="city")),
            metadata=self.stack.metadata(), timeout=60)
        places = {r["provider_region"]: r for r in answers.rows(cells.places)}
        self.assertEqual(set(places), set(months))
        for place, r in places.items():
            self.assertEqual((r["first_period"], r["last_period"]), (min(months[place]), max(months[place])), place)
            self.assertEqual((r["periods"], r["events"]), (len(months[place]), events[place]), place)


if __name__ == "__main__":
    unittest.main()
