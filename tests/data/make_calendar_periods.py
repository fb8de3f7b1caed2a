"""Writes calendar_periods.tsv: what Python's datetime and zoneinfo say about periods.

Columns: zone, time (s since 1970), grain, name, start (s), end (s). Bounds are found by walking the
clock minute by minute, so nothing here resembles the calendar under test.

    python3 tests/data/make_calendar_periods.py > tests/data/calendar_periods.tsv
"""
import datetime
import functools
import random
import zoneinfo

UTC = datetime.timezone.utc
ZONES = {
    "Asia/Shanghai": [(1986, 1992), (2019, 2026)],
    "Europe/London": [(1967, 1973), (2009, 2027)],
    "Asia/Kathmandu": [(1985, 1987), (2020, 2025)],
    "America/Sao_Paulo": [(2008, 2020)],
    "America/St_Johns": [(2005, 2012)],
    "America/New_York": [(2005, 2026)],
    "Australia/Lord_Howe": [(2015, 2026)],
    "Pacific/Apia": [(2010, 2014)],
    "Pacific/Kiritimati": [(1993, 1996)],
    "Africa/Cairo": [(2008, 2015), (2022, 2026)],
    "UTC": [(1999, 2005)],
}


def local(zone, second):
    return datetime.datetime.fromtimestamp(second, UTC).astimezone(zone)


@functools.lru_cache(maxsize=None)
def start_of_day(zone, date):
    # First minute at which the clock has reached the date.
    midnight = int(datetime.datetime(date.year, date.month, date.day, tzinfo=UTC).timestamp())
    second = midnight - 16 * 3600
    while local(zone, second).date() < date:
        second += 60
    return second


def first_date(grain, date):
    if grain == "week":
        return date - datetime.timedelta(days=date.isoweekday() - 1)
    months = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
    if grain in months:
        n = months[grain]
        return date.replace(month=(date.month - 1) // n * n + 1, day=1)
    return date


def next_date(grain, date):
    if grain == "day":
        return date + datetime.timedelta(days=1)
    if grain == "week":
        return date + datetime.timedelta(days=7)
    months = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}[grain]
    month = date.month - 1 + months
    return datetime.date(date.year + month // 12, month % 12 + 1, 1)


def name_of(grain, date):
    if grain == "day":
        return date.isoformat()
    if grain == "week":
        year, week, _ = date.isocalendar()
        return f"{year:04d}-W{week:02d}"
    if grain == "month":
        return f"{date.year:04d}-{date.month:02d}"
    if grain == "quarter":
        return f"{date.year:04d}-Q{(date.month + 2) // 3}"
    if grain == "half_year":
        return f"{date.year:04d}-H{1 if date.month <= 6 else 2}"
    return f"{date.year:04d}"


def day_period(zone, second, grain):
    date = local(zone, second).date()
    # A clock set back just past midnight shows the day before once more.
    while second >= start_of_day(zone, date + datetime.timedelta(days=1)):
        date += datetime.timedelta(days=1)
    first = first_date(grain, date)
    return (name_of(grain, first), start_of_day(zone, first),
            start_of_day(zone, next_date(grain, first)))


def hour_period(zone, second):
    def key(s):
        t = local(zone, s)
        return t.date(), t.hour, t.utcoffset()
    minute = second - second % 60
    start = minute
    while key(start - 60) == key(minute):
        start -= 60
    end = minute + 60
    while key(end) == key(minute):
        end += 60
    t = local(zone, minute)
    text = t.strftime("%Y-%m-%dT%H%z")
    return text[:-2] + ":" + text[-2:], start, end


def probes(zone, spans, rng):
    for first, last in spans:
        begin = int(datetime.datetime(first, 1, 1, tzinfo=UTC).timestamp())
        end = int(datetime.datetime(last, 1, 1, tzinfo=UTC).timestamp())
        for second in range(begin, end, 3600):
            if local(zone, second).utcoffset() != local(zone, second + 3600).utcoffset():
                for shift in (-25 * 3600, -3600, -1, 0, 1800, 3599, 7200):
                    yield second + shift
        for year in range(first, last):
            for month, day in ((1, 1), (12, 31), (2, 28)):
                yield int(datetime.datetime(year, month, day, 12, tzinfo=UTC).timestamp())
        for _ in range(15):
            yield rng.randrange(begin, end)


def main():
    rng = random.Random(53)
    for name, spans in ZONES.items():
        zone = zoneinfo.ZoneInfo(name)
        for second in sorted(set(probes(zone, spans, rng))):
            grain = rng.choice(["week", "month", "quarter", "half_year", "year"])
            for g in ("hour", "day", grain):
                period = hour_period(zone, second) if g == "hour" else day_period(zone, second, g)
                print(name, second, g, *period, sep="\t")


main()
