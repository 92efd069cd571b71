use super::learning::Learning;
use super::*;
use crate::sender::DayKey;
use crate::store::Store;
use crate::store::samples::{bouton, noon, record, smile, with_catalogue, write};
use crate::store::unsteady::{Mood, Unsteady};
use jiff::{SignedDuration, ToSpan};
use std::net::{IpAddr, Ipv4Addr};

const TODAY: Day = Day::constant(2026, 11, 22);

/// A watch, and all that a test needs to have avis come by it.
struct Entrance {
    vigilance: Vigilance,
    day_key: DayKey,
    demarche: DemarcheId,
    now: Timestamp,
    keys: u128,
}

/// What comes with an avis.
#[derive(Clone, Copy)]
enum Token {
    None,
    /// A fresh one, given out so many seconds ago.
    Aged(i64),
    This(FormToken),
}

impl Entrance {
    fn new() -> Self {
        Self::of(Vigilance::new(Thresholds::default(), TODAY))
    }

    fn of(vigilance: Vigilance) -> Self {
        Self {
            vigilance,
            day_key: DayKey::new(TODAY),
            demarche: DemarcheId("1".into()),
            now: noon("2026-11-22"),
            keys: 0,
        }
    }

    fn token(&self, age: i64) -> FormToken {
        FormToken::new(self.now - SignedDuration::from_secs(age))
    }

    /// An avis from this address that nothing is wrong with, but for what a test changes.
    fn judge<'a>(
        &'a mut self,
        address: Ipv4Addr,
        token: Token,
        change: impl FnOnce(&mut Arrival<'a>),
    ) -> Judgement {
        self.keys += 1;
        let token = match token {
            Token::None => None,
            Token::Aged(seconds) => Some(self.token(seconds)),
            Token::This(token) => Some(token),
        };
        let mut arrival = Arrival {
            at: self.now,
            sender: self.day_key.sender(IpAddr::V4(address), Day::of(self.now)),
            demarche: &self.demarche,
            bouton: None,
            page: None,
            is_own_page: false,
            key: Uuid::from_u128(self.keys),
            token,
            honeypot: false,
        };
        change(&mut arrival);
        self.vigilance.judge(&arrival)
    }

    fn reasons(&mut self, address: Ipv4Addr, token: Token) -> Vec<Reason> {
        self.judge(address, token, |_| ()).reasons.iter().collect()
    }

    /// How many of so many avis are counted.
    fn counted(&mut self, avis: u32, address: impl Fn(u32) -> Ipv4Addr, token: Token) -> usize {
        (0..avis).filter(|number| self.reasons(address(*number), token).is_empty()).count()
    }
}

/// One address in a network of its own.
fn far(number: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(0x0100_0001 + (number << 8))
}

const HERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

#[test]
fn nothing_is_set_aside_for_its_token_alone() {
    let mut entrance = Entrance::new();
    let day = FORM_TIME.as_secs();
    for token in [Token::None, Token::Aged(0), Token::Aged(5), Token::Aged(day + 1), Token::Aged(-5)] {
        assert_eq!(entrance.reasons(HERE, token), []);
    }
}

#[test]
fn what_tells_by_itself_sets_aside_with_counts_or_without() {
    for vigilance in [Vigilance::new(Thresholds::default(), TODAY), Vigilance::without_counts()] {
        let mut entrance = Entrance::of(vigilance);
        let filled = entrance.judge(HERE, Token::Aged(5), |arrival| arrival.honeypot = true);
        assert_eq!(filled.reasons.to_string(), "honeypot");
        let at_once = entrance.judge(HERE, Token::Aged(0), |arrival| arrival.honeypot = true);
        assert_eq!(at_once.reasons.to_string(), "honeypot,too_fast");
        let clock_ahead = entrance.judge(HERE, Token::Aged(-5), |arrival| arrival.honeypot = true);
        assert_eq!(clock_ahead.reasons.to_string(), "honeypot");

        let mut declaring = bouton("12", "1");
        let page = |address: &str| PageAddress::parse(address).unwrap();
        let (own, other) = (page("https://www.impots.gouv.fr/fin"), page("https://www.example.org/"));
        let mut through = |bouton: Option<&Bouton>, page: Option<&PageAddress>, is_own_page| {
            let judgement = entrance.judge(HERE, Token::None, |arrival| {
                (arrival.bouton, arrival.page, arrival.is_own_page) = (bouton, page, is_own_page);
            });
            judgement.reasons.contains(Reason::ForeignOrigin)
        };
        assert!(!through(Some(&declaring), Some(&other), false), "it declares none: any will do");
        declaring.origins = vec!["https://www.impots.gouv.fr".into()];
        assert!(!through(Some(&declaring), Some(&own), false));
        assert!(through(Some(&declaring), Some(&other), false));
        assert!(!through(Some(&declaring), Some(&other), true));
        assert!(!through(Some(&declaring), None, false));
        assert!(!through(None, Some(&other), false));
    }
}

