//! What was counted today, by démarche and by network. Counts of avis that were not set aside: so a network that is
//! over its share can give more as soon as others have.

use super::Thresholds;
use crate::catalogue::DemarcheId;
use crate::day::Day;
use crate::rhythm;
use crate::sender::Sender;
use std::collections::HashMap;

/// The counts of a day.
pub(super) struct Book {
    day: Day,
    pages: HashMap<DemarcheId, Page>,
    /// How many networks are on all pages.
    networks: usize,
}

/// Those of one démarche.
#[derive(Default)]
struct Page {
    today: Came,
    before: Before,
    /// What was counted today by all collectors, as it was read last.
    stored_today: u64,
    usual: Usual,
    networks: HashMap<u64, Came>,
}

/// What a démarche usually gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usual {
    /// Avis a day, on average.
    pub a_day: u64,
    /// All that it got in the half year before.
    pub history: u64,
}

/// Avis that came.
#[derive(Debug, Clone, Copy, Default)]
struct Came {
    vouched: u32,
    unvouched: u32,
}

impl Came {
    fn all(self) -> u64 {
        u64::from(self.vouched) + u64::from(self.unvouched)
    }

    fn of_kind(&mut self, vouched: bool) -> &mut u32 {
        if vouched { &mut self.vouched } else { &mut self.unvouched }
    }
}

/// What came on the days before, as far as this process has seen them: each day weighs less than the next, and what is
/// four weeks old little any more. In [parts](PARTS) of an avis, or nothing would remain of one a day.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    vouched: u64,
    unvouched: u64,
}

impl Before {
    /// The same after another day, on which this came.
    fn and_then(self, today: Came) -> Self {
        let add =
            |before: u64, today: u32| before - before.div_ceil(WEIGHING_DAYS) + PARTS * u64::from(today);
        Self { vouched: add(self.vouched, today.vouched), unvouched: add(self.unvouched, today.unvouched) }
    }
}

const WEIGHING_DAYS: u64 = 28;

const PARTS: u64 = 1_000;

/// Networks that are told apart in all, some 20 MB of them. Of those beyond, nothing is known.
const NETWORKS_MAX: usize = 500_000;

/// How many networks an honest day may bring: its 21,000 avis, each of an address and of the network around it.
const NETWORKS_USUAL: usize = 50_000;

impl Book {
    pub(super) fn new(day: Day) -> Self {
        Self { day, pages: HashMap::new(), networks: 0 }
    }

    /// Begins a new day, if it is one. Its senders have other names than those of the day before.
    pub(super) fn turn_to(&mut self, today: Day) {
        if today <= self.day {
            return;
        }
        let days = self.day.days_until(today);
        self.day = today;
        self.networks = 0;
        for page in self.pages.values_mut() {
            page.before = page.before.and_then(std::mem::take(&mut page.today));
            page.before = (1..days).fold(page.before, |before, _| before.and_then(Came::default()));
            page.stored_today = 0;
            page.networks = HashMap::new();
        }
    }

    /// Whether one more avis would be more than the share of the network it comes from.
    pub(super) fn is_over_share(
        &self,
        thresholds: &Thresholds,
        demarche: &DemarcheId,
        sender: &Sender,
        vouched: bool,
        on_shared_device: bool,
    ) -> bool {
        let Some(page) = self.pages.get(demarche) else { return false };
        let floor = if vouched && on_shared_device {
            thresholds.share_shared_device
        } else if vouched || !page.has_history(thresholds) {
            thresholds.share_vouched
        } else {
            thresholds.share_unvouched
        };
        let is_over = |network: u64, floor: u64| {
            let mut from = page.networks.get(&network).copied().unwrap_or_default();
            *from.of_kind(vouched) += 1;
            u64::from(*from.of_kind(vouched)) > floor
                && 100 * from.all() > thresholds.share_percent * (page.all_of_today() + 1)
        };
        is_over(sender.address, floor) || is_over(sender.network, thresholds.share_network_times * floor)
    }

