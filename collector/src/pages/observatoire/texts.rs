//! The words of the observatory's pages.

use crate::catalogue::{Audience, BoutonChannel};
use crate::observatoire::{Key, Order};
use crate::satisfaction::words;
use shared::Language;
use shared::indicator::{IndicatorKind, Level};

/// The words of one language.
pub(super) struct ObservatoireTexts {
    /// Which one.
    pub(super) language: Language,
    /// What the whole is called.
    pub(super) name: &'static str,
    /// The first heading, with how many démarches there are.
    pub(super) title: fn(count: &str, one: bool) -> String,
    /// The first heading where there is none.
    pub(super) no_demarche: &'static str,
    /// How to read a note.
    pub(super) lead: &'static str,
    /// Figures may still move.
    pub(super) open: &'static str,
    /// Another language, in itself.
    pub(super) other_language: (Language, &'static str),

    /// The periods to choose from.
    pub(super) period: &'static str,
    pub(super) twelve_months: &'static str,
    pub(super) other_days: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) show: &'static str,

    /// The fields that choose démarches.
    pub(super) choose: &'static str,
    pub(super) search: &'static str,
    pub(super) more: &'static str,
    pub(super) ministry: &'static str,
    pub(super) every_ministry: &'static str,
    pub(super) administration: &'static str,
    pub(super) every_administration: &'static str,
    pub(super) without_ministry: &'static str,
    pub(super) audience_label: &'static str,
    pub(super) every_audience: &'static str,
    pub(super) essential_only: &'static str,
    pub(super) not_essential: &'static str,
    pub(super) sort: &'static str,
    pub(super) everything: &'static str,
    pub(super) level_label: &'static str,
    pub(super) every_level: &'static str,
    pub(super) without_note: &'static str,

    /// What came of it: démarches shown, of all, and their avis.
    pub(super) results: fn(shown: &str, one: bool, all: Option<&str>, avis: &str) -> String,
    /// How many avis are stored and not counted.
    pub(super) quarantined: fn(avis: &str, one: bool) -> String,
    pub(super) nothing: &'static str,
    pub(super) download: &'static str,
    pub(super) csv_for_spreadsheets: &'static str,

    /// The columns of tables.
    pub(super) demarche: &'static str,
    pub(super) note: &'static str,
    pub(super) scale: &'static str,
    pub(super) avis: &'static str,
    pub(super) trend: &'static str,
    pub(super) trend_over: &'static str,
    pub(super) of_ten: &'static str,
    /// In place of a note, with n and the least n.
    pub(super) too_few: fn(n: &str, one: bool, minimum: u64) -> String,
    pub(super) too_few_short: &'static str,
    pub(super) no_avis: &'static str,
    pub(super) no_trend: &'static str,
    pub(super) too_few_for_trend: &'static str,
    pub(super) steady: &'static str,
    pub(super) interval: fn(low: &str, high: &str) -> String,
    pub(super) no_interval: &'static str,
    /// How the table is to be read.
    pub(super) legend: &'static str,
    pub(super) legend_strip: &'static str,
    /// With the months of the trend, before and after.
    pub(super) legend_trend: fn(before: &str, after: &str) -> String,
    pub(super) legend_spark: &'static str,
    pub(super) legend_minimum: fn(minimum: u64) -> String,
    pub(super) ways: &'static str,
    pub(super) method: &'static str,
    pub(super) api: &'static str,
    pub(super) privacy: &'static str,

