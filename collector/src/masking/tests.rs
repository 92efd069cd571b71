use super::*;
use proptest::prelude::*;

/// Each text, and what becomes of it.
fn becomes(texts: &[(&str, &str)]) {
    for (text, masked) in texts {
        assert_eq!(mask(text), *masked, "{text}");
    }
}

fn stays(texts: &[&str]) {
    for text in texts {
        assert_eq!(mask(text), *text);
    }
}

#[test]
fn a_text_that_holds_nothing_is_not_copied() {
    for text in ["", "Très simple.", "Il a fallu 3 essais le 12/06/2026, @bientôt."] {
        assert!(matches!(mask(text), Cow::Borrowed(same) if same == text), "{text}");
    }
}

#[test]
fn e_mail_addresses_are_masked() {
    becomes(&[
        ("Écrivez à jean.dupont@example.fr.", "Écrivez à [mail]."),
        ("a@b.fr", "[mail]"),
        ("Mail:Jérôme_L-75+impots@mail.exämple.co.uk, merci", "Mail:[mail], merci"),
        ("<jean@example.fr> ; (lea@example.com)", "<[mail]> ; ([mail])"),
        ("-jean@example.fr", "-[mail]"),
        ("jean.dupont @example.fr ou lea@ example.fr", "[mail] ou [mail]"),
        ("0612345678@example.fr", "[mail]"),
        ("jean@example.fr-merci", "[mail]-merci"),
        ("jean@xn--exmple-cua.xn--p1ai!", "[mail]!"),
    ]);
    stays(&[
        "amig@s, tod@s",
        "@impots_gouv ne répond pas",
        "sur www.impots.gouv.fr et service-public.fr",
        "3 @ 5",
        "jean@localhost",
        "C'est long. @bientôt",
    ]);
}

#[test]
fn french_phones_are_masked_however_they_are_grouped() {
    for phone in [
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "06/12/34/56/78",
        "06 - 12 - 34 - 56 - 78",
        "06 12.34.56.78",
        "06 12345678",
        "0612 34 56 78",
        "01 2345 6789",
        "0 809 401 401",
        "06\u{a0}12\u{a0}34\u{a0}56\u{a0}78",
        "٠٦١٢٣٤٥٦٧٨",
        "+33612345678",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "(+33) 6 12 34 56 78",
        "(+33)(0)612345678",
        "+33.6.12.34.56.78",
        "+ 33 6 12 34 56 78",
        "0033612345678",
        "0033 (0) 6 12 34 56 78",
        "(06) 12 34 56 78",
    ] {
        becomes(&[
            (phone, "[tél.]"),
            (&format!("Tél.{phone}, le soir."), "Tél.[tél.], le soir."),
            (&format!("{phone}/{phone} ou 12 {phone} 12"), "[tél.]/[tél.] ou 12 [tél.] 12"),
        ]);
    }
    becomes(&[
        ("Rappelez-moi (06 12 34 56 78)", "Rappelez-moi ([tél.])"),
        ("(+33 (0)6 12 34 56 78)", "([tél.])"),
    ]);
}

#[test]
fn phones_of_other_countries_are_masked() {
    for phone in [
        "+32 470 12 34 56",
        "+44 20 7946 0958",
        "+44 (0)20 7946 0958",
        "+1 (555) 123-4567",
        "+15551234567",
        "+212 6 12 34 56 78",
        "+352 621 123 456",
        "+590 690 12 34 56",
        "00 49 30 12345678",
        "0041791234567",
        "001 555 123 4567",
    ] {
        becomes(&[(phone, "[tél.]"), (&format!("au {phone} !"), "au [tél.] !")]);
    }
}

#[test]
fn what_is_not_written_like_a_phone_stays() {
    stays(&[
        "le 05/06/2024 12:30, du 01/02/24 - 05/03/24",
        "01.02.24 05.03.24 et 01 02 2024 12",
        "06000 Nice, 01000 75011",
        "0123456789012345",
        "dossier 2024-0612345678, dossier 12345678",
        "une note de 3.0612345678",
        "AB0612345678, 0612345678ab",
        "0012345678901 et 0000123456",
        "SIRET 494 009 855 00045",
        "au 3939 ou au 36 46",
        "+15 % et +2 000 000 €",
        "+123456789",
        "1 000 000 000 euros, 12 345,67 €",
    ]);
}

