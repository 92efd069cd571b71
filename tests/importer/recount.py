#!/usr/bin/env python3
"""Compares each published figure with a recount of the raw avis, by plain SQL and in exact arithmetic.

It shares nothing with the collector but the contract and the comments of the migrations: what a column holds is decoded
here a second time, formulas are written a second time, and no table of décomptes is ever read.

    python3 tests/importer/recount.py http://127.0.0.1:8080 avis.db --windows 200 --seed 1

prints how many figures were compared over how many windows, and exits 1 with a line for each difference. Nobody may give
an avis meanwhile.
"""

import argparse
import datetime
import decimal
import random
import sqlite3
import sys
from fractions import Fraction

import importer

decimal.getcontext().prec = 50

CHANNELS = 4
SMILEYS = ("pas_bien", "moyen", "tres_bien")
STEPS = ("1", "2", "3", "4", "5")
QUALITIES = ("tres_mauvaise", "mauvaise", "moyenne", "bonne", "excellente")
HELPS = ("guichet", "telephone", "email", "chat", "relative", "association", "websites", "other", "none")
MALFUNCTIONS = ("broken", "slow", "sign_in", "document", "known_data", "device", "accessibility", "other", "none")
MINIMUM = {name: 50 if name == "help_quality" else 100 for name in importer.MEANS + importer.SHARES}
POINTS = {3: (0, 5, 10), 5: (Fraction(0), Fraction(5, 2), Fraction(5), Fraction(15, 2), Fraction(10))}


# -- Counting -------------------------------------------------------------------------------------------------------


def columns():
    """Each count, with the SQL that says whether an avis adds to it. Choices are numbered from 1, ticks are bits."""
    for number, code in enumerate(SMILEYS, 1):
        yield f"satisfaction {code}", f"satisfaction = {number}"
    for question in ("clarity", "ease"):
        for number, code in enumerate(STEPS, 1):
            yield f"{question} {code}", f"{question} = {number}"
    for question, codes in (("help_tried", HELPS), ("malfunctions", MALFUNCTIONS)):
        yield f"{question} answered", f"{question} <> 0"
        for bit, code in enumerate(codes):
            yield f"{question} {code}", f"({question} >> {bit}) & 1"
    # Two bits a channel for reached, three for the quality of its help; 0 is no answer.
    for number, code in enumerate(("oui", "non"), 1):
        yield f"help_reached {code}", " + ".join(f"((help_reached >> {2 * c}) & 3 = {number})" for c in range(CHANNELS))
    for number, code in enumerate(QUALITIES, 1):
        yield f"help_quality {code}", " + ".join(f"((help_quality >> {3 * c}) & 7 = {number})" for c in range(CHANNELS))


COLUMNS = list(columns())
SUMS = ", ".join(f"total({condition})" for _, condition in COLUMNS)


def number(day):
    """A day as the database numbers it: 20260930."""
    return day.year * 10_000 + day.month * 100 + day.day


def count(database, first, last):
    """The counts of each démarche over a period, both days included: the day of an avis is in the upper half of its number."""
    bounds = (number(first) << 32, (number(last) << 32) | 0xFFFF_FFFF)
    statement = f"select demarche_id, {SUMS} from avis where avis_no between ? and ? group by demarche_id"
    names = [name for name, _ in COLUMNS]
    counted = {row[0]: dict(zip(names, map(int, row[1:]))) for row in database.execute(statement, bounds)}
    nothing = dict.fromkeys(names, 0)
    return {row[0]: counted.get(row[0], nothing) for row in database.execute("select demarche_id from demarche")}


# -- Formulas -------------------------------------------------------------------------------------------------------


def half_up(value, decimals):
    """An exact value rounded once, half up, as a decimal number."""
    scaled = value * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return decimal.Decimal(whole).scaleb(-decimals)


def rounded(value):
    """A decimal number at four decimals, half up."""
    return value.quantize(decimal.Decimal("0.0001"), decimal.ROUND_HALF_UP)


def mean_interval(counts, points):
    n, total = sum(counts), sum(c * p for c, p in zip(counts, points))
    variance = (sum(c * p * p for c, p in zip(counts, points)) - Fraction(total * total, n)) / (n - 1)
    if variance == 0:
        return None
    exact = lambda value: decimal.Decimal(Fraction(value).numerator) / Fraction(value).denominator
    mean, margin = exact(Fraction(total, n)), decimal.Decimal("1.96") * (exact(variance) / n).sqrt()
    return [rounded(max(mean - margin, decimal.Decimal(0))), rounded(min(mean + margin, decimal.Decimal(10)))]


