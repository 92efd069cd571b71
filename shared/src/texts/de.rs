//! German, with «Sie».

use super::{Counted, FormTexts, Texts, each};
use crate::draft::FieldErrorCode;
use crate::questionnaire::{Help, Malfunction, Quality, Question, Reached, Satisfaction, Screen};

pub(super) static TEXTS: Texts = Texts {
    title: "Meine Rückmeldung",
    screen: each!(|screen: Screen| match screen {
        Screen::Satisfaction => "Ihre Rückmeldung",
        Screen::Clarity => "Klarheit und Einfachheit",
        Screen::Help => "Hilfe",
        Screen::Malfunctions => "Störungen",
        Screen::Comment => "Kommentar",
    }),
    question: each!(|question: Question| match question {
        Question::Satisfaction => "Wie ist es insgesamt gelaufen?",
        Question::Clarity => "Wie fanden Sie die Informationen und Anleitungen?",
        Question::Ease => "War dieses Verfahren einfach zu erledigen?",
        Question::HelpTried => {
            "Haben Sie unterwegs versucht, auf einem der folgenden Wege Hilfe zu bekommen?"
        }
        Question::HelpTriedOther => "Auf welchem anderen Weg?",
        Question::HelpReached => "Als Sie Hilfe gesucht haben: Konnten Sie die Behörde erreichen?",
        Question::HelpQuality =>
            "Wie bewerten Sie die Qualität der Hilfe, die Sie von der Behörde bekommen haben?",
        Question::Malfunctions => "Ist bei Ihnen eine Störung aufgetreten?",
        Question::MalfunctionsOther => "Welche andere Störung?",
        Question::Comment => "Möchten Sie uns mehr dazu sagen?",
    }),
    satisfaction: each!(|choice: Satisfaction| match choice {
        Satisfaction::PasBien => "Nicht gut",
        Satisfaction::Moyen => "Mittelmäßig",
        Satisfaction::TresBien => "Sehr gut",
    }),
    clarity_ends: ["Überhaupt nicht klar", "Sehr klar"],
    ease_ends: ["Sehr schwierig", "Sehr einfach"],
    help: each!(|choice: Help| match choice {
        Help::Guichet => "Am Schalter bei der Behörde",
        Help::Telephone => "Telefonisch bei der Behörde",
        Help::Email => "Per E-Mail bei der Behörde",
        Help::Chat => "Per Chat bei der Behörde",
        Help::Relative => "Bei einer nahestehenden Person",
        Help::Association => "Bei einem Verein",
        Help::Websites => "Auf Internetseiten",
        Help::Other => "Auf anderem Weg (bitte angeben)",
        Help::None => "Ich habe keine Hilfe gebraucht",
    }),
    reached: each!(|choice: Reached| match choice {
        Reached::Oui => "Ja",
        Reached::Non => "Nein",
    }),
    quality: each!(|choice: Quality| match choice {
        Quality::TresMauvaise => "Sehr schlecht",
        Quality::Mauvaise => "Schlecht",
        Quality::Moyenne => "Weder gut noch schlecht",
        Quality::Bonne => "Gut",
        Quality::Excellente => "Ausgezeichnet",
    }),
    malfunction: each!(|choice: Malfunction| match choice {
        Malfunction::Broken => "Eine Seite oder eine Schaltfläche hat nicht funktioniert",
        Malfunction::Slow => "Der Dienst war langsam oder nicht verfügbar",
        Malfunction::SignIn => "Ich konnte mich nicht anmelden",
        Malfunction::Document => "Ich konnte ein Dokument nicht beifügen",
        Malfunction::KnownData => {
            "Ich wurde nach einer Angabe gefragt, die der Behörde bereits vorliegt"
        }
        Malfunction::Device => "Die Darstellung passte nicht auf mein Gerät",
        Malfunction::Accessibility => "Der Dienst war mit meinen Hilfsmitteln nicht nutzbar",
        Malfunction::Other => "Andere (bitte angeben)",
        Malfunction::None => "Keine",
    }),
    form: FormTexts {
        loading: "Formular wird geladen\u{a0}…",
        language: "Sprache",
        step: "Schritt {step} von {steps}",
        required: "(Pflichtangabe)",
        several: "Mehrere Antworten sind möglich.",
        optional: "Alles Weitere ist freiwillig: Beantworten Sie, was Sie möchten, oder gehen Sie weiter.",
        send: "Rückmeldung absenden",
        next: "Weiter",
        back: "Zurück",
        finish: "Abschließen",
        finish_now: "Jetzt abschließen",
        close: "Schließen",
        retry: "Erneut versuchen",
        anonymous: "Freiwillig und anonym: keine Cookies, keine gespeicherte Adresse. Ihre Antworten dienen der Behörde \
                    dazu, dieses Verfahren zu verbessern (Aufgabe im öffentlichen Interesse).",
        privacy: "Ihre Daten: Verantwortliche, Fristen, Rechte",
        comment_notice: "Ihr Kommentar ist anonym und wird von der Behörde gelesen. Bitte schreiben Sie nichts Persönliches \
                         hinein: keinen Namen, kein Aktenzeichen, keine Kontaktdaten. Wenn Sie eine Antwort brauchen, \
                         wenden Sie sich bitte an die zuständige Stelle.",
        personal: "Das sieht nach einer persönlichen Adresse oder Nummer aus: besser weglassen. Wird sie beim Senden \
                   erkannt, wird sie verdeckt.",
        remaining: Counted("Noch {count} Zeichen übrig.|Noch {count} Zeichen übrig."),
        overrun: Counted("{count} Zeichen zu viel.|{count} Zeichen zu viel."),
        too_long: "Dieser Text ist zu lang: {length} Zeichen, erlaubt sind höchstens {max}.",
        errors_title: "Bitte berichtigen, um fortzufahren",
        satisfaction_missing: "Bitte wählen Sie eine der drei Antworten.",
        answer_refused: "Diese Antwort konnte nicht gespeichert werden: Bitte ändern Sie sie.",
        sending: "Wird gespeichert\u{a0}…",
        slow: "Es dauert länger als sonst. Bitte warten Sie noch ein wenig: Nichts von dem, was Sie geschrieben haben, geht \
               verloren.",
        speechless: "Diese Sprache konnte nicht geladen werden: Versuchen Sie es in einer Weile erneut.",
        unreachable: "Der Dienst ist nicht erreichbar. Es geht nichts verloren: Gesendet wird, sobald die Verbindung wieder \
                      steht. Lassen Sie diese Seite geöffnet.",
        limited: "Aus Ihrem Netz kommen gerade viele Rückmeldungen. Es geht nichts verloren: Ihre wird {when} von selbst \
                  gesendet.",
        in_a_while: "in einer Weile",
        in_seconds: Counted("in {count}\u{a0}Sekunde|in {count}\u{a0}Sekunden"),
        in_minutes: Counted("in {count}\u{a0}Minute|in {count}\u{a0}Minuten"),
        server_failed: "Beim Dienst ist ein Problem aufgetreten. Es geht nichts verloren: Ihre Rückmeldung wird von selbst \
                        gesendet. Lassen Sie diese Seite geöffnet.",
        closed: "Über diese Schaltfläche werden keine Rückmeldungen mehr angenommen. Ihre wurde nicht gespeichert.",
        unknown: "Unser Dienst kennt dieses Verfahren nicht. Ihre Rückmeldung wurde nicht gespeichert; bitte melden Sie \
                  es der Stelle, von der Sie kommen.",
        expired: "Diese Rückmeldung kann hier nicht mehr geändert werden. Was gespeichert war, bleibt gespeichert; Ihre \
                  letzte Änderung nicht.",
        refused: "Der Dienst hat diese Übermittlung nicht angenommen. Ihre Antworten sind noch da; falls es wieder vorkommt, \
                  melden Sie es bitte der Stelle, von der Sie kommen.",
        too_late: "Ihre Rückmeldung konnte nicht rechtzeitig gesendet werden und ist hier nicht mehr gespeichert. Um sie zu \
                   geben, senden Sie sie erneut ab.",
        withdrawal_waits: "Ihre Rückmeldung ist noch nicht zurückgezogen. Es wird automatisch erneut versucht: Lassen Sie diese Seite geöffnet.",
        withdrawal_failed: "Diese Rückmeldung konnte hier nicht zurückgezogen werden. Versuchen Sie es mit Ihrer Quittung auf der Seite zum Zurückziehen.",
        delivered: "Ihre Rückmeldung ist jetzt gespeichert.",
        receipt: "Rückmeldung gespeichert. Ihre Quittung:",
        thanks_title: "Danke, Ihre Rückmeldung ist gespeichert",
        thanks: "Sie zählt in den öffentlichen Ergebnissen dieses Verfahrens und hilft der Behörde, es zu verbessern.",
        receipt_label: "Ihre Quittung",
        receipt_help: "Bewahren Sie sie auf, falls Sie es sich anders überlegen: Mit ihr können Sie Ihre Rückmeldung \
                       jederzeit zurückziehen, und sie sagt nichts über Sie aus.",
        withdraw: "Rückmeldung zurückziehen",
        withdraw_title: "Ihre Rückmeldung zurückziehen?",
        withdraw_text: "Ihre Antworten werden gelöscht und zählen nicht mehr. Das lässt sich nicht rückgängig machen.",
        withdraw_confirm: "Ja, zurückziehen",
        withdraw_keep: "Nein, behalten",
        withdrawn_title: "Ihre Rückmeldung ist zurückgezogen",
        withdrawn: "Ihre Antworten sind gelöscht und zählen nicht mehr.",
    },
};

/// What is wrong with a field, and what to do.
pub(super) fn field_error(code: FieldErrorCode) -> &'static str {
    match code {
        FieldErrorCode::Required => "Hier ist eine Antwort nötig.",
        FieldErrorCode::UnknownField => "Dieses Feld gibt es nicht.",
        FieldErrorCode::DuplicateField => "Dieses Feld ist doppelt angegeben.",
        FieldErrorCode::WrongType => "Dieser Wert ist nicht von der erwarteten Art.",
        FieldErrorCode::UnknownChoice => "Dieser Wert gehört nicht zu den Auswahlmöglichkeiten.",
        FieldErrorCode::DuplicateChoice => "Diese Auswahl ist doppelt angegeben.",
        FieldErrorCode::ExclusiveChoice => {
            "Die letzte Antwort schließt die anderen aus: Wählen Sie sie oder die anderen ab."
        }
        FieldErrorCode::ConditionNotMet => "Diese Frage stellt sich nach den anderen Antworten nicht.",
        FieldErrorCode::TooLong { .. } => TEXTS.form.too_long,
        FieldErrorCode::Malformed => "Dieser Wert ist nicht wie erwartet geschrieben.",
    }
}
