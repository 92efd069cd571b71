//! What people and programs hold of an avis, and hand back: receipts, ids, form and edit tokens, `suite`, idempotency
//! keys.

use super::TODAY;
use actix_web::http::header::HeaderValue;
use actix_web::test::TestRequest;
use collector::identity::{AvisId, FormToken, Keyring, Receipt, SecretKey, Step, Suite};
use collector::routes::avis::idempotency_key;
use jiff::Timestamp;
use shared::{Choice, Language, Screen};
use std::fmt::Display;
use std::str::FromStr;
use std::sync::LazyLock;
use uuid::Uuid;

static KEYRING: LazyLock<Keyring> =
    LazyLock::new(|| Keyring::new(vec![SecretKey { id: 7, bytes: [7; 32] }]).expect("there is one key"));

/// Nothing opens but what was made here; what was made here is read as it was written.
pub fn identity(bytes: &[u8]) {
    if let Ok(value) = HeaderValue::from_bytes(bytes) {
        let request = TestRequest::default().insert_header(("idempotency-key", value)).to_http_request();
        let _ = idempotency_key(&request, None);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        same_again::<Receipt>(text);
        same_again::<AvisId>(text);
        assert_eq!(KEYRING.read_suite(text), None, "a forged form");
        assert_eq!(KEYRING.read_form_token(text, "3059"), None, "a forged form token");
        let identity = KEYRING.identity(TODAY, Uuid::nil());
        assert!(KEYRING.open_edit_token(text, identity.avis_id, TODAY.end()).is_err(), "a forged token");
        sign(text);
    }
}

fn same_again<T: FromStr + Display + PartialEq>(text: &str) {
    if let Ok(one) = text.parse::<T>() {
        assert!(one.to_string().parse::<T>().is_ok_and(|again| again == one));
    }
}

/// A form that says these texts, signed, read back, and changed by a stranger in one place; so are its tokens.
fn sign(text: &str) {
    let mut parts = text.split('\n');
    let mut part = || parts.next().unwrap_or_default();
    let place: usize = part().bytes().map(usize::from).sum();
    let (demarche, page) = (part().to_owned(), part());
    let key = Uuid::from_u128(place as u128);
    let identity = KEYRING.identity(TODAY, key);
    let accepted_at =
        Timestamp::from_millisecond(TODAY.end().as_millisecond() - 1).expect("an instant of today");
    let suite = Suite {
        step: Screen::ALL.get(place % 6).map_or(Step::Thanks, |screen| Step::Screen(*screen)),
        demarche,
        bouton: place.is_multiple_of(2).then(|| part().to_owned()),
        language: Language::default(),
        page: (!page.is_empty()).then(|| page.to_owned()),
        key,
        issued: place.is_multiple_of(5).then_some(accepted_at),
        stored: place.is_multiple_of(3).then_some((identity.avis_id, accepted_at)),
    };
    let signed = KEYRING.sign_suite(&suite, TODAY);
    assert_eq!(KEYRING.read_suite(&signed).as_ref(), Some(&suite));
    assert_eq!(KEYRING.read_suite(&changed(&signed, place)), None, "a changed form");

    let form_token = FormToken { issued: accepted_at, nonce: u64::MAX / (1 + place as u64) };
    let signed = KEYRING.sign_form_token(&form_token, &suite.demarche);
    let read = |signed: &str, demarche: &str| KEYRING.read_form_token(signed, demarche);
    assert_eq!(read(&signed, &suite.demarche), Some(form_token));
    assert_eq!(read(&changed(&signed, place), &suite.demarche), None, "a changed form token");
    assert_eq!(read(&signed, &format!("{}1", suite.demarche)), None, "the form token of another démarche");

    let token = KEYRING.edit_token(identity, accepted_at);
    let open = |token: &str| KEYRING.open_edit_token(token, identity.avis_id, accepted_at);
    assert!(open(token.as_str()).is_ok_and(|opened| opened.receipt == identity.receipt));
    assert!(open(&changed(token.as_str(), place)).is_err(), "a changed token");
    assert_eq!(KEYRING.avis_ids(identity.receipt), [identity.avis_id]);
}

/// The same with another letter at one place.
fn changed(text: &str, place: usize) -> String {
    let place = place % text.len();
    let other = if text.as_bytes()[place] == b'A' { "B" } else { "A" };
    format!("{}{other}{}", &text[..place], &text[place + 1..])
}