def wilson(k, n):
    if k in (0, n):
        return None
    z, n, p = decimal.Decimal("1.96"), decimal.Decimal(n), decimal.Decimal(k) / n
    scale = 1 + z * z / n
    centre = (p + z * z / (2 * n)) / scale
    margin = z * (p * (1 - p) / n + z * z / (4 * n * n)).sqrt() / scale
    return [rounded(centre - margin), rounded(centre + margin)]


def level(figure, green, yellow):
    return "green" if figure >= green else "yellow" if figure >= yellow else "red"


def figures(counts):
    """Every indicator, as the contract wants it, from the counts of one démarche."""
    of = lambda question, codes: {code: counts[f"{question} {code}"] for code in codes}
    found = {
        "satisfaction": mean(of("satisfaction", SMILEYS), MINIMUM["satisfaction"]),
        "ease": mean(of("ease", STEPS), MINIMUM["ease"]),
        "clarity": mean(of("clarity", STEPS), MINIMUM["clarity"]),
        "help_quality": mean(of("help_quality", QUALITIES), MINIMUM["help_quality"]),
    }
    malfunctions, n = of("malfunctions", MALFUNCTIONS), counts["malfunctions answered"]
    found["malfunctions"] = share(malfunctions, n - malfunctions["none"], n, MINIMUM["malfunctions"])
    reached = of("help_reached", ("oui", "non"))
    found["help_reachable"] = share(reached, reached["oui"], sum(reached.values()), MINIMUM["help_reachable"])
    if found["help_reachable"]["percent"] is not None:
        percent = decimal.Decimal(found["help_reachable"]["percent"])
        found["help_reachable"]["level"] = level(percent, 85, 70)
    tried, n = of("help_tried", HELPS), counts["help_tried answered"]
    found["autonomy"] = share(tried, tried["none"], n, MINIMUM["autonomy"])
    return found


def mean(counts, minimum):
    n, values = sum(counts.values()), list(counts.values())
    told = {"status": status(n, minimum), "n": n, "counts": counts}
    told |= dict.fromkeys(("mean", "note", "interval", "level"))
    if n >= minimum:
        exact = Fraction(sum(c * p for c, p in zip(values, POINTS[len(values)]))) / n
        told |= {"mean": half_up(exact, 4), "note": str(half_up(exact, 1))}
        told |= {"interval": mean_interval(values, POINTS[len(values)]), "level": level(decimal.Decimal(told["note"]), 8, 5)}
    return told


def share(counts, k, n, minimum):
    told = {"status": status(n, minimum), "n": n, "counts": counts}
    told |= dict.fromkeys(("share", "percent", "interval", "level"))
    if n >= minimum:
        exact = Fraction(k, n)
        told |= {"share": half_up(exact, 4), "percent": str(half_up(exact * 100, 1)), "interval": wilson(k, n)}
    return told


def status(n, minimum):
    return "none" if n == 0 else "insufficient" if n < minimum else "published"


# -- Comparing ------------------------------------------------------------------------------------------------------


def plain(value):
    """A value as it can be compared with one of JSON: numbers as what they say, not as how they are held."""
    if isinstance(value, (float, decimal.Decimal)):
        return decimal.Decimal(repr(value) if isinstance(value, float) else value).normalize()
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value


def differences(told, counted, place):
    """A line for each figure that is not what the recount gives; and how many were compared."""
    compared, lines = 0, []
    expected = figures(counted)
    for name, indicator in expected.items():
        for member, value in indicator.items():
            compared += 1
            published = told.get(name, {}).get(member, "nothing")
            # 100 is no "100", and true no 1.
            same = plain(published) == plain(value) and isinstance(published, str) == isinstance(value, str)
            if not same:
                lines.append(f"{place} {name}.{member}: published {published}, recounted {value}")
        further = set(told.get(name, {})) - set(indicator)
        lines.extend(f"{place} {name}.{member}: published, and in no contract" for member in sorted(further))
    return compared, lines


def by_publication(name):
    """Numbers first, by value; the rest by bytes."""
    return (0, int(name), b"") if name.isdecimal() and name.isascii() else (1, 0, name.encode())


def compare(document, counted, place):
    """The same for every démarche of a document."""
    published = [demarche["id"] for demarche in document["demarches"]]
    wanted = sorted(counted, key=by_publication)
    lines = [] if published == wanted else [f"{place}: published {published}, registered {wanted}"]
    compared = 0
    for demarche in document["demarches"]:
        told = demarche.get("indicators", {})
        more, wrong = differences(told, counted.get(demarche["id"], {}), f"{place} démarche {demarche['id']}")
        compared, lines = compared + more, lines + wrong
    return compared, lines