#[test]
fn a_token_is_good_for_one_avis_however_often_that_is_sent() {
    for vigilance in [Vigilance::new(Thresholds::default(), TODAY), Vigilance::without_counts()] {
        let mut entrance = Entrance::of(vigilance);
        let token = Token::This(entrance.token(5));
        let first = Uuid::from_u128(77);
        for _ in 0..3 {
            let again = entrance.judge(HERE, token, |arrival| arrival.key = first);
            assert_eq!(again.reasons, Reasons::NONE);
        }
        assert_eq!(entrance.reasons(far(1), token), [Reason::TokenCopied]);
        // Be it stale or not.
        let stale = Token::This(entrance.token(FORM_TIME.as_secs() + 60));
        assert_eq!(entrance.reasons(HERE, stale), []);
        assert_eq!(entrance.reasons(HERE, stale), [Reason::TokenCopied]);
    }
}

/// That the démarche usually gets six avis a day.
fn usual(entrance: &Entrance) {
    entrance.vigilance.learn_usual([(entrance.demarche.clone(), Usual { a_day: 6, history: 1_100 })]);
}

#[test]
fn an_address_gives_its_share_and_more_where_others_give_much() {
    let mut entrance = Entrance::new();
    usual(&entrance);
    assert_eq!(entrance.counted(300, |_| HERE, Token::Aged(5)), 200);
    assert_eq!(entrance.reasons(HERE, Token::Aged(5)), [Reason::NetworkShare]);
    // Of those whom nothing vouches for it has less, and room of its own.
    assert_eq!(entrance.counted(60, |_| Ipv4Addr::new(198, 51, 100, 1), Token::None), 50);
    let at_once = entrance.reasons(Ipv4Addr::new(198, 51, 100, 1), Token::Aged(0));
    assert_eq!(at_once, [Reason::NetworkShare, Reason::TooFast]);
    // A fifth of what all give.
    assert_eq!(entrance.counted(1_600, far, Token::Aged(5)), 1_600);
    let room = entrance.counted(300, |_| HERE, Token::Aged(5));
    assert_eq!(200 + room, (1_850 + room) / 5, "a fifth of the whole");
}

#[test]
fn a_network_gives_four_times_as_much_as_one_of_its_addresses() {
    let mut entrance = Entrance::new();
    let neighbours = |number: u32| Ipv4Addr::new(192, 0, 2, u8::try_from(number % 200).unwrap());
    assert_eq!(entrance.counted(1_000, neighbours, Token::Aged(5)), 800);
    assert_eq!(entrance.reasons(HERE, Token::None), [], "it has room for others");
    entrance.demarche = DemarcheId("2".into());
    usual(&entrance);
    assert_eq!(entrance.counted(1_000, neighbours, Token::None), 200);
}

#[test]
fn a_shared_device_gives_five_times_as_much_where_it_is_vouched_for() {
    let mut entrance = Entrance::new();
    let kiosk = Bouton { channel: BoutonChannel::Borne, ..bouton("12", "1") };
    let mut counted = |avis: u32, token| {
        (0..avis)
            .filter(|_| {
                let judgement = entrance.judge(HERE, token, |arrival| arrival.bouton = Some(&kiosk));
                judgement.reasons.is_empty()
            })
            .count()
    };
    assert_eq!(counted(1_200, Token::Aged(5)), 1_000);
    assert_eq!(counted(300, Token::None), 200);
}

#[test]
fn the_next_day_begins_anew_and_this_machine_is_no_network() {
    let mut entrance = Entrance::new();
    assert_eq!(entrance.counted(220, |_| HERE, Token::Aged(5)), 200);
    entrance.now += 24.hours();
    assert_eq!(entrance.counted(220, |_| HERE, Token::Aged(5)), 200);
    assert_eq!(entrance.counted(5_000, |_| Ipv4Addr::LOCALHOST, Token::None), 5_000);
}

