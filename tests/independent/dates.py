"""Dates as the programme counts them, in Europe/Madrid. Standard library only, no time zone database: Madrid follows the
rule of the European Union since 1996, one hour more from the last Sunday of March to the last of October, 01:00 UTC."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta, timezone

MONTH = re.compile(r"^\d{4}-\d\d$")
DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
INSTANT = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?$")


def last_sunday(year, month):
    last = date(year, month, monthrange(year, month)[1])
    return last - timedelta(days=(last.weekday() + 1) % 7)


def summer_hours(utc):
    """Hours that Madrid is ahead of UTC at an instant (a naive datetime in UTC)."""
    start, end = last_sunday(utc.year, 3), last_sunday(utc.year, 10)
    begins = datetime(start.year, start.month, start.day, 1)
    ends = datetime(end.year, end.month, end.day, 1)
    return 2 if begins <= utc < ends else 1


def naive(text):
    """A date and time without zone, seconds and their fraction optional."""
    whole, _, fraction = text.partition(".")
    moment = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S" if whole.count(":") == 2 else "%Y-%m-%dT%H:%M")
    return moment + timedelta(microseconds=int((fraction or "0").ljust(6, "0")[:6]))


def from_wall_clock(local):
    """The instant, in UTC, of what a clock in Madrid shows. A time the clock shows twice is the first of the two; one it
    never shows is as long after the last it showed as it pretends to be."""
    winter, summer = local - timedelta(hours=1), local - timedelta(hours=2)
    if summer_hours(summer) == 2:
        return summer
    return winter


class Moment:
    """When something happened, as far as it is said: `utc` for the order, `day` the calendar day in Madrid, `zoned`
    false where a time came without its zone."""

    def __init__(self, text, utc, zoned=True):
        self.text, self.utc, self.zoned = text, utc, zoned
        self.day = (utc + timedelta(hours=summer_hours(utc))).date()


def read(text):
    """A FHIR dateTime of month precision or finer; None for anything else. A day counts as its noon, a month as noon of
    its 15th."""
    if text is None:
        return None
    try:
        if MONTH.match(text):
            return Moment(text, from_wall_clock(naive(f"{text}-15T12:00")))
        if DAY.match(text):
            return Moment(text, from_wall_clock(naive(f"{text}T12:00")))
        parts = INSTANT.match(text)
        if parts is None:
            return None
        stated, zone = naive(parts.group(1)), parts.group(2)
        if zone is None:
            return Moment(text, from_wall_clock(stated), zoned=False)
        if zone == "Z":
            return Moment(text, stated)
        ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
        return Moment(text, stated - ahead if zone[0] == "+" else stated + ahead)
    except ValueError:
        return None


def zoned_text(moment):
    """A dateTime that says its zone, for comparison with one that must."""
    return moment.text if moment.zoned else moment.utc.replace(tzinfo=timezone.utc).isoformat()


def months_after(day, months):
    """The same day some months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def during(period, day):
    """Whether a period covers a day; an open end covers everything on its side."""
    period = period or {}
    start, end, text = period.get("start", "")[:10], period.get("end", "")[:10], day.isoformat()
    return (not start or start <= text[: len(start)]) and (not end or text[: len(end)] <= end)


WINDOWS = (("baseline", 0, 30), ("m3", 3, 44), ("m6", 6, 44), ("m12", 12, 60))


def visit_of(day, inclusion, with_baseline):
    """The visit nearest to its target within its bounds, and how many days from it; a tie goes to the earlier."""
    best = ("unscheduled", 0)
    if inclusion is None:
        return best
    for name, months, bound in WINDOWS:
        if name == "baseline" and not with_baseline:
            continue
        distance = abs((day - months_after(inclusion, months)).days)
        if distance <= bound and (best[0] == "unscheduled" or distance < best[1]):
            best = (name, distance)
    return best
