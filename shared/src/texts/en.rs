//! English.

use super::{Counted, FormTexts, Texts, each};
use crate::draft::FieldErrorCode;
use crate::questionnaire::{Help, Malfunction, Quality, Question, Reached, Satisfaction, Screen};

pub(super) static TEXTS: Texts = Texts {
    title: "Give your opinion",
    screen: each!(|screen: Screen| match screen {
        Screen::Satisfaction => "Your opinion",
        Screen::Clarity => "Clarity and ease",
        Screen::Help => "Help",
        Screen::Malfunctions => "Malfunctions",
        Screen::Comment => "Comment",
    }),
    question: each!(|question: Question| match question {
        Question::Satisfaction => "In general, how did it go?",
        Question::Clarity => "What did you think of the information and instructions provided?",
        Question::Ease => "Was this procedure easy to complete?",
        Question::HelpTried => "Along the way, did you try to get help in one of the following ways?",
        Question::HelpTriedOther => "In which other way?",
        Question::HelpReached => "When you looked for help, did you manage to reach the administration?",
        Question::HelpQuality => "How do you rate the quality of the help you got from the administration?",
        Question::Malfunctions => "Did you come across a malfunction?",
        Question::MalfunctionsOther => "Which other malfunction?",
        Question::Comment => "Would you like to tell us more?",
    }),
    satisfaction: each!(|choice: Satisfaction| match choice {
        Satisfaction::PasBien => "Not well",
        Satisfaction::Moyen => "So-so",
        Satisfaction::TresBien => "Very well",
    }),
    clarity_ends: ["Not clear at all", "Very clear"],
    ease_ends: ["Very difficult", "Very easy"],
    help: each!(|choice: Help| match choice {
        Help::Guichet => "At the administration’s counter",
        Help::Telephone => "By telephone with the administration",
        Help::Email => "By e-mail with the administration",
        Help::Chat => "By chat with the administration",
        Help::Relative => "Someone close to me",
        Help::Association => "An association",
        Help::Websites => "Websites",
        Help::Other => "Other, please specify",
        Help::None => "I did not need help",
    }),
    reached: each!(|choice: Reached| match choice {
        Reached::Oui => "Yes",
        Reached::Non => "No",
    }),
    quality: each!(|choice: Quality| match choice {
        Quality::TresMauvaise => "Very bad",
        Quality::Mauvaise => "Bad",
        Quality::Moyenne => "Neither good nor bad",
        Quality::Bonne => "Good",
        Quality::Excellente => "Excellent",
    }),
    malfunction: each!(|choice: Malfunction| match choice {
        Malfunction::Broken => "A page or a button did not work",
        Malfunction::Slow => "The service was slow or unavailable",
        Malfunction::SignIn => "I could not sign in",
        Malfunction::Document => "I could not attach a document",
        Malfunction::KnownData => "I was asked for information that the administration already has",
        Malfunction::Device => "The display did not suit my device",
        Malfunction::Accessibility => "The service could not be used with my assistive tools",
        Malfunction::Other => "Other, please specify",
        Malfunction::None => "None",
    }),
    form: FormTexts {
        loading: "Loading the form…",
        language: "Language",
        step: "Step {step} of {steps}",
        required: "(required)",
        several: "You can pick several.",
        optional: "The rest is optional: answer the questions you wish, or move on.",
        send: "Send my opinion",
        next: "Continue",
        back: "Back",
        finish: "Finish",
        finish_now: "Finish now",
        close: "Close",
        retry: "Try again",
        anonymous: "Optional and anonymous: no cookie, no address kept. Your answers serve the administration to improve \
                    this procedure (a task in the public interest).",
        privacy: "Your data: who is responsible, how long, your rights",
        comment_notice: "Your comment is anonymous and will be read by the administration. Please leave out anything personal: no \
                         name, no file number, no contact details. If you need a reply, ask the service itself.",
        personal: "This looks like a personal address or number: better leave it out. If recognised when sent, it will be \
                   masked.",
        remaining: Counted("{count} character left.|{count} characters left."),
        overrun: Counted("{count} character too many.|{count} characters too many."),
        too_long: "This text is too long: {length} characters, for {max} at most.",
        errors_title: "To put right before going on",
        satisfaction_missing: "Choose one of the three answers.",
        answer_refused: "This answer could not be stored: please change it.",
        sending: "Saving…",
        slow: "This takes longer than usual. Please wait a little more: nothing you wrote is lost.",
        speechless: "This language could not be loaded: try again in a while.",
        unreachable: "We cannot reach the service. Nothing is lost: it will be sent once the connection is back. Keep this page \
                      open.",
        limited: "Many opinions are coming from your network. Nothing is lost: your opinion will be sent automatically in {when}.",
        in_a_while: "a while",
        in_seconds: Counted("{count}\u{a0}s|{count}\u{a0}s"),
        in_minutes: Counted("{count}\u{a0}minute|{count}\u{a0}minutes"),
        server_failed: "The service has a problem on its side. Nothing is lost: your opinion will be sent automatically. Keep this page open.",
        closed: "Opinions are no longer collected here. Yours was not stored.",
        unknown: "Our service does not know this procedure. Your opinion was not stored; please tell \
                  the service you came from.",
        expired: "This opinion can no longer be changed here. What was stored stays stored; your last change is not.",
        refused: "The service did not accept this. Your answers are still here; if it happens again, please \
                  tell the service you came from.",
        too_late: "Your opinion could not be sent in time and is no longer kept here. To give it, send it again.",
        withdrawal_waits: "Your opinion is not withdrawn yet. It will be tried again automatically: keep this page open.",
        withdrawal_failed: "This opinion could not be withdrawn here. Try with your receipt, on the withdrawal page.",
        delivered: "Your opinion is now stored.",
        receipt: "Opinion stored. Your receipt:",
        thanks_title: "Thank you, your opinion is stored",
        thanks: "It counts in the public results of this procedure and helps the administration to improve it.",
        receipt_label: "Your receipt",
        receipt_help: "Keep it if you might change your mind: with it you can withdraw your opinion at any time, and it \
                       says nothing about you.",
        withdraw: "Withdraw my opinion",
        withdraw_title: "Withdraw your opinion?",
        withdraw_text: "Your answers will be erased and will no longer count. This cannot be undone.",
        withdraw_confirm: "Yes, withdraw it",
        withdraw_keep: "No, keep it",
        withdrawn_title: "Your opinion is withdrawn",
        withdrawn: "Your answers are erased and no longer count.",
    },
};

/// What is wrong with a field, and what to do.
pub(super) fn field_error(code: FieldErrorCode) -> &'static str {
    match code {
        FieldErrorCode::Required => "An answer is needed.",
        FieldErrorCode::UnknownField => "There is no such field.",
        FieldErrorCode::DuplicateField => "This field is given twice.",
        FieldErrorCode::WrongType => "This value is not of the expected type.",
        FieldErrorCode::UnknownChoice => "This value is none of the choices.",
        FieldErrorCode::DuplicateChoice => "This choice is given twice.",
        FieldErrorCode::ExclusiveChoice => {
            "The last answer excludes the others: untick it, or untick the others."
        }
        FieldErrorCode::ConditionNotMet => "This question does not arise, given the other answers.",
        FieldErrorCode::TooLong { .. } => TEXTS.form.too_long,
        FieldErrorCode::Malformed => "This value is not written as expected.",
    }
}
