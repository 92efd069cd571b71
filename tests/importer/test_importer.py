"""The importer and the recount can fail: each figure that is wrong is found."""

import copy
import datetime
import json
import unittest

import importer
import recount


def counts(**given):
    """The counts of a démarche that has these and no others."""
    return {name: given.get(name.replace(" ", "_"), 0) for name, _ in recount.COLUMNS}


EXAMPLE = counts(
    satisfaction_pas_bien=29_488, satisfaction_moyen=60_153, satisfaction_tres_bien=199_512,
    help_reached_oui=25_144, help_reached_non=9_964,
    malfunctions_answered=120, malfunctions_none=90, malfunctions_slow=31,
    help_quality_bonne=49,
)


def document():
    """What a collector would publish of these counts."""
    told = json.loads(json.dumps(recount.figures(EXAMPLE), default=float))
    return {
        "schema": importer.SCHEMA, "formula": importer.FORMULA,
        "period": {"from": "2025-10-01", "to": "2026-09-30", "timezone": "Europe/Paris", "closed": True},
        "demarches": [{"id": "3059", "indicators": told}],
    }


class Recount(unittest.TestCase):
    def test_the_example_of_the_contract_comes_out(self):
        found = recount.figures(EXAMPLE)
        satisfaction, reached = found["satisfaction"], found["help_reachable"]
        self.assertEqual((satisfaction["n"], satisfaction["note"], satisfaction["level"]), (289_153, "7.9", "yellow"))
        self.assertEqual([float(bound) for bound in satisfaction["interval"]], [7.9279, 7.9522])
        self.assertEqual((reached["percent"], reached["level"]), ("71.6", "yellow"))
        self.assertEqual([float(bound) for bound in reached["interval"]], [0.7115, 0.7209])
        self.assertEqual((found["malfunctions"]["percent"], found["help_quality"]["status"]), ("25.0", "insufficient"))

    def test_what_is_right_has_no_difference(self):
        compared, lines = recount.compare(document(), {"3059": EXAMPLE}, "")
        self.assertEqual((compared, lines), (7 * 7, []))

    def test_each_figure_that_is_tampered_with_is_found(self):
        for name, indicator in document()["demarches"][0]["indicators"].items():
            for member, value in indicator.items():
                tampered = document()
                tampered["demarches"][0]["indicators"][name][member] = changed(value)
                _, lines = recount.compare(tampered, {"3059": EXAMPLE}, "")
                self.assertEqual(len(lines), 1, f"{name}.{member}")
                self.assertIn(f"{name}.{member}", lines[0])

    def test_a_figure_or_a_demarche_that_is_missing_is_found(self):
        without = document()
        del without["demarches"][0]["indicators"]["ease"]["interval"]
        self.assertEqual(len(recount.compare(without, {"3059": EXAMPLE}, "")[1]), 1)
        self.assertEqual(len(recount.compare(document(), {"3059": EXAMPLE, "4000": EXAMPLE}, "")[1]), 1)

    def test_a_half_is_rounded_up_and_once(self):
        half = lambda a, b, c: recount.mean(dict(zip(recount.SMILEYS, (a, b, c))), 100)["note"]
        self.assertEqual((half(75, 0, 125), half(33, 0, 167), half(313, 1_937, 4_000)), ("6.3", "8.4", "7.9"))

    def test_clocks_change_on_the_last_sundays(self):
        day = datetime.date
        self.assertEqual((recount.last_sunday(2026, 3), recount.last_sunday(2026, 10)), (day(2026, 3, 29), day(2026, 10, 25)))
        ends = [recount.end_of(day(2026, *rest)).hour for rest in ((3, 28), (3, 29), (10, 24), (10, 25))]
        self.assertEqual(ends, [23, 22, 22, 23])


def changed(value):
    """Another value of the same kind, as little away as can be."""
    if value is None:
        return 0
    if isinstance(value, dict):
        code = next(iter(value))
        return {**value, code: value[code] + 1}
    if isinstance(value, list):
        return [value[0] + 0.0001, value[1]]
    if isinstance(value, str):
        return value + "0"
    return value + (0.0001 if isinstance(value, float) else 1)


class Importer(unittest.TestCase):
    def test_a_document_of_another_form_formula_or_period_is_refused(self):
        wrong = copy.deepcopy(document())
        importer.check(wrong, "2025-10-01", "2026-09-30")
        for member, value in (("schema", "satisfaction/2"), ("formula", "avis-0-10/2")):
            with self.assertRaises(importer.Refused):
                importer.check({**wrong, member: value}, "2025-10-01", "2026-09-30")
        with self.assertRaises(importer.Refused):
            importer.check(wrong, "2025-10-02", "2026-09-30")

    def test_an_open_period_without_its_freshness_is_refused(self):
        wrong = document()
        wrong["period"]["closed"] = False
        with self.assertRaises(importer.Refused):
            importer.check(wrong, "2025-10-01", "2026-09-30")

    def test_an_open_period_is_stale_once_nothing_came_for_long(self):
        now = datetime.datetime(2026, 9, 2, 12, tzinfo=datetime.timezone.utc)
        live = document()
        live["period"]["closed"] = False
        live["last_avis_at"] = "2026-09-01T11:00:00.5Z"
        self.assertEqual((importer.stale(live, 24, now), importer.stale(live, 48, now)), (True, False))
        self.assertTrue(importer.stale({**live, "last_avis_at": None}, 48, now))
        self.assertFalse(importer.stale(document(), 1, now))


if __name__ == "__main__":
    unittest.main()