#[test]
fn what_is_not_stored_is_taken_back() {
    let mut entrance = Entrance::new();
    for _ in 0..500 {
        let judgement = entrance.judge(HERE, Token::None, |_| ());
        assert!(judgement.reasons.is_empty());
        entrance.vigilance.take_back(&judgement);
    }
    assert_eq!(entrance.counted(220, |_| HERE, Token::None), 200);
    let of_today = entrance.judge(far(1), Token::None, |_| ());
    entrance.now += 24.hours();
    assert_eq!(entrance.counted(220, |_| HERE, Token::None), 200);
    entrance.vigilance.take_back(&of_today);
    assert_eq!(entrance.reasons(HERE, Token::None), [Reason::NetworkShare], "that was yesterday's");
}

#[test]
fn what_others_counted_makes_room() {
    let mut entrance = Entrance::new();
    entrance.vigilance.learn_today(TODAY, [(entrance.demarche.clone(), 10_000)]);
    assert_eq!(entrance.counted(3_000, |_| HERE, Token::Aged(5)), 2_000);
}

/// A démarche that gets six avis a day, of people who are vouched for.
fn usual_days(entrance: &mut Entrance, token: Token) {
    usual(entrance);
    for _ in 0..28 {
        assert_eq!(entrance.counted(6, far, token), 6);
        entrance.now += 24.hours();
    }
}

#[test]
fn a_crowd_without_tokens_is_a_surge_where_people_have_them() {
    let mut entrance = Entrance::new();
    usual_days(&mut entrance, Token::Aged(5));
    assert_eq!(entrance.counted(10_000, far, Token::None), 25);
    assert_eq!(entrance.reasons(far(1), Token::None), [Reason::UnvouchedSurge]);
    // Who is vouched for is not touched, and makes room for others: half of the day.
    assert_eq!(entrance.counted(500, far, Token::Aged(5)), 500);
    assert_eq!(entrance.counted(10_000, far, Token::None), 475);
}

#[test]
fn the_people_of_a_small_demarche_are_known_as_well() {
    let mut entrance = Entrance::new();
    entrance.vigilance.learn_usual([(entrance.demarche.clone(), Usual { a_day: 0, history: 110 })]);
    for day in 0..60_usize {
        let avis = usize::from(day % 5 < 3);
        assert_eq!(entrance.counted(u32::try_from(avis).unwrap(), far, Token::Aged(5)), avis);
        entrance.now += 24.hours();
    }
    assert_eq!(entrance.counted(1_000, far, Token::None), 25);
}

#[test]
fn a_crowd_without_tokens_is_none_where_that_is_usual_or_nothing_is() {
    let mut of_old = Entrance::new();
    usual_days(&mut of_old, Token::None);
    assert_eq!(of_old.counted(1_000, far, Token::None), 1_000);
    let mut new = Entrance::new();
    assert_eq!(new.counted(1_000, far, Token::None), 1_000);
}

#[test]
fn a_flood_of_networks_is_forgotten_but_for_those_that_give_much() {
    let mut entrance = Entrance::new();
    assert_eq!(entrance.counted(100, |_| HERE, Token::Aged(5)), 100);
    assert_eq!(entrance.counted(300_000, far, Token::None), 300_000);
    let networks = |vigilance: &Vigilance| vigilance.book().unwrap().networks();
    assert_eq!(networks(&entrance.vigilance), 500_000);
    entrance.vigilance.forget_the_rare();
    assert_eq!(networks(&entrance.vigilance), 2);
    entrance.now += 24.hours();
    assert_eq!(entrance.reasons(HERE, Token::None), []);
    assert_eq!(networks(&entrance.vigilance), 2);
}

#[tokio::test]
async fn what_is_usual_is_read_from_the_counts_of_half_a_year() {
    let store = Unsteady::new().await;
    with_catalogue(&store).await;
    let mut key = 0;
    for days in 1..=28 {
        let writes: Vec<_> = (0..6)
            .map(|_| {
                key += 1;
                write(&record(key, noon(&TODAY.plus(-days).to_string()), &smile("moyen")))
            })
            .collect();
        store.commit(&writes).await.unwrap();
    }
    let vigilance = Vigilance::new(Thresholds::default(), TODAY);
    let usual = || vigilance.book().unwrap().usual(&DemarcheId("1".into()));
    let mut learning = Learning::default();
    // What cannot be read at first is read with the next reading of today, not an hour later.
    store.is(Mood::Away);
    learning.read(&store, &vigilance, TODAY).await.unwrap_err();
    assert_eq!(usual(), None);
    store.is(Mood::There);
    learning.read(&store, &vigilance, TODAY).await.unwrap();
    assert_eq!(usual(), Some(Usual { a_day: 6, history: 168 }));
}
