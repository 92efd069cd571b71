//! How many avis each démarche gets, and on which days: the shape of what the real service sees in a year.

use super::dice::Dice;
use crate::day::Day;

/// How many days the avis spread over.
pub(super) const DAYS: u16 = 400;

/// Avis a year of the ten most used démarches: the first has 14 % of all, the ten 54 %.
const LARGEST: [u64; 10] =
    [335_600, 203_800, 163_000, 134_200, 110_300, 93_500, 81_500, 69_500, 57_500, 45_500];

/// Avis a year of the others: at so many thousandths of the way from the eleventh to the last, so many avis.
const OTHERS: [(u64, u64); 18] = [
    (0, 39_500),
    (20, 33_500),
    (45, 27_000),
    (60, 23_800),
    (80, 16_500),
    (100, 11_500),
    (138, 6_800),
    (206, 5_200),
    (300, 3_900),
    (400, 2_800),
    (477, 2_200),
    (560, 1_450),
    (650, 800),
    (750, 330),
    (844, 100),
    (900, 45),
    (950, 18),
    (1_000, 3),
];

/// Avis of a day of the week, from Monday.
const WEEK: [u64; 7] = [125, 122, 114, 118, 105, 61, 52];

/// Avis of a day of each month: May and June are double.
const YEAR: [u64; 12] = [97, 92, 100, 112, 187, 187, 85, 70, 106, 100, 94, 79];

/// The part of its avis, in thousandths, that the most used démarche gets on its busiest day.
const RUSH: u64 = 48;

/// How many of all avis each démarche gets, the most used first; together exactly all.
pub(super) fn sizes(demarches: usize, avis: u64) -> Vec<u64> {
    let weights: Vec<u64> = (0..demarches).map(|rank| weight(rank, demarches)).collect();
    let all: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    let exact = |weight: u64| (u128::from(avis) * u128::from(weight), all.max(1));
    let whole = |weight: u64| {
        let (product, all) = exact(weight);
        u64::try_from(product / all).unwrap_or(u64::MAX)
    };
    let mut sizes: Vec<u64> = weights.iter().map(|weight| whole(*weight)).collect();
    // What rounding down has left goes to those who lost most by it.
    let mut by_loss: Vec<usize> = (0..demarches).collect();
    by_loss.sort_by_key(|rank| {
        let (product, all) = exact(weights[*rank]);
        (std::cmp::Reverse(product % all), *rank)
    });
    let left = avis - sizes.iter().sum::<u64>();
    for rank in by_loss.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        sizes[rank] += 1;
    }
    sizes
}

fn weight(rank: usize, demarches: usize) -> u64 {
    let Some(beyond) = rank.checked_sub(LARGEST.len()) else { return LARGEST[rank] };
    let last = (demarches - LARGEST.len()).max(2) - 1;
    // In millionths of the way.
    let way = u64::try_from(beyond * 1_000_000 / last).unwrap_or(1_000_000);
    let after = OTHERS.iter().position(|(at, _)| at * 1_000 >= way).unwrap_or(OTHERS.len() - 1).max(1);
    let ((from, high), (to, low)) = (OTHERS[after - 1], OTHERS[after]);
    high - (high - low) * (way - from * 1_000) / ((to - from) * 1_000)
}

/// How busy each day is.
pub(super) fn business(days: &[Day], dice: &mut Dice) -> Vec<u64> {
    let mut weight = |day: &Day| {
        let date = day.date();
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        let month = usize::try_from(date.month() - 1).unwrap_or(0);
        WEEK[weekday] * YEAR[month] * u64::from(92 + dice.below(17))
    };
    days.iter().map(&mut weight).collect()
}

/// The day of the rush: the Thursday in the middle of the last September. Every 400 days hold a whole one.
pub(super) fn rush_day(days: &[Day]) -> Option<usize> {
    days.iter().rposition(|day| {
        let date = day.date();
        date.month() == 9
            && (14..=20).contains(&date.day())
            && date.weekday() == jiff::civil::Weekday::Thursday
    })
}

