//! The legal words, in two languages.

/// The words of one language.
pub(super) struct LegalTexts {
    /// Who decides: heading, sentence, and what stands there where nobody was named.
    pub(super) controller: &'static str,
    pub(super) controller_is: fn(&str) -> String,
    pub(super) controller_unknown: &'static str,
    /// Before the address of the data protection officer, and where there is none.
    pub(super) officer: &'static str,
    pub(super) officer_unknown: &'static str,
    /// The legal ground.
    pub(super) ground: &'static str,
    pub(super) ground_is: &'static str,
    /// For how long each kind of data is kept: texts and pages for these months.
    pub(super) durations: &'static str,
    pub(super) durations_are: fn(&str, &str) -> [String; 5],
    /// What is done against floods and forgery.
    pub(super) against_fraud: &'static str,
    pub(super) against_fraud_is: &'static str,
    /// Who reads what.
    pub(super) recipients: &'static str,
    pub(super) recipients_are: &'static str,
    /// The rights of the law, and where to complain.
    pub(super) rights: &'static str,
    pub(super) rights_are: &'static str,
    pub(super) complain: &'static str,
    /// At the foot of pages.
    pub(super) foot: &'static str,
    /// The statement of accessibility, in the order of the page.
    pub(super) accessibility: &'static str,
    pub(super) we: &'static str,
    pub(super) commitment: fn(&str) -> String,
    pub(super) state: &'static str,
    pub(super) state_is: &'static str,
    pub(super) tested: &'static str,
    pub(super) tested_is: &'static str,
    pub(super) tested_are: [&'static str; 6],
    pub(super) untested: &'static str,
    pub(super) untested_are: [&'static str; 3],
    pub(super) made: &'static str,
    pub(super) made_is: &'static str,
    pub(super) feedback: &'static str,
    pub(super) feedback_is: &'static str,
    pub(super) feedback_at: &'static str,
    pub(super) feedback_unknown: &'static str,
    pub(super) recourse: &'static str,
    pub(super) recourse_is: &'static str,
    pub(super) defender_form: &'static str,
    pub(super) defender_people: &'static str,
    pub(super) defender_post: &'static str,
}

pub(super) static FR: LegalTexts = LegalTexts {
    controller: "Qui en est responsable",
    controller_is: |name| {
        format!(
            "{name} est responsable de ce traitement, avec l’administration de la démarche sur laquelle porte votre avis."
        )
    },
    controller_unknown: "Le service qui fait fonctionner ce site n’a pas encore indiqué son nom ici. L’administration de la démarche sur laquelle porte votre avis le connaît et doit vous le donner.",
    officer: "Déléguée ou délégué à la protection des données\u{a0}:",
    officer_unknown: "L’adresse de la personne déléguée à la protection des données n’a pas encore été indiquée ici\u{a0}: demandez-la à l’administration de la démarche.",
    ground: "Sur quelle base",
    ground_is: "L’exécution d’une mission d’intérêt public\u{a0}: mesurer et améliorer la qualité des démarches administratives (article 6, paragraphe 1, point e du RGPD). Répondre est facultatif et ne change rien à votre démarche. Aucune donnée personnelle n’est demandée\u{a0}; si vous en écrivez, elle n’est utilisée pour rien. Aucune décision n’est prise automatiquement à votre sujet.",
    durations: "Combien de temps",
    durations_are: |texts, pages| {
        [
            format!("Ce que vous écrivez\u{a0}: {texts}\u{a0}mois, puis effacé automatiquement."),
            format!("La page d’où vous venez\u{a0}: {pages}\u{a0}mois à côté de votre avis."),
            "Vos réponses aux questions à choix\u{a0}: aussi longtemps que les moyennes qu’elles composent. Elles ne désignent personne.".to_owned(),
            "L’empreinte qui évite les doublons et son heure\u{a0}: 72\u{a0}heures.".to_owned(),
            "Les journaux techniques ne contiennent ni adresse, ni réponse, ni reçu.".to_owned(),
        ]
    },
    against_fraud: "Contre les envois en masse",
    against_fraud_is: "Le nombre d’envois récents de chaque réseau est compté en mémoire seulement, sous une empreinte faite avec une clé qui change chaque jour et n’est jamais écrite\u{a0}; rien n’en reste. Un avis qui paraît automatique peut être mis de côté\u{a0}: il est enregistré avec le motif, sans compter, et une personne peut le rétablir. Rien n’est enregistré sur qui l’a envoyé.",
    recipients: "Qui y a accès",
    recipients_are: "L’administration de la démarche et le service qui fait fonctionner ce site lisent les réponses et les commentaires. Les moyennes sont publiques. Rien n’est vendu, ni transmis à d’autres, ni utilisé pour autre chose.",
    rights: "Vos droits selon le RGPD",
    rights_are: "Accès, rectification, effacement, limitation et opposition s’exercent avec votre reçu\u{a0}: sur la page de retrait, ou en l’envoyant à l’adresse ci-dessus. Sans reçu, aucun avis ne peut vous être rattaché, et personne ne vous demandera de données supplémentaires pour essayer (article 11 du RGPD). Si un commentaire parle de vous, signalez-le à la même adresse.",
    complain: "Adresser une réclamation à la CNIL",
    foot: "Accessibilité\u{a0}: non conforme",
    accessibility: "Déclaration d’accessibilité",
    we: "Le service qui fait fonctionner ce site",
    commitment: |who| {
        format!(
            "{who} s’engage à rendre ce service accessible, conformément à l’article 47 de la loi n°\u{a0}2005-102 du 11\u{a0}février 2005. Cette déclaration s’applique au bouton, au formulaire et aux pages de ce site."
        )
    },
    state: "État de conformité",
    state_is: "Ce service est non conforme au référentiel général d’amélioration de l’accessibilité (RGAA 4.1.2) tant qu’un audit n’a pas établi le contraire\u{a0}: aucun n’a encore été fait par des personnes.",
    tested: "Ce qui a été vérifié",
    tested_is: "À chaque version, par des programmes, dans Chromium, Firefox et WebKit\u{a0}:",
    tested_are: [
        "les règles automatiques d’axe-core sur le formulaire et sur toutes les pages, de jour et de nuit\u{a0};",
        "le parcours complet au clavier, l’ordre et la visibilité de la prise de focus\u{a0};",
        "le fonctionnement sans JavaScript\u{a0};",
        "l’affichage sur 320\u{a0}pixels de large, sans défilement horizontal\u{a0};",
        "les noms, les rôles et les annonces des champs, des erreurs et des messages d’état\u{a0};",
        "les contrastes des couleurs de la charte, en clair et en sombre.",
    ],
    untested: "Ce qui ne l’a pas été",
    untested_are: [
        "La restitution par des lecteurs d’écran, essayée par les personnes qui s’en servent.",
        "La pertinence des intitulés, des alternatives et de l’ordre de lecture, qu’aucun programme ne juge\u{a0}: les vérifications automatiques ne voient qu’environ un quart des critères.",
        "L’échantillon de pages et le taux de conformité, qui viendront de l’audit. Aucun contenu non accessible n’est connu à ce jour\u{a0}; aucune dérogation n’est invoquée.",
    ],
    made: "Établissement de cette déclaration",
    made_is: "Établie le 22\u{a0}novembre 2026. Technologies\u{a0}: HTML, CSS, SVG, JavaScript et WebAssembly\u{a0}; le formulaire fonctionne aussi avec le seul HTML.",
    feedback: "Retour d’information et contact",
    feedback_is: "Si quelque chose vous empêche de donner votre avis, signalez-le\u{a0}: une autre façon de le donner vous sera proposée.",
    feedback_at: "Écrivez à",
    feedback_unknown: "L’adresse à laquelle écrire n’a pas encore été indiquée ici\u{a0}: adressez-vous à l’administration de la démarche, par les moyens que son site indique.",
    recourse: "Voies de recours",
    recourse_is: "Si vous avez signalé un défaut d’accessibilité qui vous empêche d’accéder à un contenu ou à un service, et que vous n’avez pas obtenu de réponse satisfaisante, vous pouvez\u{a0}:",
    defender_form: "écrire un message à la Défenseure ou au Défenseur des droits\u{a0};",
    defender_people: "contacter sa déléguée ou son délégué dans votre région\u{a0};",
    defender_post: "lui écrire, gratuitement et sans timbre\u{a0}: Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07.",
};

pub(super) static EN: LegalTexts = LegalTexts {
    controller: "Who is responsible",
    controller_is: |name| {
        format!(
            "{name} is the controller of this processing, together with the administration of the procedure that your opinion is about."
        )
    },
    controller_unknown: "The service that runs this site has not given its name here yet. The administration of the procedure that your opinion is about knows it and has to tell you.",
    officer: "Data protection officer:",
    officer_unknown: "The address of the data protection officer has not been given here yet: ask the administration of the procedure for it.",
    ground: "On what ground",
    ground_is: "A task carried out in the public interest: to measure and improve the quality of public services (GDPR, article 6(1)(e)). Answering is optional and changes nothing for your procedure. No personal data is asked for; if you write any, it is used for nothing. No decision about you is made automatically.",
    durations: "For how long",
    durations_are: |texts, pages| {
        [
            format!("What you write: {texts} months, then erased automatically."),
            format!("The page you came from: {pages} months beside your opinion."),
            "Your answers to questions with choices: as long as the averages that they make up. They name nobody.".to_owned(),
            "The fingerprint that prevents doubles, and its time: 72 hours.".to_owned(),
            "Technical logs hold no address, no answer and no receipt.".to_owned(),
        ]
    },
    against_fraud: "Against mass sending",
    against_fraud_is: "How much each network sent lately is counted in memory only, under a fingerprint made with a key that changes every day and is never written down; nothing of it remains. An opinion that seems automatic may be set aside: it is stored with the reason and not counted, and a person can bring it back. Nothing about who sent it is stored.",
    recipients: "Who has access",
    recipients_are: "The administration of the procedure and the service that runs this site read answers and comments. Averages are public. Nothing is sold, passed on to others, or used for anything else.",
    rights: "Your rights under the GDPR",
    rights_are: "Access, rectification, erasure, restriction and objection are exercised with your receipt: on the withdrawal page, or by sending it to the address above. Without it, no opinion can be told to be yours, and nobody will ask you for more data to try (GDPR, article 11). If a comment speaks of you, tell the same address.",
    complain: "Complain to the French data protection authority, the CNIL (in French)",
    foot: "Accessibility: not compliant",
    accessibility: "Accessibility statement",
    we: "The service that runs this site",
    commitment: |who| {
        format!(
            "{who} undertakes to make this service accessible, as article 47 of the French law no. 2005-102 of 11 February 2005 demands. This statement is about the button, the form and the pages of this site."
        )
    },
    state: "State of compliance",
    state_is: "This service is not compliant with the French accessibility standard (RGAA 4.1.2) until an audit has found otherwise: people have not audited it yet.",
    tested: "What was checked",
    tested_is: "For every version, by programs, in Chromium, Firefox and WebKit:",
    tested_are: [
        "the automatic rules of axe-core on the form and on all pages, by day and at night;",
        "the whole way with a keyboard, the order and the visibility of the focus;",
        "how it works without JavaScript;",
        "that nothing scrolls sideways at a width of 320 pixels;",
        "names, roles and announcements of fields, errors and status messages;",
        "the contrast of the colours of the design, light and dark.",
    ],
    untested: "What was not",
    untested_are: [
        "What screen readers make of it, tried by the people who use them.",
        "Whether labels, alternatives and the reading order make sense, which no program can judge: automatic checks see about a quarter of the criteria.",
        "A sample of pages and a rate of compliance, which will come from the audit. No content is known to be inaccessible so far; no exemption is claimed.",
    ],
    made: "About this statement",
    made_is: "Made on 22 November 2026. Technologies: HTML, CSS, SVG, JavaScript and WebAssembly; the form works with HTML alone as well.",
    feedback: "Feedback and contact",
    feedback_is: "If something keeps you from giving your opinion, say so: you will be offered another way to give it.",
    feedback_at: "Write to",
    feedback_unknown: "The address to write to has not been given here yet: turn to the administration of the procedure, by the means that its site tells.",
    recourse: "Recourse",
    recourse_is: "If you reported that something is not accessible, which keeps you from a content or a service, and got no satisfactory answer, you can:",
    defender_form: "write to the Defender of Rights (in French);",
    defender_people: "meet one of its delegates in your region;",
    defender_post: "write by post, free of charge, without a stamp: Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07.",
};
