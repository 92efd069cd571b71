//! The words around the questions: buttons, notices, what is going on and what went wrong.

use super::Counted;

texts! {
/// What the form says besides its questions and choices.
#[derive(Debug, Clone, Copy)]
pub struct FormTexts {
    /// While the form is fetched.
    pub loading: &'static str,
    /// What the choice of a language is about.
    pub language: &'static str,
    /// Which step this is, `{step}` of `{steps}`.
    pub step: &'static str,
    /// Beside the question that must be answered.
    pub required: &'static str,
    /// Beside a question that takes several answers.
    pub several: &'static str,
    /// Said once, on the first screen that can be skipped.
    pub optional: &'static str,
    /// Leaves the first screen and stores the avis.
    pub send: &'static str,
    /// Leaves a later screen for the next.
    pub next: &'static str,
    /// Goes back one screen.
    pub back: &'static str,
    /// Leaves the last screen.
    pub finish: &'static str,
    /// Ends before the last screen.
    pub finish_now: &'static str,
    /// Closes the dialog.
    pub close: &'static str,
    /// Makes the failed request again.
    pub retry: &'static str,
    /// What the law has said where data are collected, in a line under the first screen: purpose, ground, that it is
    /// optional and anonymous. The page behind the link says the rest.
    pub anonymous: &'static str,
    /// The link to the page that says more.
    pub privacy: &'static str,
    /// What not to write in a comment.
    pub comment_notice: &'static str,
    /// Beside a text that looks personal while it is being typed.
    pub personal: &'static str,
    /// How many characters are left, near the limit.
    pub remaining: Counted,
    /// How many characters are too many.
    pub overrun: Counted,
    /// A text has `{length}` characters where it may have `{max}`.
    pub too_long: &'static str,
    /// Above the errors of a screen.
    pub errors_title: &'static str,
    /// The one required answer is missing.
    pub satisfaction_missing: &'static str,
    /// The server refused this answer.
    pub answer_refused: &'static str,
    /// A request is waited for.
    pub sending: &'static str,
    /// It takes long.
    pub slow: &'static str,
    /// The language that was chosen could not be fetched.
    pub speechless: &'static str,
    /// No answer came.
    pub unreachable: &'static str,
    /// Too many from this network: sent again `{when}`.
    pub limited: &'static str,
    /// When, if nobody knows.
    pub in_a_while: &'static str,
    /// When, in seconds.
    pub in_seconds: Counted,
    /// When, in minutes.
    pub in_minutes: Counted,
    /// The server failed.
    pub server_failed: &'static str,
    /// The bouton is closed.
    pub closed: &'static str,
    /// The démarche or bouton is unknown.
    pub unknown: &'static str,
    /// The avis can no longer be changed.
    pub expired: &'static str,
    /// Refused for a reason that no field can mend.
    pub refused: &'static str,
    /// It has waited for so long that it is given up.
    pub too_late: &'static str,
    /// The withdrawal failed, and is tried again by itself.
    pub withdrawal_waits: &'static str,
    /// The withdrawal failed for good.
    pub withdrawal_failed: &'static str,
    /// What had to wait is stored.
    pub delivered: &'static str,
    /// Before the receipt, on the screens after the first.
    pub receipt: &'static str,
    /// The heading of the thank-you screen.
    pub thanks_title: &'static str,
    /// What the avis is good for.
    pub thanks: &'static str,
    /// Above the receipt, on the thank-you screen.
    pub receipt_label: &'static str,
    /// What the receipt is good for.
    pub receipt_help: &'static str,
    /// Asks to withdraw the avis.
    pub withdraw: &'static str,
    /// The heading above the question whether to withdraw.
    pub withdraw_title: &'static str,
    /// What withdrawing does.
    pub withdraw_text: &'static str,
    /// Withdraws.
    pub withdraw_confirm: &'static str,
    /// Does not.
    pub withdraw_keep: &'static str,
    /// The heading once it is withdrawn.
    pub withdrawn_title: &'static str,
    /// What that means.
    pub withdrawn: &'static str,
}
}
