#!/usr/bin/env python3
"""An importer as the observatory would write it: reads the figures of all démarches in one call, in plain Python.

It takes nothing for granted: an answer of another form, of other formulas or of another period, one that is cut short,
or one that is staler than it may be, ends the import with a line that says so. An importer that writes an empty file
instead breaks in silence.

    python3 tests/importer/importer.py http://127.0.0.1:8080 2025-10-01 2026-09-30 > notes.csv
"""

import argparse
import csv
import datetime
import email.utils
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

SCHEMA = "satisfaction/1"
FORMULA = "avis-0-5-10/1"
MEANS = ("satisfaction", "ease", "clarity", "help_quality")
SHARES = ("malfunctions", "help_reachable", "autonomy")


class Refused(Exception):
    """Why nothing is imported, in one line."""


def read(collector, first, last, **filters):
    """The document of a period: every démarche, or those that the filters leave."""
    query = [("from", first), ("to", last)]
    for name, value in filters.items():
        query.extend((name, one) for one in (value if isinstance(value, list) else [value]))
    address = f"{collector}/api/v1/satisfaction?{urllib.parse.urlencode(query)}"
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            media_type = answer.headers.get_content_type()
            etag, moved = answer.headers["ETag"], answer.headers["Last-Modified"]
            body = answer.read()
    except urllib.error.HTTPError as error:
        raise Refused(f"{address}: {error.code} {told(error)}") from None
    except OSError as error:
        raise Refused(f"{address}: {error}") from None
    if media_type != "application/json":
        raise Refused(f"{address}: {media_type} is not JSON")
    if not etag or etag.startswith("W/"):
        raise Refused(f"{address}: no strong ETag")
    try:
        document = json.loads(body)
    except ValueError as error:
        raise Refused(f"{address}: {error}") from None
    check(document, first, last)
    document["moved"] = email.utils.parsedate_to_datetime(moved) if moved else None
    return document


def told(error):
    """What a refusal says: its detail and the fields that are wrong."""
    try:
        problem = json.load(error)
    except ValueError:
        return ""
    fields = [f"{field['pointer']} {field['code']}" for field in problem.get("errors", [])]
    return " ".join([problem.get("type", ""), problem.get("detail", ""), *fields])


def check(document, first, last):
    """Holds a document against what it must be before any of its figures is believed."""
    if document.get("schema") != SCHEMA:
        raise Refused(f"this importer reads {SCHEMA}, the collector sent {document.get('schema')}")
    if document.get("formula") != FORMULA:
        raise Refused(f"the formulas changed from {FORMULA} to {document.get('formula')}: a break in every series")
    period = document["period"]
    if (period["from"], period["to"], period["timezone"]) != (first, last, "Europe/Paris"):
        raise Refused(f"asked for {first} to {last}, got {period}")
    # A closed period holds no clock value; an open one tells its freshness.
    if period["closed"] == ("last_avis_at" in document):
        raise Refused(f"closed is {period['closed']}, last_avis_at is {document.get('last_avis_at', 'not there')}")
    for demarche in document["demarches"]:
        for slice in demarche.get("series", [demarche]):
            if set(slice["indicators"]) != set(MEANS + SHARES):
                raise Refused(f"démarche {demarche['id']} has the indicators {sorted(slice['indicators'])}")


def freshness(document):
    """When the figures moved last, in words."""
    if document.get("last_avis_at"):
        return f"last avis at {document['last_avis_at']}"
    return f"moved last at {document['moved']}" if document["moved"] else "no avis yet"


def stale(document, hours, now):
    """Whether an open period has not had an avis for so many hours."""
    last = document.get("last_avis_at")
    if document["period"]["closed"] or hours is None:
        return False
    return last is None or now - datetime.datetime.fromisoformat(last.replace("Z", "+00:00")) > datetime.timedelta(hours=hours)


def rows(document):
    """A row for each démarche and indicator."""
    for demarche in document["demarches"]:
        for name, indicator in demarche["indicators"].items():
            figure = indicator["note"] if name in MEANS else indicator["percent"]
            yield [demarche["id"], demarche["title"], name, indicator["status"], indicator["n"], figure, indicator["level"]]


def main():
    arguments = argparse.ArgumentParser(description="Imports the figures of all démarches in one call.")
    arguments.add_argument("collector", help="its address, as http://127.0.0.1:8080")
    arguments.add_argument("first", help="the first day, as 2025-10-01")
    arguments.add_argument("last", help="the last day, included")
    arguments.add_argument("--closed", action="store_true", help="refuse a period that is not closed")
    arguments.add_argument("--fresh", type=float, metavar="HOURS", help="refuse an open period without avis for so long")
    given = arguments.parse_args()
    document = read(given.collector.rstrip("/"), given.first, given.last)
    if given.closed and not document["period"]["closed"]:
        raise Refused(f"{given.first} to {given.last} is not closed yet")
    if stale(document, given.fresh, datetime.datetime.now(datetime.timezone.utc)):
        raise Refused(f"nothing came for {given.fresh:g} hours: {freshness(document)}")
    table = csv.writer(sys.stdout)
    table.writerow(["id", "title", "indicator", "status", "n", "figure", "level"])
    table.writerows(rows(document))
    published = sum(row[3] == "published" for row in rows(document))
    state = "closed" if document["period"]["closed"] else "open"
    print(
        f"{len(document['demarches'])} démarches, {published} published figures, {state} period, {freshness(document)}",
        file=sys.stderr,
    )


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        sys.exit(f"importer: {refused}")