    /// The page of one démarche.
    pub(super) all_demarches: &'static str,
    pub(super) essential: &'static str,
    pub(super) closed: &'static str,
    pub(super) indicators: &'static str,
    pub(super) answers: fn(n: &str, one: bool) -> String,
    pub(super) answers_needed: fn(minimum: u64) -> String,
    pub(super) no_answers: &'static str,
    pub(super) answer: &'static str,
    pub(super) share: &'static str,
    pub(super) number: &'static str,
    pub(super) several: &'static str,
    pub(super) other: &'static str,
    pub(super) months: &'static str,
    pub(super) months_drawn: fn(period: &str) -> String,
    pub(super) month: &'static str,
    pub(super) no_month: &'static str,
    pub(super) interval_label: &'static str,
    pub(super) figures: &'static str,
    pub(super) boutons: &'static str,
    pub(super) boutons_detail: &'static str,
    pub(super) bouton: &'static str,
    pub(super) without_bouton: &'static str,
    pub(super) bouton_closed: &'static str,
    pub(super) data: &'static str,
    pub(super) data_detail: &'static str,
    pub(super) by_month: &'static str,
    pub(super) editions: &'static str,
    pub(super) editions_detail: &'static str,
    pub(super) badge: &'static str,
    pub(super) badge_detail: &'static str,
    pub(super) badge_alt: fn(title: &str) -> String,
}

pub(super) fn of(language: Language) -> &'static ObservatoireTexts {
    match language {
        Language::Fr => &FR,
        _ => &EN,
    }
}

impl ObservatoireTexts {
    /// A level in a word or two.
    pub(super) fn level(&self, level: Level) -> &'static str {
        words::level(level, self.language)
    }

    /// For whom.
    pub(super) fn audience(&self, audience: Audience) -> &'static str {
        match (audience, self.language) {
            (Audience::Particuliers, Language::Fr) => "Particuliers",
            (Audience::Entreprises, Language::Fr) => "Entreprises",
            (Audience::Collectivites, Language::Fr) => "Collectivités",
            (Audience::Particuliers, _) => "Individuals",
            (Audience::Entreprises, _) => "Companies",
            (Audience::Collectivites, _) => "Local authorities",
            (Audience::Associations, _) => "Associations",
        }
    }

    /// Where a bouton is shown.
    pub(super) fn channel(&self, channel: BoutonChannel) -> &'static str {
        match (channel, self.language) {
            (BoutonChannel::Online, Language::Fr) => "En ligne",
            (BoutonChannel::Guichet, Language::Fr) => "Au guichet",
            (BoutonChannel::Telephone, Language::Fr) => "Par téléphone",
            (BoutonChannel::Courrier, Language::Fr) => "Par courrier",
            (BoutonChannel::Borne, Language::Fr) => "Sur une borne",
            (BoutonChannel::Online, _) => "Online",
            (BoutonChannel::Guichet, _) => "At the counter",
            (BoutonChannel::Telephone, _) => "By telephone",
            (BoutonChannel::Courrier, _) => "By letter",
            (BoutonChannel::Borne, _) => "On a kiosk",
        }
    }

    /// An order, as it is offered.
    pub(super) fn order(&self, Order { key, descending }: Order) -> &'static str {
        match (self.language, key, descending) {
            (Language::Fr, Key::Note, true) => "Meilleures notes d’abord",
            (Language::Fr, Key::Note, false) => "Moins bonnes notes d’abord",
            (Language::Fr, Key::Avis, true) => "Le plus d’avis d’abord",
            (Language::Fr, Key::Avis, false) => "Le moins d’avis d’abord",
            (Language::Fr, Key::Trend, true) => "Hausses d’abord",
            (Language::Fr, Key::Trend, false) => "Baisses d’abord",
            (Language::Fr, Key::Title, false) => "Démarche, de A à Z",
            (Language::Fr, Key::Title, true) => "Démarche, de Z à A",
            (Language::Fr, Key::Administration, false) => "Administration, de A à Z",
            (Language::Fr, Key::Administration, true) => "Administration, de Z à A",
            (Language::Fr, Key::Ministry, false) => "Ministère, de A à Z",
            (Language::Fr, Key::Ministry, true) => "Ministère, de Z à A",
            (_, Key::Note, true) => "Highest notes first",
            (_, Key::Note, false) => "Lowest notes first",
            (_, Key::Avis, true) => "Most avis first",
            (_, Key::Avis, false) => "Fewest avis first",
            (_, Key::Trend, true) => "Rises first",
            (_, Key::Trend, false) => "Falls first",
            (_, Key::Title, false) => "Démarche, A to Z",
            (_, Key::Title, true) => "Démarche, Z to A",
            (_, Key::Administration, false) => "Administration, A to Z",
            (_, Key::Administration, true) => "Administration, Z to A",
            (_, Key::Ministry, false) => "Ministry, A to Z",
            (_, Key::Ministry, true) => "Ministry, Z to A",
        }
    }

    /// What an indicator is called.
    pub(super) fn indicator(&self, kind: IndicatorKind) -> &'static str {
        words::indicator(kind, self.language)
    }

    /// What a share is a share of, behind its figure; nothing for a mean.
    pub(super) fn says(&self, kind: IndicatorKind) -> &'static str {
        match (kind, self.language) {
            (IndicatorKind::Malfunctions, Language::Fr) => "en ont rencontré au moins un",
            (IndicatorKind::HelpReachable, Language::Fr) => "des tentatives ont abouti",
            (IndicatorKind::Autonomy, Language::Fr) => "n’ont pas eu besoin d’aide",
            (IndicatorKind::Malfunctions, _) => "met at least one",
            (IndicatorKind::HelpReachable, _) => "of attempts succeeded",
            (IndicatorKind::Autonomy, _) => "needed no help",
            _ => "",
        }
    }
}

