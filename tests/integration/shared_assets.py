"""A stack with a shared asset, organisations that may be granted it, and events of which it shares some; for the tests of rights."""

import time
import unittest

import grpc
from google.rpc import error_details_pb2, status_pb2

from tidemark.analytics.v1 import analytics_service_pb2 as analytics
from tidemark.analytics.v1 import analytics_service_pb2_grpc
from tidemark.catalog.v1 import catalog_service_pb2 as catalog
from tidemark.catalog.v1 import grant_use_pb2 as use
from tidemark.catalog.v1 import resource_pb2, rights_pb2, types_pb2
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest
from tidemark.type.v1 import purpose_pb2, role_pb2

from answers import query
from stack import Stack, wait_until

DAY = 86_400_000_000
START = 1_704_067_200_000_000  # 2024-01-01T00:00Z
RESEARCH, COMMERCIAL = purpose_pb2.PURPOSE_RESEARCH, purpose_pb2.PURPOSE_COMMERCIAL
BOOKS = "dataAssets/books"
CATALOG = """
name: observatories/test
displayNames: {en: Test}
observatory: {timeZone: UTC, currency: CNY, scale: 2, start: 2024-01-01, precedence: [SELLER_PLATFORM]}
""" + "".join(f"""---
name: sources/{s}
displayNames: {{en: {s}}}
source: {{kind: LIVE, reports: {{start: 2024-01-01}}}}
""" for s in ("shop-a", "shop-b")) + "".join(f"""---
name: categories/{c}
displayNames: {{en: {c}}}
category: {{informationContent: DIRECT}}
""" for c in ("books", "games")) + "".join(f"""---
name: organisations/{o}
displayNames: {{en: {o}, zh: 机构}}
organisation: {{kind: ENTERPRISE}}
""" for o in ("owner", "lab", "other")) + "".join(f"""---
name: dataAssets/{a}
displayNames: {{zh: 图书消费实时数据}}
dataAsset:
  {{kind: LIVE_DATA, owner: organisations/owner, state: ACTIVE, terms: {{texts: {{zh: 仅限研究}}}},
   subjects: [sources/shop-a, categories/books]}}
""" for a in ("books", "suspended"))


def now_us():
    return time.time_ns() // 1000


def reason(error):
    """The ErrorInfo's reason of an RpcError."""
    status = status_pb2.Status.FromString(dict(error.trailing_metadata()).get("grpc-status-details-bin", b""))
    info = error_details_pb2.ErrorInfo()
    for detail in status.details:
        if detail.Unpack(info):
            return info.reason
    return ""


class SharedAssets(unittest.TestCase):
    world = CATALOG  # what is applied first

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", "-", input=cls.world)
        cls.secret = {}
        for id, role, acts_for in (("lab", "GRANTEE", "organisations/lab"), ("other", "GRANTEE", "organisations/other"),
                                   ("owner", "VIEWER", "organisations/owner"), ("auditor", "AUDITOR", ""),
                                   ("analyst", "ANALYST", "")):
            token = types_pb2.Token(principal=id, roles=[role_pb2.Role.Value("ROLE_" + role)], acts_for=acts_for)
            cls.secret[id] = cls.stack.catalog().IssueToken(catalog.IssueTokenRequest(id=id, token=token),
                                                            metadata=cls.stack.metadata()).secret
        cls.send_events()

    @classmethod
    def send_events(cls):
        """Purchases of 1, 2, 4, ... by source and category, so that a sum tells which were counted."""
        amounts = {("shop-a", "books"): 1, ("shop-a", "games"): 100, ("shop-b", "books"): 10_000}
        events = [event_pb2.Event(source=s, id=f"{c}-{i}", kind=event_pb2.EVENT_KIND_PURCHASE, category=c, amount=a,
                                  event_time_us=START + i * DAY)
                  for (s, c), a in amounts.items() for i in range(10)]
        wait_until(lambda: cls.submit(events).verdict.accepted == len(events))
        size = cls.log_status().log_size
        wait_until(lambda: cls.fold_status().snapshot.log_size >= size)

    @classmethod
    def submit(cls, events):
        return cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=events), timeout=30,
                                               metadata=cls.stack.metadata(cls.stack.token("service")))

    @classmethod
    def log_status(cls):
        return cls.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=cls.stack.metadata(), timeout=30)

    @classmethod
    def fold_status(cls):
        return cls.stack.analytics().GetFoldStatus(analytics.GetFoldStatusRequest(), metadata=cls.stack.metadata(),
                                                   timeout=30)

    @classmethod
    def apply(cls, *resources):
        return cls.stack.catalog().ApplyResources(catalog.ApplyResourcesRequest(resources=resources), timeout=30,
                                                  metadata=cls.stack.metadata()).version

    @classmethod
    def grant(cls, id, asset=BOOKS, end_in=3600.0, end_time_us=None, **more):
        grant = rights_pb2.Grant(asset=asset, grantee="organisations/lab", purposes=[RESEARCH],
                                 end_time_us=end_time_us or now_us() + int(end_in * 1e6), **more)
        return resource_pb2.Resource(name="grants/" + id, grant=grant)

    def ask(self, who="lab", asset=BOOKS, purpose=RESEARCH, q=None, **more):
        request = analytics.QueryRequest(query=q or query(["net"]), asset=asset, purpose=purpose, **more)
        with self.stack.channel("analytics") as channel:
            stub = analytics_service_pb2_grpc.AnalyticsServiceStub(channel)
            return stub.Query(request, metadata=self.stack.metadata(self.secret[who]), timeout=30)

    def refusal(self, *arguments, **more):
        """Code and reason with which the call is refused; None: it is answered."""
        try:
            self.ask(*arguments, **more)
            return None
        except grpc.RpcError as error:
            return error.code(), reason(error)

    def assert_refused(self, wanted, *arguments, **more):
        found = self.refusal(*arguments, **more)
        self.assertIsNotNone(found, f"answered; want {wanted}")
        self.assertEqual(found[1], wanted)

    def new_asset(self, id):
        """An asset of a test's own: grants of the others have no part in it."""
        asset = rights_pb2.DataAsset(kind=rights_pb2.ASSET_KIND_LIVE_DATA, owner="organisations/owner",
                                     state=rights_pb2.ASSET_STATE_ACTIVE, subjects=["sources/shop-a", "categories/books"])
        asset.terms.texts["zh"] = "仅限研究"
        return resource_pb2.Resource(name="dataAssets/" + id, data_asset=asset)

    def units(self, grant, who="admin"):
        secret = None if who == "admin" else self.secret[who]
        answer = self.stack.catalog().ListUse(use.ListUseRequest(grant="grants/" + grant), timeout=30,
                                              metadata=self.stack.metadata(secret))
        return sum(row.units for row in answer.rows)
