use super::*;
use proptest::prelude::*;

fn satisfaction(pas_bien: i64, moyen: i64, tres_bien: i64) -> Indicator {
    let mut tally = Tally::default();
    tally[Cell::Satisfaction(Satisfaction::PasBien)] = pas_bien;
    tally[Cell::Satisfaction(Satisfaction::Moyen)] = moyen;
    tally[Cell::Satisfaction(Satisfaction::TresBien)] = tres_bien;
    Indicator::of(IndicatorKind::Satisfaction, &tally)
}

fn ease(counts: [i64; 5]) -> Indicator {
    let mut tally = Tally::default();
    for (choice, count) in Scale::ALL.iter().zip(counts) {
        tally[Cell::Ease(*choice)] = count;
    }
    Indicator::of(IndicatorKind::Ease, &tally)
}

fn reachable(oui: i64, non: i64) -> Indicator {
    let mut tally = Tally::default();
    tally[Cell::HelpReached(Channel::Guichet, Reached::Oui)] = oui;
    tally[Cell::HelpReached(Channel::Chat, Reached::Non)] = non;
    Indicator::of(IndicatorKind::HelpReachable, &tally)
}

fn published(indicator: &Indicator) -> (f64, &str, Option<Level>) {
    let figure = indicator.figure.as_ref().expect("a published figure");
    (figure.value.to_f64(), &figure.printed, figure.level)
}

#[test]
fn notes_are_rounded_half_up_from_the_exact_value() {
    // 6.25 lies exactly between 6.2 and 6.3; so does 8.35.
    assert_eq!(published(&ease([0, 0, 100, 100, 0])), (6.25, "6.3", Some(Level::Yellow)));
    assert_eq!(published(&satisfaction(33, 0, 167)), (8.35, "8.4", Some(Level::Green)));
}

#[test]
fn the_level_is_that_of_the_note_as_published() {
    // 7.9848 is published as 8.0 and so is green; 4.9737 as 5.0 and so is yellow.
    assert_eq!(published(&satisfaction(33, 67, 230)), (7.9848, "8.0", Some(Level::Green)));
    assert_eq!(published(&satisfaction(66, 59, 65)), (4.9737, "5.0", Some(Level::Yellow)));
    assert_eq!(published(&satisfaction(100, 2, 98)).1, "5.0");
    assert_eq!(published(&satisfaction(102, 0, 98)), (4.9, "4.9", Some(Level::Red)));
}

#[test]
fn a_share_is_published_in_per_cent_and_so_is_its_level() {
    assert_eq!(published(&reachable(8_496, 1_504)), (0.8496, "85.0", Some(Level::Green)));
    assert_eq!(published(&reachable(8_494, 1_506)), (0.8494, "84.9", Some(Level::Yellow)));
    assert_eq!(published(&reachable(6_995, 3_005)), (0.6995, "70.0", Some(Level::Yellow)));
    assert_eq!(published(&reachable(6_994, 3_006)), (0.6994, "69.9", Some(Level::Red)));
}

#[test]
fn below_the_minimum_there_are_counts_and_no_figure() {
    let below = satisfaction(9, 10, 80);
    assert_eq!((below.n, below.status, &below.figure), (99, Status::Insufficient, &None));
    assert_eq!(below.counts, [("pas_bien", 9), ("moyen", 10), ("tres_bien", 80)]);
    assert_eq!(satisfaction(10, 10, 80).status, Status::Published);
    let none = satisfaction(0, 0, 0);
    assert_eq!((none.n, none.status, none.figure), (0, Status::None, None));
}

#[test]
fn where_all_answers_are_the_same_there_is_no_interval() {
    let alike = satisfaction(0, 0, 250);
    assert_eq!(published(&alike), (10.0, "10.0", Some(Level::Green)));
    assert_eq!(alike.figure.unwrap().interval, None);
    assert_eq!(reachable(0, 100).figure.unwrap().interval, None);
    assert_eq!(published(&reachable(100, 0)).1, "100.0");
}

#[test]
fn the_example_of_the_contract_gives_its_figures() {
    let interval = |indicator: &Indicator| {
        let (low, high) = indicator.figure.as_ref().unwrap().interval.unwrap();
        format!("{} {}", low.to_f64(), high.to_f64())
    };
    let mean = satisfaction(29_488, 60_153, 199_512);
    assert_eq!(mean.n, 289_153);
    assert_eq!(published(&mean), (7.94, "7.9", Some(Level::Yellow)));
    assert_eq!(interval(&mean), "7.9279 7.9522");
    let share = reachable(25_144, 9_964);
    assert_eq!(share.n, 35_108);
    assert_eq!(published(&share), (0.7162, "71.6", Some(Level::Yellow)));
    assert_eq!(interval(&share), "0.7115 0.7209");
}

