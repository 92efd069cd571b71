//! Every figure of `answer.getObservatoireStats` held against a recount of the raw avis by plain SQL, which knows
//! nothing of décomptes: `AVIS_RECOUNT_AVIS=1000000 AVIS_RECOUNT_DEMARCHES=250 cargo test --release -p tests --test api
//! -- recount --nocapture` for as many as a year has.

use std::collections::HashMap;

use collector::day::Day;
use futures_util::{StreamExt, stream};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, FromRow};
use tests::TestCollector;

use crate::helpers::Answer;

/// The demo's last day: its 400 days hold two autumn changes of the clock and the spring one between them.
const UNTIL: Day = Day::constant(2026, 11, 20);
const FIRST: Day = Day::constant(2025, 10, 17);

/// How far a figure may be off.
const TOLERANCE: f64 = 1e-12;

/// As the importer: two at a time.
const AT_ONCE: usize = 2;

/// What the avis of a démarche, day and bouton add up to. Choices are numbered from 1, ticks are bits, answers per
/// channel take two and three bits a channel; points count in units of 2.5.
const RECOUNT: &str = "create temp table recount as
    with channel (place) as (values (0), (1), (2), (3)),
    answered as (
        select avis_no,
            sum((help_reached >> place * 2 & 3) = 1) as reached, sum((help_reached >> place * 2 & 3) = 2) as missed,
            sum((help_quality >> place * 3 & 7) > 0) as qualities,
            sum(max((help_quality >> place * 3 & 7) - 1, 0)) as quality
        from avis cross join channel group by avis_no
    )
    select demarche_id, avis_no >> 32 as day, bouton_id,
        count(*) as satisfactions, sum((satisfaction - 1) * 2) as satisfaction,
        count(clarity) as clarities, sum(coalesce(clarity - 1, 0)) as clarity,
        sum(reached) as reached, sum(missed) as missed, sum(qualities) as qualities, sum(quality) as quality,
        sum(help_tried > 0) as tried, sum(help_tried >> 8 & 1) as alone
    from avis join answered using (avis_no) group by 1, 2, 3";

const SUM: &str =
    "select coalesce(sum(satisfactions), 0) as satisfactions, coalesce(sum(satisfaction), 0) as satisfaction,
        coalesce(sum(clarities), 0) as clarities, coalesce(sum(clarity), 0) as clarity,
        coalesce(sum(reached), 0) as reached, coalesce(sum(missed), 0) as missed,
        coalesce(sum(qualities), 0) as qualities, coalesce(sum(quality), 0) as quality,
        coalesce(sum(tried), 0) as tried, coalesce(sum(alone), 0) as alone
    from recount where demarche_id = $1 and day between $2 and $3 and ($4 is null or bouton_id = $4)";

#[derive(FromRow)]
struct Sums {
    satisfactions: i32,
    satisfaction: i32,
    clarities: i32,
    clarity: i32,
    reached: i32,
    missed: i32,
    qualities: i32,
    quality: i32,
    tried: i32,
    alone: i32,
}

impl Sums {
    /// Each figure with its count, by their names in the answer.
    fn figures(&self) -> [(&'static str, f64, &'static str, i32); 6] {
        let over = |sum: f64, n: i32| if n == 0 { 0.0 } else { sum / f64::from(n) };
        let points = |sum: i32, n: i32| over(2.5 * f64::from(sum), n);
        let (contact, reach) = (self.qualities + self.missed, self.reached + self.missed);
        [
            (
                "satisfaction",
                points(self.satisfaction, self.satisfactions),
                "satisfaction_count",
                self.satisfactions,
            ),
            ("comprehension", points(self.clarity, self.clarities), "comprehension_count", self.clarities),
            ("contact", points(self.quality, contact), "contact_count", contact),
            (
                "contact_reachability",
                over(f64::from(self.reached), reach),
                "contactReachability_count",
                reach,
            ),
            (
                "contact_satisfaction",
                points(self.quality, self.qualities),
                "contactSatisfaction_count",
                self.qualities,
            ),
            ("autonomy", over(10.0 * f64::from(self.alone), self.tried), "autonomy_count", self.tried),
        ]
    }
}

/// A question and what the recount says.
struct Case {
    json: Value,
    expected: Sums,
}

