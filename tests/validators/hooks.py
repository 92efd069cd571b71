"""What generated requests need to be meant: names that exist, days in their order, a token that goes with its avis.

Nothing here touches a request that is wrong on purpose.
"""

import copy
import datetime
import json
import os
import uuid

import jsonschema
import requests
import schemathesis

COLLECTOR = os.environ["AVIS_COLLECTOR_ADDRESS"]
DEMARCHE = "1001"
AVIS, ONE_AVIS, SATISFACTION = "/api/v1/avis", "/api/v1/avis/{id}", "/api/v1/satisfaction"
# An answer to every question, so that a change of any of them can be meant.
WHOLE = {
    "satisfaction": "moyen", "help_tried": ["guichet", "telephone", "email", "chat", "other"], "help_tried_other": "a neighbour",
    "help_reached": dict.fromkeys(("guichet", "telephone", "email", "chat"), "oui"),
    "malfunctions": ["other"], "malfunctions_other": "a button",
}

document = {}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Generators cannot draw answers that keep to the conditions of the questionnaire: these are taken out for them, and
    put to use in a check of their own."""
    document.update(copy.deepcopy(raw_schema))
    if "AVIS_WITHOUT_CONDITIONS" in os.environ:
        del raw_schema["components"]["schemas"]["Answers"]["allOf"]


@schemathesis.hook
def before_call(context, case, **kwargs):
    path = case.operation.path
    if path == AVIS and case.headers and is_uuid(case.headers.get("Idempotency-Key", "")):
        # A key is used once: the same one with another body is another error than the one that is looked for.
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if not is_meant(case):
        return
    if path == AVIS and isinstance(case.body, dict):
        case.body["demarche"] = DEMARCHE
        case.body.pop("bouton", None)
    elif path.endswith("/satisfaction"):
        in_order(case.query)
        if "{id}" in path:
            case.path_parameters["id"] = DEMARCHE
    elif path.startswith("/api/v1/editions/"):
        case.path_parameters["edition"] = "2025-T4"
    elif path.startswith("/api/trpc/"):
        # Two bounds in a dozen spellings have no order that is seen: one of them is tried.
        case.query["input"] = without_start(case.query["input"])
    elif path == "/api/open-api/statistiques" and isinstance(case.body, dict) and "start_date" in case.body:
        case.body["start_date"] = "0001-01-01"


@schemathesis.auth(refresh_interval=None).apply_to(path=ONE_AVIS)
class OfAnAvis:
    """A token of an avis that exists: the one by which it is changed, or the receipt by which it is withdrawn."""

    def get(self, case, context):
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        avis = {"demarche": DEMARCHE, "answers": WHOLE}
        return requests.post(f"{COLLECTOR}{AVIS}", json=avis, headers=headers, timeout=10).json()

    def set(self, case, avis, context):
        token = avis["edit_token"] if case.method.upper() == "PATCH" else avis["receipt"]
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {token}"
        if is_meant(case):
            case.path_parameters["id"] = avis["id"]


@schemathesis.check
def takes_what_the_schema_takes(context, response, case):
    """Answers are refused exactly if the whole schema of an avis refuses them, its conditions included."""
    if case.operation.path != AVIS or not is_meant(case) or not isinstance(case.body, dict):
        return
    schema = {"$ref": "#/components/schemas/AvisDraft", "components": document["components"]}
    is_valid = jsonschema.Draft202012Validator(schema).is_valid(case.body)
    is_refused = response.status_code == 422 and response.json()["type"] == "/problems/invalid-avis"
    assert is_valid != is_refused, f"the schema says {is_valid}, the collector {response.status_code}: {case.body}"


def is_meant(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


def is_uuid(text):
    try:
        return len(str(text).strip('"')) == 36 and bool(uuid.UUID(str(text).strip('"')))
    except ValueError:
        return False


def without_start(asked):
    """The question of the observatory, which may be written as it goes into an address already."""
    value = json.loads(asked) if isinstance(asked, str) else asked
    value["json"].pop("start_date", None)
    return json.dumps(value) if isinstance(asked, str) else value


def in_order(query):
    """The bounds of a period, the first one first, and not so far apart that a series has too many units."""
    try:
        first, last = sorted(datetime.date.fromisoformat(query[name]) for name in ("from", "to"))
    except (KeyError, TypeError, ValueError):
        return
    if "interval" in query and (last - first).days > 3_000:
        last = min(first, datetime.date(9_980, 1, 1)) + datetime.timedelta(days=3_000)
        first = last - datetime.timedelta(days=3_000)
    query["from"], query["to"] = first.isoformat(), last.isoformat()