#[test]
fn help_quality_needs_fifty_channel_answers_and_adds_up_channels() {
    let mut tally = Tally::default();
    tally[Cell::HelpQuality(Channel::Guichet, Quality::Excellente)] = 25;
    tally[Cell::HelpQuality(Channel::Email, Quality::Moyenne)] = 24;
    assert_eq!(Indicator::of(IndicatorKind::HelpQuality, &tally).status, Status::Insufficient);
    tally[Cell::HelpQuality(Channel::Email, Quality::Moyenne)] = 25;
    assert_eq!(
        published(&Indicator::of(IndicatorKind::HelpQuality, &tally)),
        (7.5, "7.5", Some(Level::Yellow))
    );
}

#[test]
fn malfunctions_and_autonomy_are_shares_of_the_avis_that_answered() {
    let mut tally = Tally::default();
    tally[Cell::Answered(Question::Malfunctions)] = 200;
    tally[Cell::Malfunctions(Malfunction::None)] = 150;
    tally[Cell::Malfunctions(Malfunction::Slow)] = 50;
    tally[Cell::Malfunctions(Malfunction::Broken)] = 30;
    assert_eq!(published(&Indicator::of(IndicatorKind::Malfunctions, &tally)), (0.25, "25.0", None));
    tally[Cell::Answered(Question::HelpTried)] = 160;
    tally[Cell::HelpTried(Help::None)] = 120;
    assert_eq!(published(&Indicator::of(IndicatorKind::Autonomy, &tally)), (0.75, "75.0", None));
}

#[test]
fn every_published_note_of_the_reference_data_is_found_again() {
    let Ok(folder) = std::env::var("AVIS_REFERENCE_DATA") else {
        println!("AVIS_REFERENCE_DATA is not set: the reference data were not checked");
        return;
    };
    let path = std::path::Path::new(&folder).join("golden-satisfaction.csv");
    let text = std::fs::read_to_string(&path).expect("golden-satisfaction.csv in AVIS_REFERENCE_DATA");
    let mut rows = 0;
    for line in text.lines().skip(1) {
        let field: Vec<&str> = line.split(',').collect();
        let count = |index: usize| field[index].parse::<i64>().expect("a count");
        // Reference rows below the minimum carry a note all the same: scale them up, which moves no mean.
        let indicator = satisfaction(count(1) * 100, count(2) * 100, count(3) * 100);
        assert_eq!(indicator.n, 100 * u64::try_from(count(4)).unwrap(), "{line}");
        let (mean, note, _) = published(&indicator);
        assert_eq!(mean.to_string(), field[5].parse::<f64>().unwrap().to_string(), "{line}");
        assert_eq!(note, field[6], "{line}");
        rows += 1;
    }
    assert!(rows > 0, "no rows in {}", path.display());
    println!("reference data: {rows} notes found again");
}

proptest! {
    #[test]
    fn a_note_is_the_exact_mean_rounded_half_up(a in 0_i64..3_000, b in 0_i64..3_000, c in 100_i64..3_000) {
        let indicator = satisfaction(a, b, c);
        let figure = indicator.figure.expect("n is at least 100");
        // note − 0.05 ≤ mean < note + 0.05, in integers: 20·Σ lies within 2·n·tenths ± n.
        let tenths: i64 = figure.printed.replace('.', "").parse().unwrap();
        let (n, sum) = (a + b + c, 5 * b + 10 * c);
        prop_assert!(2 * n * tenths - n <= 20 * sum && 20 * sum < 2 * n * tenths + n);
        if let Some((low, high)) = figure.interval {
            prop_assert!(low <= figure.value && figure.value <= high && high.to_f64() <= 10.0);
        }
    }

    #[test]
    fn a_wilson_interval_holds_its_share(k in 1_u64..5_000, rest in 1_u64..5_000) {
        let (low, high) = wilson_interval(k, k + rest).expect("answers differ");
        let share = Decimal4(half_up(k * 10_000, k + rest));
        prop_assert!(low <= share && share <= high && high.to_f64() <= 1.0);
    }
}

#[test]
fn a_decimal_is_printed_with_fewer_decimals_half_up() {
    let printed = |value: u64| (0..=5).map(|decimals| Decimal4(value).printed(decimals)).collect::<Vec<_>>();
    assert_eq!(printed(79_950), ["8", "8.0", "8.00", "7.995", "7.9950", "7.9950"]);
    assert_eq!(printed(5), ["0", "0.0", "0.00", "0.001", "0.0005", "0.0005"]);
    assert_eq!(Decimal4(7_162).times(100).printed(1), "71.6");
}
