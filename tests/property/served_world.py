"""A world sent to a running stack: catalog by ApplyResources, events by SubmitEvents in random batches."""

import time

from tidemark.catalog.v1 import catalog_service_pb2 as catalog
from tidemark.catalog.v1 import resource_pb2, types_pb2
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest
from tidemark.type.v1 import date_pb2


def validity(first, end):
    date = lambda d: d and date_pb2.Date(year=d.year, month=d.month, day=d.day)
    return date_pb2.Validity(start=date(first), end=date(end))


def resources(world):
    date = date_pb2.Date(year=world.start.year, month=world.start.month, day=world.start.day)
    yield resource_pb2.Resource(name="observatories/world", observatory=types_pb2.Observatory(
        time_zone=world.zone_name, currency="CNY", scale=2, start=date, precedence=[1, 2, 3, 4]))
    for id, (kind, first, end) in world.sources.items():
        yield resource_pb2.Resource(name=f"sources/{id}", source=types_pb2.Source(kind=kind, reports=validity(first, end)))
    for scheme in ("account", "card"):
        yield resource_pb2.Resource(name=f"identifierSchemes/{scheme}", identifier_scheme=types_pb2.IdentifierScheme(
            scheme_class="SCHEME_CLASS_ACCOUNT", normalisation="NORMALISATION_NONE"))
    for code, (level, parent, first, end) in world.regions.items():
        yield resource_pb2.Resource(name=f"regions/{code}", region=types_pb2.Region(
            level=f"REGION_LEVEL_{level.upper()}", parent=f"regions/{parent}" if parent else "", valid=validity(first, end)))
    for code, parent in world.categories.items():
        yield resource_pb2.Resource(name=f"categories/{code}", category=types_pb2.Category(
            parent=f"categories/{parent}" if parent else ""))
    for group, members in world.groups.items():
        yield resource_pb2.Resource(name=f"regionGroups/{group}", region_group=types_pb2.RegionGroup(
            members=[types_pb2.RegionGroupMember(member=m, valid=validity(a, b)) for m, a, b in members]))


def message(e):
    fields = {k: e[k] for k in ("source", "id", "consumer_region", "provider_region", "place_of_use", "category",
                                "product", "provider", "payment_method", "age_band", "income_band", "order", "amount",
                                "quantity")}
    fields["voucher_amount"] = e["voucher"]
    for field, prefix in (("kind", "EVENT_KIND_"), ("segment", "SEGMENT_"), ("channel", "CHANNEL_"),
                          ("area_type", "AREA_TYPE_"), ("reporting_role", "REPORTING_ROLE_")):
        fields[field] = prefix + e[field].upper() if e[field] else None
    if e["consumer"] is not None:
        fields["consumer"] = event_pb2.Consumer(scheme=e["consumer_scheme"], id=e["consumer"])
    if e["original"] is not None:
        fields["original"] = event_pb2.EventRef(source=e["source"], id=e["original"])
    return event_pb2.Event(event_time_us=e["event_time"], **{k: v for k, v in fields.items() if v is not None})


def serve(stack, world):
    """Sends everything; returns {event id: leaf index} and, ascending, (log size, accepted time of the last record)."""
    stack.catalog().ApplyResources(catalog.ApplyResourcesRequest(resources=list(resources(world))),
                                   metadata=stack.metadata())
    stub, leaf_of, accepted, i = stack.ingest(), {}, [], 0
    wait_for_catalog(stack, stub)
    while i < len(world.events):
        part = world.events[i:i + world.rng.choice([1, 7, 200, 900])]
        verdict = stub.SubmitEvents(ingest.SubmitEventsRequest(events=[message(e) for e in part]),
                                    metadata=stack.metadata(), timeout=30).verdict
        if verdict.accepted != len(part):
            raise AssertionError(f"not accepted: {verdict.exceptions[:3]}")
        for rank, e in enumerate(part):
            leaf_of[e["id"]] = verdict.first_leaf + rank
        i += len(part)
        status = stub.GetLogStatus(ingest.GetLogStatusRequest(), metadata=stack.metadata())
        accepted.append((status.log_size, status.accepted_time_us))
    return leaf_of, accepted


def wait_for_catalog(stack, stub):
    deadline = time.monotonic() + 20
    version = stack.catalog().ListResources(catalog.ListResourcesRequest(collection="sources"),
                                            metadata=stack.metadata()).version
    while True:
        try:
            if stub.GetLogStatus(ingest.GetLogStatusRequest(), metadata=stack.metadata()).catalog_version >= version:
                return
        except Exception:
            pass
        if time.monotonic() > deadline:
            raise RuntimeError("ingest did not load the catalog")
        time.sleep(0.05)
