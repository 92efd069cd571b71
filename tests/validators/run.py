#!/usr/bin/env python3
"""Holds what the collector publishes for programs against programs of others: its OpenAPI document against schemathesis,
its tables against frictionless, its catalogue against an RDF library.

    python run.py target/release/collector

runs in a virtual environment with the packages of requirements.txt, on a demo database of its own. `cargo xtask test`
makes that environment. Prints a line for each check, and exits 1 if one failed.
"""

import argparse
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request

import frictionless
import rdflib
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF

HERE = pathlib.Path(__file__).parent
DEMO = ["demo", "--demarches", "3", "--avis", "3000", "--seed", "1", "--until", "2025-12-31"]
YEAR = "from=2025-01-01&to=2025-12-31"
LICENCE = rdflib.URIRef("https://www.etalab.gouv.fr/licence-ouverte-open-licence")
IN_SERIES = rdflib.URIRef("http://www.w3.org/ns/dcat#inSeries")
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
AUTHORITY = "http://publications.europa.eu/resource/authority/"


class Collector:
    """The real binary on a demo database, with a frozen edition and a key."""

    def __init__(self, binary, folder):
        self.run = lambda *words: subprocess.run(
            [binary, *words, "--database", f"sqlite://{folder}/demo.db"], check=True, capture_output=True, text=True
        )
        self.run(*DEMO)
        self.run("demarche", "set", "--id", "1003", "--title", 'Une « démarche », à "guillemets"')
        self.run("edition", "freeze", "2025-T4")
        self.run("edition", "erratum", "2025-T4", "--text", "Un erratum.")
        self.key = re.search(r"avis_[\w-]+", self.run("key", "create", "--scope", "admin").stdout)[0]
        self.folder = folder
        serve = [binary, "serve", "--limits", "off", "--listen", "127.0.0.1:0", "--publisher", "Direction des essais"]
        self.process = subprocess.Popen(
            [*serve, "--database", f"sqlite://{folder}/demo.db", "--log", "warn"],
            stdout=subprocess.PIPE, stderr=open(f"{folder}/log", "w"), text=True,
        )
        self.address = self.process.stdout.readline().strip()

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=30) as answer:
            return answer.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


def schemathesis(collector, phases, examples, seed, **environment):
    """Generated requests: none may be answered otherwise than the document says."""
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"),
        "run", f"{collector.address}/api/openapi.json", "--phases", phases, "--max-examples", str(examples),
        "--seed", str(seed), "--no-color",
    ]
    environment = {
        **os.environ, **environment, "PYTHONPATH": str(HERE),
        "AVIS_ADMIN_KEY": collector.key, "AVIS_COLLECTOR_ADDRESS": collector.address,
    }
    ran = subprocess.run(command, env=environment, cwd=collector.folder, capture_output=True, text=True)
    cases = re.search(r"(\d+) generated, (.*)", ran.stdout)
    if ran.returncode or not cases or int(cases[1]) == 0:
        raise AssertionError(ran.stdout + ran.stderr)
    operations = re.search(r"Tested: (\d+)", ran.stdout)
    selected = re.search(r"Selected: (\d+)/(\d+)", ran.stdout)
    assert selected and operations and selected[1] == selected[2] == operations[1], ran.stdout
    return f"{cases[1]} cases on {operations[1]} operations, 0 failures"


def table_schema(collector):
    """The schema itself, and each table that is published under it."""
    schema = frictionless.Schema.from_descriptor(json.loads(collector.get("/schemas/satisfaction.json")))
    tables = [
        f"/api/v1/satisfaction?{YEAR}&format=csv",
        f"/api/v1/satisfaction?{YEAR}&format=csv&interval=day",
        # Without avis: every figure is empty.
        "/api/v1/satisfaction?from=2019-01-01&to=2019-12-31&format=csv",
        "/api/v1/editions/2025-T4.csv",
    ]
    rows = 0
    for number, table in enumerate(tables):
        path = pathlib.Path(collector.folder, f"table-{number}.csv")
        path.write_bytes(collector.get(table))
        rows += holds(path, schema)
    # It can fail: a figure out of bounds, a code that there is not, a cell that may not be empty.
    text = path.read_text()
    for wrong in (
        text.replace(",published,", ",invented,", 1), text.replace(",7.8,", ",17.8,", 1), text.replace("pas_bien=", "bien=", 1),
    ):
        assert wrong != text
        path.write_text(wrong, newline="")
        try:
            holds(path, schema)
        except AssertionError:
            continue
        raise AssertionError("a wrong table was taken for a right one")
    return f"{len(tables)} tables, {rows} rows"


