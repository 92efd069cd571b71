use super::*;
use jiff::{SignedDuration, Timestamp};
use shared::{Language, Screen};

fn keyring(ids: &[u8]) -> Keyring {
    Keyring::new(ids.iter().map(|id| SecretKey { id: *id, bytes: [*id; 32] }).collect()).unwrap()
}

fn key() -> Uuid {
    "8e03978e-40d5-43e8-bc93-6894a57f9324".parse().unwrap()
}

fn day() -> Day {
    "2026-11-22".parse().unwrap()
}

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

#[test]
fn an_id_is_a_uuid_of_version_8_that_reads_as_its_day() {
    let id = keyring(&[1]).identity(day(), key()).avis_id;
    assert!(id.to_string().starts_with("20261122-"), "{id}");
    assert_eq!(id.0.get_version_num(), 8);
    assert_eq!(id.0.get_variant(), uuid::Variant::RFC4122);
    assert!(AvisId::first_of(day()) <= id && id < AvisId::first_of(day().plus(1)));
}

#[test]
fn the_same_key_and_day_make_the_same_names_and_others_make_others() {
    let ring = keyring(&[1]);
    assert_eq!(ring.identity(day(), key()), keyring(&[1]).identity(day(), key()));
    assert_ne!(ring.identity(day(), key()), ring.identity(day().plus(1), key()));
    assert_ne!(ring.identity(day(), key()), keyring(&[2]).identity(day(), key()));
    assert_ne!(ring.identity(day(), key()), ring.identity(day(), Uuid::nil()));
}

#[test]
fn names_stay_what_they_were() {
    let ring = keyring(&[1]);
    let identity = ring.identity(day(), key());
    // Whoever holds a receipt or a token holds it across versions of this program.
    let names = [
        identity.receipt.to_string(),
        identity.avis_id.to_string(),
        ring.edit_token(identity, now()).as_str().to_owned(),
    ];
    assert_eq!(
        names,
        [
            "17AN-S05H-Z52H-0DGV",
            "20261122-59f4-8200-90f0-65d35e321452",
            "AWsEDqAJ1VyAsflFEDYbUNsLvQgyl9G8MQpRAgmO4A"
        ]
    );
}

#[test]
fn the_receipt_alone_leads_to_its_avis_also_after_the_secret_was_rotated() {
    let identity = keyring(&[1]).identity(day(), key());
    let read: Receipt = identity.receipt.to_string().parse().unwrap();
    assert_eq!(read, identity.receipt);
    assert_eq!(keyring(&[1]).avis_ids(read), [identity.avis_id]);
    assert!(keyring(&[1, 2]).avis_ids(read).contains(&identity.avis_id));
}

#[test]
fn the_names_of_a_stored_avis_are_made_again_whatever_its_day_and_secret() {
    let yesterday = keyring(&[1]).identity(day().plus(-1), key());
    assert_eq!(keyring(&[1, 2]).identity_again(yesterday.avis_id, key()), Some(yesterday));
    assert_eq!(keyring(&[1, 2]).identity_again(yesterday.avis_id, Uuid::nil()), None);
    assert_eq!(keyring(&[2]).identity_again(yesterday.avis_id, key()), None);
    assert_eq!(yesterday.avis_id.day(), Some(day().plus(-1)));
    assert_eq!(AvisId::from_bytes([0xff; 16]).day(), None);
}

#[test]
fn what_an_avis_is_remembered_by_is_the_same_on_every_day() {
    let ring = keyring(&[1, 2]);
    let (today, tomorrow) = (ring.identity(day(), key()), ring.identity(day().plus(1), key()));
    assert_eq!(today.avis_id.key(), tomorrow.avis_id.key());
    assert_ne!(today.receipt, tomorrow.receipt);
    assert_eq!(today.avis_id.key().on(day().plus(1)), tomorrow.avis_id);
    assert_eq!(ring.other_keys(day(), key()), [keyring(&[1]).identity(day(), key()).avis_id.key()]);
    assert!(keyring(&[1]).other_keys(day(), key()).is_empty());
}

#[test]
fn a_receipt_is_read_as_people_copy_it() {
    let receipt = keyring(&[1]).identity(day(), key()).receipt;
    let text = receipt.to_string();
    assert_eq!(text.len(), 19);
    let spoken = text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
    assert_eq!(spoken.parse::<Receipt>().unwrap(), receipt);
    for wrong in ["", "ABCD", &text[..18], &format!("{text}0"), "UUUU-UUUU-UUUU-UUUU", "éééé-éééé-éééé-éééé"]
    {
        assert!(wrong.parse::<Receipt>().is_err(), "{wrong}");
    }
}

#[test]
fn an_edit_token_opens_its_avis_for_a_day_and_no_other() {
    let ring = keyring(&[1]);
    let identity = ring.identity(day(), key());
    let token = ring.edit_token(identity, now());
    let at = |hours: i64| now() + SignedDuration::from_hours(hours);
    let open = |ring: &Keyring, token: &str, id, now| ring.open_edit_token(token, id, now);
    let expected = Opened { receipt: identity.receipt, edit_until: at(24) };
    assert_eq!(open(&ring, token.as_str(), identity.avis_id, at(24)), Ok(expected));
    assert_eq!(open(&ring, token.as_str(), identity.avis_id, at(25)), Err(TokenError::Expired));
    let other = ring.identity(day(), Uuid::nil()).avis_id;
    assert_eq!(open(&ring, token.as_str(), other, now()), Err(TokenError::Forged));
    assert_eq!(open(&keyring(&[1, 2]), token.as_str(), identity.avis_id, now()), Ok(expected));
    assert_eq!(open(&keyring(&[2]), token.as_str(), identity.avis_id, now()), Err(TokenError::Forged));
    for forged in ["", "AAAA", "%%%", &token.as_str()[1..]] {
        assert_eq!(open(&ring, forged, identity.avis_id, now()), Err(TokenError::Forged), "{forged}");
    }
}