static FR: ObservatoireTexts = ObservatoireTexts {
    language: Language::Fr,
    name: "Observatoire",
    title: |count, one| {
        if one {
            format!("Ce que les usagers disent de {count} démarche")
        } else {
            format!("Ce que les usagers disent de {count} démarches")
        }
    },
    no_demarche: "Aucune démarche n’est encore suivie ici",
    lead: "Chaque note est une moyenne sur 10. La bande autour du repère montre sa marge d’incertitude à 95\u{a0}%\u{a0}: plus les avis sont nombreux, plus elle est étroite.",
    open: "Cette période n’est pas close\u{a0}: ses chiffres peuvent encore bouger.",
    other_language: (Language::En, "English"),
    period: "Période",
    twelve_months: "12 derniers mois",
    other_days: "Autres dates",
    from: "Premier jour",
    to: "Dernier jour",
    show: "Afficher",
    choose: "Choisir et trier les démarches",
    search: "Chercher",
    more: "Filtrer et trier",
    ministry: "Ministère",
    every_ministry: "Tous",
    administration: "Administration",
    every_administration: "Toutes",
    without_ministry: "Sans ministère",
    audience_label: "Pour qui",
    every_audience: "Tous les usagers",
    essential_only: "Démarches essentielles seulement",
    not_essential: "Démarches non essentielles",
    sort: "Trier par",
    everything: "Tout afficher",
    level_label: "Niveau",
    every_level: "Tous les niveaux",
    without_note: "Sans note",
    results: |shown, one, all, avis| {
        let word = if one { "démarche" } else { "démarches" };
        match all {
            Some(all) => format!("{shown} {word} sur {all}, {avis} avis"),
            None => format!("{shown} {word}, {avis} avis"),
        }
    },
    quarantined: |avis, one| {
        let verb = if one { "n’est pas compté" } else { "ne sont pas comptés" };
        format!("{avis} avis en quarantaine {verb} ici")
    },
    nothing: "Aucune démarche ne correspond à ces choix.",
    download: "Télécharger cette vue\u{a0}:",
    csv_for_spreadsheets: "CSV pour tableur français",
    demarche: "Démarche",
    note: "Note",
    scale: "De 0 à 10",
    avis: "Avis",
    trend: "Tendance",
    trend_over: "Tendance sur 3 mois",
    of_ten: "sur 10",
    too_few: |n, _, minimum| format!("{n} avis\u{a0}: il en faut {minimum} pour publier une note"),
    too_few_short: "trop peu pour une note",
    no_avis: "Aucun avis sur cette période",
    no_trend: "Pas de tendance",
    too_few_for_trend: "trop peu d’avis",
    steady: "Stable",
    interval: |low, high| format!("Intervalle à 95\u{a0}%\u{a0}: de {low} à {high}"),
    no_interval: "Toutes les réponses sont identiques\u{a0}: il n’y a pas d’intervalle",
    legend: "Pour lire ce tableau",
    legend_strip: "L’échelle va de 0 à 10 et s’interrompt aux seuils des niveaux, 5 et 8. Le trait vertical est la note, la bande qui l’entoure son intervalle à 95\u{a0}%.",
    legend_trend: |before, after| {
        format!(
            "La tendance compare la note des 3 derniers mois ({after}) à celle des 3 mois d’avant ({before}). Un écart que le hasard suffit à expliquer est dit stable."
        )
    },
    legend_spark: "La courbe donne la note de chacun des 12 derniers mois, si la moitié d’entre eux au moins ont assez d’avis pour une note. Toutes les courbes ont la même échelle, de 2 points de haut, sauf celles qui bougent davantage.",
    legend_minimum: |minimum| {
        format!(
            "Une note est publiée à partir de {minimum} avis\u{a0}: en dessous, le hasard pèse plus que le service."
        )
    },
    ways: "Ce site",
    method: "Comment ces notes sont calculées",
    api: "Pour les programmes",
    privacy: "Ce que nous faisons des réponses",
    all_demarches: "Toutes les démarches",
    essential: "Démarche essentielle",
    closed: "Ne recueille plus d’avis",
    indicators: "Question par question",
    answers: |n, one| if one { format!("{n} réponse") } else { format!("{n} réponses") },
    answers_needed: |minimum| {
        format!(
            "Pas de chiffre publié\u{a0}: il faut {minimum} réponses. En dessous, le hasard pèse plus que le service."
        )
    },
    no_answers: "Aucune réponse sur cette période.",
    answer: "Réponse",
    share: "Part",
    number: "Nombre",
    several: "Plusieurs réponses étaient possibles\u{a0}: ensemble, les parts peuvent dépasser 100\u{a0}%.",
    other: "Autre",
    months: "Mois par mois",
    months_drawn: |period| {
        format!("Note de satisfaction de chaque mois, {period}, avec son intervalle à 95\u{a0}%")
    },
    month: "Mois",
    no_month: "Aucun de ces mois n’a assez d’avis pour une note.",
    interval_label: "Intervalle à 95\u{a0}%",
    figures: "Les chiffres de chaque mois",
    boutons: "Bouton par bouton",
    boutons_detail: "Un bouton est un endroit où l’avis est demandé\u{a0}: une page, un guichet, un courrier.",
    bouton: "Bouton",
    without_bouton: "Sans bouton",
    bouton_closed: "fermé",
    data: "Données",
    data_detail: "Les mêmes chiffres, pour un tableur ou un programme\u{a0}:",
    by_month: "par mois",
    editions: "Éditions figées",
    editions_detail: "Chaque trimestre, les chiffres de toutes les démarches sont figés et ne changent plus.",
    badge: "Vignette à afficher",
    badge_detail: "Elle donne la note des 12 derniers mois et se tient à jour. Collez cet extrait dans la page de la démarche\u{a0}:",
    badge_alt: |title| format!("Satisfaction des usagers\u{a0}: {title}"),
};

