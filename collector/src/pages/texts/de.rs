//! German.

use super::PageTexts;

pub(super) static TEXTS: PageTexts = PageTexts {
    error: "Fehler",
    status: "Code",
    wrong_parameters: "Berichtigen Sie diese Angaben in der Adresse, oder kehren Sie zur Seite zurück und wählen Sie neu.",
    withdraw: "Rückmeldung zurückziehen",
    withdraw_detail: "Ihre Rückmeldung und ihre Antworten werden gelöscht und zählen in den Durchschnitten nicht mehr. Die Quittung genügt: Wir wissen nicht, von wem eine Rückmeldung kommt. Bereits veröffentlichte Ausgaben ändern sich nicht.",
    receipt: "Quittung",
    receipt_hint: "16 Buchstaben und Ziffern, die am Ende des Formulars angezeigt werden, etwa 7K3M-9QX2-0B4T-HZ8R.",
    receipt_misspelt: "Das ist keine Quittung: Sie hat 16 Buchstaben und Ziffern. Prüfen Sie, was Sie notiert haben.",
    receipt_unknown: "Keine Rückmeldung hat diese Quittung. Vielleicht wurde sie schon zurückgezogen; wenn nicht, prüfen Sie jedes Zeichen.",
    withdrawn: "Ihre Rückmeldung ist zurückgezogen",
    withdrawn_detail: "Sie ist mit allen Antworten gelöscht und zählt nicht mehr. Sie können diese Seite schließen.",
    withdrawal_noted: "Ihr Antrag ist vermerkt",
    withdrawal_noted_detail: "Wenn eine Rückmeldung diese Quittung hat, wird sie in Kürze mit allen Antworten gelöscht und zählt nicht mehr. Sie müssen nichts weiter tun und können diese Seite schließen.",
    privacy: "Was wir mit Ihren Antworten tun",
    privacy_sections: [
        (
            "Was gespeichert wird",
            "Die Schaltfläche „Je donne mon avis“ („Meine Rückmeldung“) nimmt Ihre Rückmeldung, auf Französisch „avis“, zu einem Verfahren der französischen Verwaltung entgegen, auf Französisch „démarche“. Gespeichert werden Ihre Antworten, der Tag, die Sprache des Formulars, das Verfahren, die Schaltfläche und die Seite, von der Sie kommen (ohne das, was nach dem Fragezeichen steht, und ohne Aktenzeichen). Sonst nichts: weder Adresse noch Browser, weder Kennung noch Uhrzeit neben Ihren Antworten.",
        ),
        (
            "Was nicht gespeichert wird",
            "Es wird kein Cookie gesetzt und niemand verfolgt. Die Adresse Ihrer Verbindung dient, nur im Arbeitsspeicher, dazu, massenhaftes Absenden aufzuhalten; sie wird nie aufgeschrieben. Sobald Sie Ihre Rückmeldung absenden, warten Ihre Antworten im Tab Ihres Browsers (sessionStorage), bis Sie fertig sind, und nie länger als der Tab.",
        ),
        (
            "Wozu sie dienen",
            "Die Behörde liest die Kommentare, um ihr Verfahren zu verbessern. Die Durchschnitte je Verfahren sind öffentlich. Schreiben Sie nichts Persönliches: Ein Kommentar wird nicht beantwortet.",
        ),
        (
            "Was unkenntlich gemacht wird",
            "Wenn Ihre Texte eine E-Mail-Adresse, eine Telefon-, Sozialversicherungs-, Konto- (IBAN) oder Bankkartennummer, ein Kfz-Kennzeichen oder Ihre Steuernummer enthalten, tritt vor dem Speichern ein Wort in eckigen Klammern an ihre Stelle, etwa [tél.]. Ein Programm erkennt sie an ihrer Form und erkennt keine anderen: Ein Name oder eine Postanschrift bleibt so, wie Sie sie schreiben.",
        ),
        (
            "Ihre Rechte",
            "Sie können Ihre Antworten 24 Stunden lang ändern und Ihre Rückmeldung jederzeit mit der Quittung zurückziehen, die das Formular anzeigt. Ohne sie kann niemand sagen, welche Rückmeldung Ihre ist.",
        ),
        (
            "Der Schlüssel gegen Doppelzählungen",
            "72 Stunden lang werden ein Fingerabdruck jeder Übermittlung und ihre Uhrzeit getrennt aufbewahrt, damit ein Doppelklick oder ein neuer Versuch nicht zweimal zählt. Danach werden sie gelöscht.",
        ),
    ],
};