#[test]
fn social_security_numbers_are_masked_if_their_key_is_right() {
    for nir in [
        "185057800608491",
        "1 85 05 78 006 084 91",
        "1 85 05 78 006 084/91",
        "1850578006084 91",
        "1.85.05.78.006.084.91",
        "2 69 05 49 588 157 80",
        "1 84 12 2A 001 023 19",
        "1 84 12 2a 001 023 19",
        "295102B03312116",
        "3 12 01 99 134 025 29",
    ] {
        becomes(&[(nir, "[NIR]"), (&format!("(sécu:{nir})"), "(sécu:[NIR])")]);
    }
    stays(&[
        "185057800608492",
        "1 84 12 2A 001 023 20",
        "1 84 12 2C 001 023 19",
        "985057800608491",
        "1850578006084",
        "1850578006084911",
    ]);
}

#[test]
fn bank_accounts_are_masked_if_they_check_out() {
    for iban in [
        "FR7630006000011234567890189",
        "FR76 3000 6000 0112 3456 7890 189",
        "fr76 3000 6000 0112 3456 7890 189",
        "FR76 30006 00001 12345678901 89",
        "FR 76 3000-6000-0112-3456-7890-189",
        "GB29 NWBK 6016 1331 9268 19",
        "DE89 3704 0044 0532 0130 00",
        "NO93 8601 1117 947",
        "MT84MALT011000012345MTLCAST001S",
        "LC55HEMM000100010012001200023015",
        "ZZ33123456789012345",
    ] {
        becomes(&[
            (iban, "[IBAN]"),
            (&format!("IBAN : {iban} chez ma banque"), "IBAN : [IBAN] chez ma banque"),
        ]);
    }
    stays(&[
        "FR77 3000 6000 0112 3456 7890 189",
        "FR76 3000 6000 0112 3456 7890 18",
        "FR76 3000 6000 0112 3456 7890 1890",
        "XFR7630006000011234567890189",
        "ZZ33 1234 5678 9012 345",
        "la 2e fois, de 3 à 5",
    ]);
}

#[test]
fn payment_cards_are_masked_if_they_check_out() {
    for card in [
        "4970101234567893",
        "4970 1012 3456 7893",
        "4970-1012-3456-7893",
        "49701012 34567893",
        "3782 822463 10005",
        "30569309025904",
        "6011 1111 1111 1117",
        "2223 0031 2200 3222",
        "4222222222222",
        "6304000000000000000",
    ] {
        becomes(&[(card, "[carte]"), (&format!("carte {card} 12/28"), "carte [carte] 12/28")]);
    }
    stays(&[
        "4970101234567890",
        "49701012345678930",
        "9970101234567898",
        "SIRET 380 129 866 00014 ou 38012986600014, SIREN 732 829 320",
        "entre 44000 35000 75011",
        "CB-4970101234567893X",
    ]);
}

#[test]
fn plates_are_masked_in_capitals() {
    for plate in ["AB-123-CD", "AB 123 CD", "AB123CD", "123 ABC 75", "1234 AB 2A", "123-ABC-75", "123ABC75"] {
        becomes(&[(plate, "[immat]"), (&format!("Ma voiture ({plate})"), "Ma voiture ([immat])")]);
    }
    stays(&[
        "ab-123-cd, 123 abc 75",
        "JE N'AI PAS EU PLUS DE 200 EN TOUT, ENTRE 18 ET 25 ANS",
        "1200 TTC 20, 150 HT 20",
        "AB-1234-CD, AB-123-CDE, AI-123-CD, AB-000-CD",
        "2042 C PRO, 2044 SPE 23, cerfa 12345*06, 12 RUE 75",
        "REF-AB-123-CD",
        "123 ABC 00, 123 ABC 99, 9AB75, 123-ABC 75",
        "article 1649 AC du CGI, L. 123-4, R*196-1",
    ]);
}