/// How many avis of a démarche fall on each day; together exactly `size`.
pub(super) fn spread(size: u64, business: &[u64], rush: Option<usize>, dice: &mut Dice) -> Vec<u32> {
    let mut weights: Vec<u64> =
        business.iter().map(|weight| weight * u64::from(70 + dice.below(61))).collect();
    if let Some(day) = rush {
        weights[day] += weights.iter().sum::<u64>() * RUSH / 1_000;
    }
    let all: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    // Where on the way the first avis falls: without it, every small démarche would begin on the same day.
    let start = (all * u128::from(dice.below(1 << 16))) >> 16;
    let (mut before, mut way) = (0_u128, 0_u128);
    weights
        .iter()
        .map(|weight| {
            way += u128::from(*weight);
            let until_now = (way * u128::from(size) + start) / all.max(1);
            let today = until_now - before;
            before = until_now;
            u32::try_from(today).unwrap_or(u32::MAX)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::dice::Urn;
    use super::*;

    fn days() -> Vec<Day> {
        let until: Day = "2026-11-21".parse().unwrap();
        (0..i32::from(DAYS)).rev().map(|back| until.plus(-back)).collect()
    }

    #[test]
    fn demarches_are_as_large_as_in_a_real_year() {
        let avis = 2_260_000;
        let sizes = sizes(250, avis);
        assert_eq!(sizes.iter().sum::<u64>(), avis);
        assert!(sizes.is_sorted_by(|larger, smaller| larger >= smaller));
        let share = |count: usize| 1_000 * sizes[..count].iter().sum::<u64>() / avis;
        assert!((138..=142).contains(&share(1)), "{}", share(1));
        assert!((535..=545).contains(&share(10)), "{}", share(10));
        assert!((2_000..=2_400).contains(&sizes[125]), "{}", sizes[125]);
        assert!((20_000..=26_000).contains(&sizes[25]), "{}", sizes[25]);
        let small = sizes.iter().filter(|size| **size < 100).count();
        assert!((30..=45).contains(&small), "{small}");
    }

    #[test]
    fn any_number_of_demarches_shares_all_avis() {
        for demarches in [1, 2, 9, 10, 11, 12, 40, 1_000] {
            for avis in [1, 7, 1_000, 16_000_000] {
                assert_eq!(sizes(demarches, avis).iter().sum::<u64>(), avis, "{demarches} {avis}");
            }
        }
    }

    #[test]
    fn weekends_are_quiet_may_and_june_double_and_one_day_is_a_rush() {
        let days = days();
        let mut dice = Urn::new("test", &[1]).dice(1);
        let business = business(&days, &mut dice);
        let rush = rush_day(&days);
        let mut total = vec![0_u64; days.len()];
        for (rank, size) in sizes(250, 2_260_000).into_iter().enumerate() {
            let spread = spread(size, &business, rush.filter(|_| rank == 0), &mut dice);
            assert_eq!(spread.iter().map(|count| u64::from(*count)).sum::<u64>(), size);
            total.iter_mut().zip(&spread).for_each(|(all, one)| *all += u64::from(*one));
        }
        let mean = |of: &dyn Fn(&Day) -> bool| {
            let chosen: Vec<u64> =
                days.iter().zip(&total).filter(|(day, _)| of(day)).map(|(_, count)| *count).collect();
            chosen.iter().sum::<u64>() / u64::try_from(chosen.len()).unwrap()
        };
        let weekend = |day: &Day| day.date().weekday().to_monday_zero_offset() > 4;
        assert!(2 * mean(&weekend) < 11 * mean(&|day| !weekend(day)) / 10);
        let double = |day: &Day| matches!(day.date().month(), 5 | 6);
        let ratio = 100 * mean(&double) / mean(&|day| !double(day));
        assert!((190..=215).contains(&ratio), "{ratio}");
        let mut sorted = total.clone();
        sorted.sort_unstable();
        let (median, busiest) = (sorted[200], sorted[399]);
        assert_eq!(total[rush.unwrap()], busiest);
        assert!((35..=46).contains(&(10 * busiest / median)), "{busiest} {median}");
    }
}