def holds(path, schema):
    resource = frictionless.Resource(path=path.name, basepath=str(path.parent), schema=schema.to_copy())
    report = frictionless.validate(resource)
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "message"])[:5]
    return report.tasks[0].stats["rows"]


def catalogue(collector):
    """The triples that a data portal looks for, and that each address of the catalogue answers."""
    graph = rdflib.Graph().parse(data=collector.get("/catalogue.jsonld"), format="json-ld")
    one = lambda kind: only(graph.subjects(RDF.type, kind))
    found = one(DCAT.Catalog)
    assert str(found) == f"{collector.address}/catalogue.jsonld", found
    publisher = only(graph.objects(found, DCTERMS.publisher))
    assert str(only(graph.objects(publisher, FOAF.name))) == "Direction des essais"
    datasets = list(graph.objects(found, DCAT.dataset))
    distributions, digests = [], 0
    for dataset in [found, *datasets]:
        for needed in (DCTERMS.title, DCTERMS.description, DCTERMS.publisher):
            assert list(graph.objects(dataset, needed)), f"{dataset} has no {needed}"
    frequencies = {str(one) for dataset in datasets for one in graph.objects(dataset, DCTERMS.accrualPeriodicity)}
    assert frequencies == {f"{AUTHORITY}frequency/DAILY", f"{AUTHORITY}frequency/QUARTERLY"}, frequencies
    edition = only(graph.subjects(IN_SERIES, None))
    assert edition in datasets and "#2025-T4" in str(edition), edition
    starts = [str(start) for period in graph.subjects(RDF.type, DCTERMS.PeriodOfTime) for start in graph.objects(period, DCAT.startDate)]
    assert "2024-11-01" in starts, starts
    for distribution in graph.subjects(RDF.type, DCAT.Distribution):
        assert only(graph.objects(distribution, DCTERMS.license)) == LICENCE
        media_type = str(only(graph.objects(distribution, DCAT.mediaType))).removeprefix("http://www.iana.org/assignments/media-types/")
        address = str(only(graph.objects(distribution, DCAT.downloadURL)))
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert answer.headers.get_content_type() == media_type, address
            content = answer.read()
        assert len(content) > 100, address
        for checksum in graph.objects(distribution, SPDX.checksum):
            assert str(only(graph.objects(checksum, SPDX.checksumValue))) == hashlib.sha256(content).hexdigest(), address
            digests += 1
        distributions.append(media_type)
    assert len(distributions) == 5 and digests == 3, (distributions, digests)
    service = one(DCAT.DataService)
    for property in (DCAT.endpointDescription, FOAF.page):
        urllib.request.urlopen(str(only(graph.objects(service, property))), timeout=30).close()
    return f"{len(graph)} triples, {len(datasets)} datasets, {len(distributions)} distributions, each answered"


def only(values):
    values = list(values)
    assert len(values) == 1, values
    return values[0]


def main():
    arguments = argparse.ArgumentParser(description="Holds what the collector publishes against programs of others.")
    arguments.add_argument("collector", help="the binary")
    arguments.add_argument("--examples", type=int, default=40, help="how many generated requests for each operation")
    arguments.add_argument("--seed", type=int, default=1, help="what chance is made of")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        collector = Collector(str(pathlib.Path(given.collector).resolve()), folder)
        checks = [
            ("schemathesis, examples and every constraint", lambda: schemathesis(collector, "examples,coverage", given.examples, given.seed)),
            ("schemathesis, at random and in sequence", lambda: schemathesis(collector, "fuzzing,stateful", given.examples, given.seed, AVIS_WITHOUT_CONDITIONS="1")),
            ("frictionless, the tables", lambda: table_schema(collector)),
            ("rdflib, the catalogue", lambda: catalogue(collector)),
        ]
        failed = 0
        try:
            for name, check in checks:
                try:
                    print(f"✓ {name}: {check()}", flush=True)
                except Exception as error:
                    failed += 1
                    print(f"✗ {name}: {type(error).__name__} {error}", flush=True)
        finally:
            collector.stop()
        if failed:
            print(pathlib.Path(folder, "log").read_text()[-3000:])
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