    /// Whether one more avis that nothing vouches for would be more than a démarche can have of them by chance.
    pub(super) fn is_surge(&self, thresholds: &Thresholds, demarche: &DemarcheId) -> bool {
        let Some(page) = self.pages.get(demarche) else { return false };
        let unvouched = u64::from(page.today.unvouched) + 1;
        page.has_history(thresholds)
            && page.people_are_vouched_for(thresholds)
            && unvouched > thresholds.surge_floor.max(thresholds.surge_times * page.usual.a_day)
            && 2 * unvouched > page.all_of_today() + 1
    }

    /// Counts an avis.
    pub(super) fn count(&mut self, demarche: &DemarcheId, sender: &Sender, vouched: bool) {
        if !self.pages.contains_key(demarche) {
            self.pages.insert(demarche.clone(), Page::default());
        }
        let Some(page) = self.pages.get_mut(demarche) else { return };
        *page.today.of_kind(vouched) += 1;
        for network in [sender.address, sender.network] {
            if let Some(from) = page.networks.get_mut(&network) {
                *from.of_kind(vouched) += 1;
            } else if self.networks < NETWORKS_MAX {
                self.networks += 1;
                *page.networks.entry(network).or_default().of_kind(vouched) += 1;
            }
        }
    }

    /// Takes back what was counted on this day.
    pub(super) fn take_back(&mut self, day: Day, demarche: &DemarcheId, sender: &Sender, vouched: bool) {
        let Some(page) = self.pages.get_mut(demarche).filter(|_| day == self.day) else { return };
        let less = |came: &mut Came| *came.of_kind(vouched) = came.of_kind(vouched).saturating_sub(1);
        less(&mut page.today);
        for network in [sender.address, sender.network] {
            page.networks.get_mut(&network).map(less);
        }
    }

    pub(super) fn learn_today(&mut self, today: Day, counts: impl IntoIterator<Item = (DemarcheId, u64)>) {
        self.turn_to(today);
        for (demarche, count) in counts.into_iter().filter(|_| self.day == today) {
            self.pages.entry(demarche).or_default().stored_today = count;
        }
    }

    pub(super) fn learn_usual(&mut self, usual: impl IntoIterator<Item = (DemarcheId, Usual)>) {
        for (demarche, usual) in usual {
            self.pages.entry(demarche).or_default().usual = usual;
        }
    }

    /// Where there are more networks than a day of people brings, forgets those that gave a single avis. Its addresses
    /// are not what gives such a flood away; one that gives much is soon known again.
    pub(super) fn forget_the_rare(&mut self) {
        if self.networks <= NETWORKS_USUAL {
            return;
        }
        for page in self.pages.values_mut() {
            page.networks.retain(|_, from| from.all() > 1);
            page.networks.shrink_to_fit();
        }
        self.networks = self.pages.values().map(|page| page.networks.len()).sum();
    }

    #[cfg(test)]
    pub(super) fn networks(&self) -> usize {
        self.networks
    }

    #[cfg(test)]
    pub(super) fn usual(&self, demarche: &DemarcheId) -> Option<Usual> {
        self.pages.get(demarche).map(|page| page.usual)
    }
}

impl Page {
    /// What the démarche got today: what this collector knows, or all of them together.
    fn all_of_today(&self) -> u64 {
        self.today.all().max(self.stored_today)
    }

    /// Whether anything is usual. Of a démarche that begins, nothing is concluded from who is not vouched for.
    fn has_history(&self, thresholds: &Thresholds) -> bool {
        self.usual.history >= thresholds.history
    }

    /// Whether those who usually come are vouched for. Where they are not, as on a site that keeps a form of old or that
    /// sends by a program without a key, nothing is to be concluded; nor is it soon after a start, when who comes usually
    /// is not known: less than half of what four weeks usually bring has been seen, or of a larger number enough.
    fn people_are_vouched_for(&self, thresholds: &Thresholds) -> bool {
        let Before { vouched, unvouched } = self.before;
        let usual = PARTS * self.usual.history * WEIGHING_DAYS / u64::from(rhythm::DAYS.unsigned_abs());
        vouched >= (usual / 2).min(PARTS * thresholds.surge_floor) && vouched / 3 >= unvouched
    }
}
