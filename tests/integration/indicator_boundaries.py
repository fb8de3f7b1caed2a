"""Which regions, members and figures count by the boundaries of a later month, for indicator_oracle. Months are counted from the year 0;
`end` is the first month that does not matter any more, None the time of each event."""

from collections import Counter
from fractions import Fraction

from indicator_world import GIVEN, GROUP, PARENT, VALID


def counts_as(region, end):
    """As what a region counts at the end of the month before `end`; itself without one."""
    while end is not None and region:
        heirs = [to for giver, to, month, weights in GIVEN if giver == region and "WHOLE" in weights and month < end]
        if not heirs:
            break
        region = heirs[0]
    return region


def above(region, end):
    """What it lies in, itself first."""
    found, region = [], counts_as(region, end)
    while region:
        found.append(region)
        region = counts_as(PARENT[region], end)
    return found


def members(month, end):
    """Of the group, as they count, by the end of a month or at the end of the month before `end`."""
    at = month if end is None else end - 1
    return {counts_as(m, end) for m, until in GROUP.items() if until is None or at < until[0] * 12 + until[1] - 1}


def region_within(region, place, month, end):
    """By the regions and groups of the end of the month before `end`, or of the month."""
    if region is None:
        return False
    around = above(region, end)
    if not place.startswith("regionGroups/"):
        return counts_as(place.removeprefix("regions/"), end) in around
    return any(member in around for member in members(month, end))


def weight(giver, to, month, kind):
    """What `to` took of a figure of the kind; None: nobody told how much."""
    weights = next(w for g, t, m, w in GIVEN if (g, t, m) == (giver, to, month))
    if "WHOLE" in weights:
        return Fraction(1)
    for basis in {"people": ["POPULATION"], "money": ["GDP", "POPULATION"], "other": ["POPULATION"], "none": []}[kind]:
        if basis in weights:
            return Fraction(weights[basis])
    return None


def is_new(region, stated):
    """It was not there at the end of the month before `stated`."""
    return VALID.get(region, (0, 0))[0] >= stated


def changed(stated, end):
    return any(stated <= month < end for _, _, month, _ in GIVEN)


def made_of(region, kind, stated, end):
    """Of which regions' figures of the boundaries at the end of the month before `stated` the figure of a region at the end of the
    month before `end` is made: {region: share}, or why there is none. From the last change back to the first."""
    shares, reason = {counts_as(region, end): Fraction(1)}, None
    for month in sorted({m for _, _, m, _ in GIVEN if stated <= m < end}, reverse=True):
        before = Counter()
        for holder, share in shares.items():
            before[holder] += share
            for giver, to, at, _ in GIVEN:
                if at != month or holder not in (giver, to):
                    continue
                part = weight(giver, to, month, kind)
                if part is None:
                    reason = "NO_WEIGHT"
                elif holder == giver:
                    before[giver] -= share * part
                else:
                    before[giver] += share * part
        shares = {r: share for r, share in before.items() if share}
    there = {r: share for r, share in shares.items() if not is_new(r, stated)} or {counts_as(region, end): Fraction(1)}
    if kind == "none" and (reason or list(there.values()) != [1]):
        reason = "NOT_ADDITIVE"
    return there, reason
