"""Calendar periods by plain civil arithmetic on local times; shares nothing with the product."""

import datetime

GRAINS = ["HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "HALF_YEAR", "YEAR"]


def name(grain, local):
    """Name of the period that a local (zone-aware) time falls in."""
    y, m = local.year, local.month
    if grain == "HOUR":
        minutes = int(local.utcoffset().total_seconds()) // 60
        sign = "+" if minutes >= 0 else "-"
        return f"{local:%Y-%m-%dT%H}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    if grain == "DAY":
        return f"{local:%Y-%m-%d}"
    if grain == "WEEK":
        year, week, _ = local.isocalendar()
        return f"{year:04}-W{week:02}"
    if grain == "MONTH":
        return f"{y:04}-{m:02}"
    if grain == "QUARTER":
        return f"{y:04}-Q{(m - 1) // 3 + 1}"
    if grain == "HALF_YEAR":
        return f"{y:04}-H{(m - 1) // 6 + 1}"
    return f"{y:04}"


def days(grain, text):
    """(first day, day after the last) of a named period of a day or longer."""
    y = int(text[:4])
    if grain == "DAY":
        first = datetime.date.fromisoformat(text)
        return first, first + datetime.timedelta(days=1)
    if grain == "WEEK":
        first = datetime.date.fromisocalendar(y, int(text[6:]), 1)
        return first, first + datetime.timedelta(days=7)
    months = {"MONTH": 1, "QUARTER": 3, "HALF_YEAR": 6, "YEAR": 12}[grain]
    number = {"MONTH": lambda: int(text[5:]), "QUARTER": lambda: int(text[6:]), "HALF_YEAR": lambda: int(text[6:]),
              "YEAR": lambda: 1}[grain]()
    first = datetime.date(y, (number - 1) * months + 1, 1)
    return first, add_months(first, months)


def add_months(date, months):
    index = date.year * 12 + date.month - 1 + months
    return datetime.date(index // 12, index % 12 + 1, 1)


def before(grain, text):
    """Name of the period before, for a day or longer."""
    first, _ = days(grain, text)
    last = first - datetime.timedelta(days=1)
    return name(grain, datetime.datetime(last.year, last.month, last.day))


def year_earlier(grain, text):
    """Name of the same period a year earlier; None when there is none (29 February)."""
    y = int(text[:4])
    if grain == "DAY":
        try:
            return datetime.date.fromisoformat(text).replace(year=y - 1).isoformat()
        except ValueError:
            return None
    if grain == "WEEK":
        week = int(text[6:])
        if week == 53:
            try:
                datetime.date.fromisocalendar(y - 1, 53, 1)
            except ValueError:
                week = 52
        return f"{y - 1:04}-W{week:02}"
    return f"{y - 1:04}{text[4:]}"