#[test]
fn tax_numbers_are_masked_where_the_sentence_speaks_of_taxes() {
    becomes(&[
        ("Mon numéro fiscal est 3023217600053.", "Mon numéro fiscal est [n° fiscal]."),
        ("30 23 217 600 053, c'est mon SPI", "[n° fiscal], c'est mon SPI"),
        ("Numéro fiscal :\n0123456789012\nMerci", "Numéro fiscal :\n[n° fiscal]\nMerci"),
        ("N° FISC. 0123456789012", "N° FISC. [n° fiscal]"),
        ("IMPÔTS 1234567890123 ; 2234567890123", "IMPÔTS [n° fiscal] ; [n° fiscal]"),
        ("My tax number: 1234567890123", "My tax number: [n° fiscal]"),
        (
            "Le dossier 1234567890123. L'impôt ? 1234567890123",
            "Le dossier 1234567890123. L'impôt ? [n° fiscal]",
        ),
    ]);
    stays(&[
        "Dossier 1234567890123",
        "Je paie mes impôts. Le dossier 1234567890123 est perdu.",
        "impôt 4234567890123, impôt 123456789012, impôt 12345678901234",
        "impôt 2023 150 200 300",
        "j'ai envoyé un avis 1234567890123",
    ]);
}

#[test]
fn many_values_of_a_text_are_masked_each_by_its_own_word() {
    becomes(&[(
        "Moi: a@b.fr,06 12 34 56 78;1 85 05 78 006 084 91 FR7630006000011234567890189\n4970101234567893 AB-123-CD.",
        "Moi: [mail],[tél.];[NIR] [IBAN]\n[carte] [immat].",
    )]);
}

#[test]
fn a_text_as_long_as_may_be_is_no_longer_masked() {
    for value in ["a@b.fr ", "0612345678 ", "AB123CD "] {
        let text = value.repeat(5_000 / value.len());
        let masked = mask(&text);
        assert!(masked.chars().count() <= text.chars().count(), "{value}");
        assert!(!masked.contains(value.trim()));
    }
}

/// Texts made of what values are made of.
fn any_text() -> impl Strategy<Value = String> {
    let pieces = [
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "01/02/03/04/05",
        "+33",
        "0033",
        "+44 20 7946 0958",
        "1 85 05 78 006 084 91",
        "FR7630006000011234567890189",
        "4970 1012 3456 7893",
        "AB-123-CD",
        "123 ABC 75",
        "3023217600053",
        "fiscal",
        "impôts",
        "SPI",
        "a@b.fr",
        "jean",
        "@",
        ".fr",
        "DE",
        "EN",
        "2A",
        "75",
        "0",
        "1",
        "12",
        "345",
        " ",
        " ",
        "  ",
        ".",
        ". ",
        "! ",
        "-",
        " - ",
        "/",
        "(",
        ")",
        "+",
        "_",
        ",",
        ":\n",
        "\n",
        "é",
        "x",
        "[mail]",
        "[tél.]",
        "[n° fiscal]",
        "[",
        "]",
        "٠",
        "\u{a0}",
    ];
    let known = prop::sample::select(pieces.to_vec()).prop_map(str::to_owned);
    let piece =
        prop_oneof![4 => known, 1 => "[0-9]{1,16}", 1 => "[ A-Za-z0-9@.+-]{1,6}", 1 => any::<String>()];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Whether nothing but what was found is another.
fn differs_by_words_alone(text: &str, masked: &str) -> bool {
    let (mut text_at, mut masked_at) = (0, 0);
    for Found { kind, place } in Finder::new(text) {
        let kept = &text[text_at..place.start];
        let expected = format!("{kept}{}", kind.word());
        if !masked[masked_at..].starts_with(&expected) {
            return false;
        }
        masked_at += expected.len();
        text_at = place.end;
    }
    text[text_at..] == masked[masked_at..]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn what_is_masked_stays_so_and_all_else_stays_too(text in any_text()) {
        let masked = mask(&text);
        prop_assert!(Finder::new(&masked).next().is_none(), "{masked:?}");
        prop_assert_eq!(mask(&masked), &*masked);
        prop_assert!(masked.chars().count() <= text.chars().count());
        prop_assert!(differs_by_words_alone(&text, &masked));
    }

    #[test]
    fn a_text_without_digits_and_at_signs_stays(text in "[^0-9@\u{660}-\u{669}\u{6f0}-\u{6f9}\u{ff10}-\u{ff19}]{0,200}") {
        prop_assert_eq!(mask(&text), &*text);
    }
}
