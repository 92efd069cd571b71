//! An avis is withdrawn, may be withdrawn, or is kept.

use super::*;

/// A form whose withdrawal is on its way.
fn withdrawing() -> Form {
    let mut form = begun();
    for event in [Event::Finish, Event::Withdraw, Event::ConfirmWithdrawal] {
        let _ = form.happen(event);
    }
    form
}

#[test]
fn an_avis_is_withdrawn_after_asking() {
    let mut form = begun();
    let _ = form.happen(Event::Finish);
    assert_eq!(sent(&form.happen(Event::Withdraw)), None);
    assert_eq!(form.place(), Place::Withdrawal);
    let _ = form.happen(Event::Keep);
    assert_eq!(form.place(), Place::Thanks);
    let _ = form.happen(Event::Withdraw);
    let request = form.sends(Event::ConfirmWithdrawal);
    assert_eq!(
        (request.method, request.bearer.as_deref()),
        (Method::Delete, Some("7K3M-9PQR-2STV-4WXY")),
        "the receipt works at any time"
    );
    assert_eq!(form.status(), Status::Sending);
    let _ = form.answer(failed(500));
    assert_eq!(form.place(), Place::Withdrawal);
    let _ = form.happen(Event::Retry);
    let _ = form.answer(failed(204));
    assert_eq!(form.place(), Place::Withdrawn);
}

#[test]
fn a_withdrawal_that_fails_is_said_to_be_one() {
    let mut form = withdrawing();
    let _ = form.answer(failed(503));
    assert_eq!(form.status(), Status::WithdrawalWaits);
    assert!(!form.is_settled(), "it is tried again by itself, also when its person has left");
    let _ = form.happen(Event::Retry);
    let _ = form.answer(failed(404));
    assert_eq!(form.status(), Status::WithdrawalFailed);
    let _ = form.happen(Event::ConfirmWithdrawal);
    let _ = form.answer(failed(204));
    assert_eq!((form.status(), form.is_over()), (Status::Quiet, true), "nothing is stored any more");
}

#[test]
fn what_may_be_withdrawn_already_cannot_be_kept() {
    for status in [0, 500] {
        let mut form = withdrawing();
        assert!(form.answer(failed(status)).contains(&Effect::Focus(Target::Status)), "its buttons go");
        assert!(form.may_be_withdrawn());
        let _ = form.happen(Event::Keep);
        assert_eq!(form.place(), Place::Withdrawal);
        let _ = form.happen(Event::Retry);
        let _ = form.answer(failed(429));
        let _ = form.happen(Event::Keep);
        assert_eq!(form.place(), Place::Withdrawal, "the first request may have arrived all the same");
        let _ = form.happen(Event::Retry);
        let _ = form.answer(failed(204));
        assert_eq!(form.place(), Place::Withdrawn);
    }
}

#[test]
fn what_is_certainly_not_withdrawn_can_be_kept() {
    let mut form = withdrawing();
    let _ = form.answer(failed(429));
    assert!(!form.may_be_withdrawn());
    let _ = form.happen(Event::Keep);
    assert_eq!((form.place(), form.status()), (Place::Thanks, Status::Quiet));
}