# -- Windows --------------------------------------------------------------------------------------------------------


def last_sunday(year, month):
    end = datetime.date(year, month, 31)
    return end - datetime.timedelta(days=(end.weekday() + 1) % 7)


def end_of(day):
    """The instant at which a day of Paris ends: 22:00 UTC in summer, 23:00 in winter. The clocks change on the last
    Sundays of March and October, before that day ends."""
    summer = last_sunday(day.year, 3) <= day < last_sunday(day.year, 10)
    return datetime.datetime.combine(day, datetime.time(22 if summer else 23), datetime.timezone.utc)


def is_closed(last, now):
    return now >= end_of(last) + datetime.timedelta(hours=24)


def windows(first, last, today, how_many, seed):
    """Periods to compare: those where counting goes wrong most easily, then random ones."""
    day = datetime.timedelta(days=1)
    changes = [last_sunday(year, month) for year in range(first.year, last.year + 1) for month in (3, 10)]
    for change in (change for change in changes if first <= change <= last):
        yield from [(change, change), (change - day, change), (change, change + day), (change - 40 * day, change + 40 * day)]
    yield from [(first, last), (first, first), (last, last), (first - 400 * day, first - day)]
    # Open ones: until today, and beyond.
    yield from [(today - 30 * day, today), (first, today + 300 * day)]
    chance = random.Random(seed)
    for _ in range(how_many):
        ends = sorted(first + chance.randrange((last - first).days + 10) * day for _ in range(2))
        yield ends[0], ends[1]


def run(collector, database, how_many, seed):
    """Compares window by window; gives how many were compared, and a line for each difference."""
    low, high = database.execute("select min(avis_no) >> 32, max(avis_no) >> 32 from avis").fetchone()
    dated = lambda number: datetime.date(number // 10_000, number // 100 % 100, number % 100)
    now = datetime.datetime.now(datetime.timezone.utc)
    compared, open_ones, seen, lines = 0, 0, 0, []
    for first, last in windows(dated(low), dated(high), now.date(), how_many, seed):
        place = f"{first} to {last}"
        document = importer.read(collector, str(first), str(last))
        more, wrong = compare(document, count(database, first, last), place)
        compared, lines, seen = compared + more, lines + wrong, seen + 1
        open_ones += not document["period"]["closed"]
        if document["period"]["closed"] != is_closed(last, now):
            lines.append(f"{place}: closed is {document['period']['closed']}")
        # The same figures cut into calendar units, where that makes few.
        if seen % 5 == 0 and (last - first).days < 100:
            more, wrong = series(collector, database, first, last)
            compared, lines = compared + more, lines + wrong
    return seen, open_ones, compared, lines


def series(collector, database, first, last):
    """The months of a period, each compared."""
    document = importer.read(collector, str(first), str(last), interval="month")
    compared, lines = 0, []
    slices = {(slice["from"], slice["to"]) for demarche in document["demarches"] for slice in demarche["series"]}
    for slice in sorted(slices):
        counted = count(database, *map(datetime.date.fromisoformat, slice))
        for demarche in document["demarches"]:
            told = next(one["indicators"] for one in demarche["series"] if (one["from"], one["to"]) == slice)
            place = f"{slice[0]} to {slice[1]} démarche {demarche['id']}"
            more, wrong = differences(told, counted[demarche["id"]], place)
            compared, lines = compared + more, lines + wrong
    days = {day for slice in slices for day in slice}
    if not slices or min(days) != str(first) or max(days) != str(last):
        lines.append(f"{first} to {last}: the series holds {sorted(slices)}")
    return compared, lines


def main():
    arguments = argparse.ArgumentParser(description="Compares published figures with a recount of the raw avis.")
    arguments.add_argument("collector", help="its address, as http://127.0.0.1:8080")
    arguments.add_argument("database", help="its SQLite file")
    arguments.add_argument("--windows", type=int, default=100, help="how many random periods, besides the fixed ones")
    arguments.add_argument("--seed", type=int, default=1, help="what chance is made of")
    given = arguments.parse_args()
    database = sqlite3.connect(f"file:{given.database}?mode=ro", uri=True, isolation_level=None)
    seen, open_ones, compared, lines = run(given.collector.rstrip("/"), database, given.windows, given.seed)
    for line in lines:
        print(line)
    avis = database.execute("select count(*) from avis").fetchone()[0]
    print(f"{seen} windows ({open_ones} open) × {avis} avis: {compared} figures compared, {len(lines)} differences")
    return 1 if lines or not compared else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except importer.Refused as refused:
        sys.exit(f"recount: {refused}")