static EN: ObservatoireTexts = ObservatoireTexts {
    language: Language::En,
    name: "Observatory",
    title: |count, one| {
        if one {
            format!("What people say about {count} démarche")
        } else {
            format!("What people say about {count} démarches")
        }
    },
    no_demarche: "No démarche is followed here yet",
    lead: "Each note is a mean out of 10. The band around the mark shows its 95% margin of uncertainty: the more avis, the narrower it is.",
    open: "This period is not closed: its figures may still move.",
    other_language: (Language::Fr, "Français"),
    period: "Period",
    twelve_months: "Last 12 months",
    other_days: "Other dates",
    from: "First day",
    to: "Last day",
    show: "Show",
    choose: "Choose and sort démarches",
    search: "Search",
    more: "Filter and sort",
    ministry: "Ministry",
    every_ministry: "All",
    administration: "Administration",
    every_administration: "All",
    without_ministry: "Without ministry",
    audience_label: "For whom",
    every_audience: "Everybody",
    essential_only: "Essential démarches only",
    not_essential: "Démarches that are not essential",
    sort: "Sort by",
    everything: "Show everything",
    level_label: "Level",
    every_level: "Every level",
    without_note: "Without note",
    results: |shown, one, all, avis| {
        let word = if one { "démarche" } else { "démarches" };
        match all {
            Some(all) => format!("{shown} {word} of {all}, {avis} avis"),
            None => format!("{shown} {word}, {avis} avis"),
        }
    },
    quarantined: |avis, one| {
        let verb = if one { "is" } else { "are" };
        format!("{avis} avis in quarantine {verb} not counted here")
    },
    nothing: "No démarche fits these choices.",
    download: "Download this view:",
    csv_for_spreadsheets: "CSV for French spreadsheets",
    demarche: "Démarche",
    note: "Note",
    scale: "From 0 to 10",
    avis: "Avis",
    trend: "Trend",
    trend_over: "Trend over 3 months",
    of_ten: "out of 10",
    too_few: |n, _, minimum| format!("{n} avis: a note is published from {minimum} on"),
    too_few_short: "too few for a note",
    no_avis: "No avis in this period",
    no_trend: "No trend",
    too_few_for_trend: "too few avis",
    steady: "Steady",
    interval: |low, high| format!("95% interval: {low} to {high}"),
    no_interval: "All answers are the same: there is no interval",
    legend: "How to read this table",
    legend_strip: "The scale goes from 0 to 10 and breaks where levels begin, at 5 and 8. The upright line is the note, the band around it its 95% interval.",
    legend_trend: |before, after| {
        format!(
            "The trend sets the note of the last 3 months ({after}) against that of the 3 months before ({before}). A difference that chance is enough to explain is called steady."
        )
    },
    legend_spark: "The curve gives the note of each of the last 12 months, where at least half of them have enough avis for one. All curves have the same scale, 2 points high, but for those that move more.",
    legend_minimum: |minimum| {
        format!("A note is published from {minimum} avis on: below, chance weighs more than the service.")
    },
    ways: "This site",
    method: "How these notes are computed",
    api: "For programs",
    privacy: "What we do with the answers",
    all_demarches: "All démarches",
    essential: "Essential démarche",
    closed: "Takes avis no more",
    indicators: "Question by question",
    answers: |n, one| if one { format!("{n} answer") } else { format!("{n} answers") },
    answers_needed: |minimum| {
        format!(
            "No figure is published: it takes {minimum} answers. Below, chance weighs more than the service."
        )
    },
    no_answers: "No answer in this period.",
    answer: "Answer",
    share: "Share",
    number: "Number",
    several: "Several answers were possible: together, shares may exceed 100%.",
    other: "Other",
    months: "Month by month",
    months_drawn: |period| format!("Note of satisfaction of each month, {period}, with its 95% interval"),
    month: "Month",
    no_month: "None of these months has enough avis for a note.",
    interval_label: "95% interval",
    figures: "The figures of each month",
    boutons: "Bouton by bouton",
    boutons_detail: "A bouton is a place where people are asked: a page, a counter, a letter.",
    bouton: "Bouton",
    without_bouton: "Without bouton",
    bouton_closed: "closed",
    data: "Data",
    data_detail: "The same figures, for a spreadsheet or a program:",
    by_month: "by month",
    editions: "Frozen editions",
    editions_detail: "Each quarter, the figures of all démarches are frozen and never change again.",
    badge: "Badge to show",
    badge_detail: "It gives the note of the last 12 months and keeps itself up to date. Paste this snippet into the page of the démarche:",
    badge_alt: |title| format!("Satisfaction of users: {title}"),
};