#[test]
fn the_state_of_a_form_comes_back_and_cannot_be_written_by_others() {
    let ring = keyring(&[1]);
    let suite = Suite {
        step: Step::Screen(Screen::Help),
        demarche: "3059".into(),
        bouton: Some("12".into()),
        language: Language::En,
        page: Some("https://www.impots.gouv.fr/fin".into()),
        key: key(),
        issued: Some(now()),
        stored: Some((ring.identity(day(), key()).avis_id, now())),
    };
    let text = ring.sign_suite(&suite, day());
    assert_eq!(ring.read_suite(&text), Some(suite.clone()));
    assert_eq!(ring.sign_suite(&suite, day()), text);
    assert_eq!(keyring(&[2]).read_suite(&text), None);
    let mut changed = text.clone().into_bytes();
    let last = changed.len() - 2;
    changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
    assert_eq!(ring.read_suite(std::str::from_utf8(&changed).unwrap()), None);
    assert_eq!(ring.read_suite(""), None);
}

#[test]
fn a_form_token_is_read_by_whoever_has_the_key_and_for_its_demarche_alone() {
    let ring = keyring(&[1]);
    let token = FormToken::new(now());
    let text = ring.sign_form_token(&token, "3059");
    assert_eq!(keyring(&[1, 2]).read_form_token(&text, "3059"), Some(token));
    assert_eq!(ring.read_form_token(&text, "3060"), None);
    assert_eq!(keyring(&[2]).read_form_token(&text, "3059"), None);
    assert_ne!(FormToken::new(now()).nonce, token.nonce);
    assert_eq!(token.age(now() + SignedDuration::from_secs(7)), SignedDuration::from_secs(7));
    for forged in ["", "AAAA", "%%%", &text[1..], &text[..text.len() - 2], &format!("{text}AA")] {
        assert_eq!(ring.read_form_token(forged, "3059"), None, "{forged}");
    }
}

#[test]
fn a_form_token_is_read_across_a_rotation_of_the_secret() {
    let (ring, later) = (rotated(), day().plus(2).end());
    let before = keyring(&[1]).sign_form_token(&FormToken::new(now()), "3059");
    let after = ring.sign_form_token(&FormToken::new(later), "3059");
    assert!(ring.read_form_token(&before, "3059").is_some());
    assert!(keyring(&[2]).read_form_token(&after, "3059").is_some(), "the new key signs by then");
}

/// Key 1 of long ago, and key 2 made on `day()`.
fn rotated() -> Keyring {
    let secret = |id| SecretKey { id, bytes: [id; 32] };
    let dated =
        vec![DatedKey::made_on(secret(2), day()), DatedKey::made_on(secret(1), Day::constant(2026, 1, 1))];
    Keyring::dated(dated).unwrap()
}

#[test]
fn a_new_key_signs_from_the_second_day_after_it_was_made_and_verifies_at_once() {
    let (ring, old, new) = (rotated(), keyring(&[1]), keyring(&[2]));
    for (days, number) in [(0, 1), (1, 1), (2, 2), (400, 2)] {
        assert_eq!(ring.signing_number(day().plus(days)), number, "{days} days later");
    }
    let (today, later) = (day().plus(1), day().plus(2));
    assert_eq!(ring.identity(today, key()), old.identity(today, key()));
    assert_eq!(ring.identity(later, key()), new.identity(later, key()));
    // Made by a collector whose clock is ahead, and met by one that still signs with the old key.
    let ahead = new.identity(later, key());
    let token = new.edit_token(ahead, later.plus(-1).end());
    assert!(ring.open_edit_token(token.as_str(), ahead.avis_id, now()).is_ok());
    assert!(ring.avis_ids(ahead.receipt).contains(&ahead.avis_id));
    assert_eq!(ring.other_keys(today, key()), [ahead.avis_id.key()]);
    assert_eq!(ring.other_keys(later, key()), [old.identity(later, key()).avis_id.key()]);
    // Nothing is remembered by the old key any more, some days after its last.
    assert!(ring.other_keys(later.plus(5), key()).is_empty());
}

#[test]
fn the_first_key_signs_from_the_moment_it_was_made() {
    let first = DatedKey::made_on(SecretKey { id: 1, bytes: [1; 32] }, day());
    assert_eq!(Keyring::dated(vec![first]).unwrap().signing_number(day()), 1);
}

#[test]
fn an_imported_avis_has_the_same_id_everywhere() {
    let id = |demarche, number| AvisKey::imported("jdma", demarche, number).on(day()).to_string();
    assert_eq!(id("3059", 0xa1), "20261122-1a62-86d5-8d50-465e2f87a2e3");
    let others =
        [id("3059", 0xa2), id("3060", 0xa1), AvisKey::imported("x", "3059", 0xa1).on(day()).to_string()];
    assert!(others.iter().all(|other| *other != id("3059", 0xa1)));
    assert_eq!(id("3059", 0xa1).parse::<AvisId>().unwrap().day(), Some(day()));
}