fn number_from(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// All days, the clock changes, a day before the first, and two windows of chance.
fn windows(chance: &mut ChaCha8Rng) -> Vec<(Day, Day)> {
    let mut windows = vec![
        (FIRST, UNTIL),
        (Day::constant(2025, 11, 1), Day::constant(2026, 10, 31)),
        (Day::constant(2026, 3, 29), Day::constant(2026, 3, 29)),
        (Day::constant(2025, 10, 26), Day::constant(2026, 10, 25)),
        (FIRST.plus(-40), FIRST.plus(-1)),
    ];
    for _ in 0..2 {
        let from = chance.random_range(0..400);
        let to = chance.random_range(from..400);
        windows.push((FIRST.plus(from), FIRST.plus(to)));
    }
    windows
}

/// Each way to say from which to which day.
fn spellings(from: Day, to: Day) -> Vec<(Value, Value)> {
    let midnight = |day| i64::from(Day::constant(1970, 1, 1).days_until(day)) * 86_400_000;
    let (first, last) = (midnight(from), midnight(to.plus(1)) - 1);
    let (begins, ends) = (from.plus(-1).end().as_millisecond(), to.end().as_millisecond() - 1);
    vec![
        (json!(from.to_string()), json!(to.to_string())),
        (json!(format!("{from}T00:00:00.000Z")), json!(format!("{to}T23:59:59.999Z"))),
        (json!(first), json!(last)),
        (json!(first.to_string()), json!(last.to_string())),
        (json!(begins), json!(ends)),
        (json!(begins.to_string()), json!(ends.to_string())),
        (json!(from.plus(-1).end().to_string()), json!(last.to_string())),
    ]
}

/// The questions about one démarche.
async fn cases(
    recount: &mut SqliteConnection,
    id: &str,
    aliases: &[&str],
    boutons: &[String],
    chance: &mut ChaCha8Rng,
) -> Vec<Case> {
    let number: u64 = id.parse().unwrap();
    let form = aliases.iter().find_map(|alias| alias.strip_prefix("form:")).unwrap();
    let mut names = vec![json!({"product_id": number}), json!({"product_id": id})];
    names.push(json!({"product_id": number, "form_id": form.parse::<u64>().unwrap()}));
    if let Some(former) = aliases.iter().find_map(|alias| alias.strip_prefix("xwiki:")) {
        names.push(json!({"product_id": former.parse::<u64>().unwrap(), "isXWiki": true}));
    }
    let mut cases = Vec::new();
    let mut turn = 0;
    for (from, to) in windows(chance) {
        let through = boutons.iter().map(Some).chain([None]);
        for bouton in through {
            for (start, end) in spellings(from, to) {
                turn += 1;
                let mut json: Value = names[turn % names.len()].clone();
                (json["start_date"], json["end_date"]) = (start, end);
                if let Some(bouton) = bouton {
                    json["button_id"] =
                        bouton.parse::<u64>().map_or_else(|_| json!(bouton), |number| json!(number));
                }
                let expected = sqlx::query_as(SUM)
                    .bind(id)
                    .bind(from.number())
                    .bind(to.number())
                    .bind(bouton)
                    .fetch_one(&mut *recount)
                    .await
                    .unwrap();
                cases.push(Case { json, expected });
            }
        }
    }
    let all = sqlx::query_as(SUM).bind(id).bind(0).bind(99_999_999).bind(None::<String>);
    cases.push(Case {
        json: json!({"product_id": id}),
        expected: all.fetch_one(&mut *recount).await.unwrap(),
    });
    cases
}

/// What in an answer is not as it was recounted.
fn differences(case: &Case, answer: &Answer) -> Vec<String> {
    if answer.status != 200 {
        return vec![format!("{}: {answer:?}", case.json)];
    }
    let answered = &answer.json()["result"]["data"]["json"];
    let mut differences = Vec::new();
    for (name, value, count_name, count) in case.expected.figures() {
        let (found, n) = (&answered["data"][name], &answered["metadata"][count_name]);
        if !found.as_f64().is_some_and(|found| (found - value).abs() <= TOLERANCE) || *n != json!(count) {
            differences.push(format!("{}: {name} is {found} of {n}, and not {value} of {count}", case.json));
        }
    }
    differences
}

#[tokio::test]
async fn every_figure_of_every_demarche_is_that_of_a_recount() {
    let avis = number_from("AVIS_RECOUNT_AVIS", 20_000);
    let demarches = number_from("AVIS_RECOUNT_DEMARCHES", 12);
    let mut collector = TestCollector::stopped(&[]);
    let until = UNTIL.to_string();
    let (wanted_avis, wanted_demarches) = (avis.to_string(), demarches.to_string());
    collector.run(&["demo", "--avis", &wanted_avis, "--demarches", &wanted_demarches, "--until", &until]);
    collector.serve().await;
    let file: SqliteConnectOptions = collector.database().parse().unwrap();
    let mut recount = SqliteConnection::connect_with(&file).await.unwrap();
    sqlx::query(RECOUNT).execute(&mut recount).await.unwrap();
    sqlx::query("create index recount_by_demarche on recount (demarche_id, day)")
        .execute(&mut recount)
        .await
        .unwrap();
    let mut boutons: HashMap<String, Vec<String>> = HashMap::new();
    let rows: Vec<(String, String)> =
        sqlx::query_as("select demarche_id, bouton_id from bouton order by bouton_id")
            .fetch_all(&mut recount)
            .await
            .unwrap();
    for (demarche, bouton) in rows {
        boutons.entry(demarche).or_default().push(bouton);
    }

    let catalogue = Answer::of(collector.get("/api/v1/demarches")).await.json();
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    let (mut compared, mut empty, mut different) = (0, 0, Vec::new());
    for demarche in catalogue["demarches"].as_array().unwrap() {
        let id = demarche["id"].as_str().unwrap();
        let aliases: Vec<&str> =
            demarche["aliases"].as_array().unwrap().iter().map(|alias| alias.as_str().unwrap()).collect();
        let boutons = boutons.remove(id).unwrap_or_default();
        let cases = cases(&mut recount, id, &aliases, &boutons, &mut chance).await;
        let answers: Vec<_> = stream::iter(&cases)
            .map(|case| {
                let input = json!({ "json": case.json }).to_string();
                Answer::of(collector.get("/api/trpc/answer.getObservatoireStats").query(&[("input", input)]))
            })
            .buffered(AT_ONCE)
            .collect()
            .await;
        for (case, answer) in cases.iter().zip(&answers) {
            compared += 1;
            empty += usize::from(case.expected.satisfactions == 0);
            different.extend(differences(case, answer));
        }
    }

    println!(
        "{compared} questions about {} démarches with {avis} avis, six figures and six counts each, {empty} of them \
         without avis: {} differences",
        catalogue["demarches"].as_array().unwrap().len(),
        different.len()
    );
    assert!(compared > 0 && empty > 0 && empty < compared, "{empty} of {compared} are without avis");
    assert!(different.is_empty(), "{}", different.join("\n"));
}
