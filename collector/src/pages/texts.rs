//! The words of the pages around the form.

mod ar;
mod de;
mod es;
mod pt;

use super::api::ApiTexts;
use super::api::Types;
use crate::language::choose;
use shared::Language;

/// The words of the pages that citizens meet, in one language.
pub(super) struct PageTexts {
    /// Before the title of a page that shows an error.
    pub(super) error: &'static str,
    /// Before a status number.
    pub(super) status: &'static str,
    /// Above the parameters of an address that are wrong.
    pub(super) wrong_parameters: &'static str,
    /// The heading and the button of the withdrawal page.
    pub(super) withdraw: &'static str,
    /// What withdrawing does.
    pub(super) withdraw_detail: &'static str,
    /// The label of the receipt's field.
    pub(super) receipt: &'static str,
    /// What a receipt looks like.
    pub(super) receipt_hint: &'static str,
    /// What was typed is no receipt.
    pub(super) receipt_misspelt: &'static str,
    /// No avis has this receipt.
    pub(super) receipt_unknown: &'static str,
    /// The heading once it is done.
    pub(super) withdrawn: &'static str,
    /// What that means.
    pub(super) withdrawn_detail: &'static str,
    /// The heading where it will be done.
    pub(super) withdrawal_noted: &'static str,
    /// What that means.
    pub(super) withdrawal_noted_detail: &'static str,
    /// The heading of the privacy page.
    pub(super) privacy: &'static str,
    /// Its sections: heading and paragraph.
    pub(super) privacy_sections: [(&'static str, &'static str); 6],
}

/// The words of the pages that administrations, programs and readers of figures meet: in French and English alone.
pub(super) struct OfficeTexts {
    /// The words of the integration page.
    pub(super) integration: IntegrationTexts,
    /// The words of the front page.
    pub(super) home: HomeTexts,
    /// The words of the pages about the published data.
    pub(super) data: DataTexts,
    /// The words of the page of the API.
    pub(super) api: ApiTexts,
}

/// The words of the front page.
pub(super) struct HomeTexts {
    /// What this is.
    pub(super) lead: &'static str,
    /// The ways from here: where to, what it is called, what is there.
    pub(super) ways: [(&'static str, &'static str, &'static str); 5],
}

/// The words of the pages about the published data.
pub(super) struct DataTexts {
    /// What these pages are about together.
    pub(super) title: &'static str,
    pub(super) observatory: &'static str,
    pub(super) method: &'static str,
    pub(super) api: &'static str,
    pub(super) catalogue: &'static str,
    pub(super) table_schema: &'static str,
}

/// The words of the integration page.
pub(super) struct IntegrationTexts {
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    pub(super) preview: &'static str,
    pub(super) preview_detail: &'static str,
    pub(super) element: &'static str,
    pub(super) element_detail: &'static str,
    pub(super) after_load: &'static str,
    pub(super) after_load_detail: &'static str,
    /// Followed by the source of a policy.
    pub(super) after_load_policy: &'static str,
    pub(super) link: &'static str,
    pub(super) link_detail: &'static str,
    pub(super) image: &'static str,
    pub(super) image_detail: &'static str,
    pub(super) policy: &'static str,
    pub(super) policy_detail: &'static str,
    pub(super) pinned: &'static str,
    pub(super) pinned_detail: &'static str,
    pub(super) pinned_policy: &'static str,
    pub(super) pinned_policy_detail: &'static str,
    pub(super) no_bouton: &'static str,
    pub(super) bouton: &'static str,
}

pub(super) fn of(language: Language) -> &'static PageTexts {
    match language {
        Language::Fr => &FR,
        Language::En => &EN,
        Language::Es => &es::TEXTS,
        Language::De => &de::TEXTS,
        Language::Pt => &pt::TEXTS,
        Language::Ar => &ar::TEXTS,
    }
}

pub(super) fn of_two(language: Language) -> &'static OfficeTexts {
    choose(language, &OFFICE_FR, &OFFICE_EN)
}

static FR: PageTexts = PageTexts {
    error: "Erreur",
    status: "Code",
    wrong_parameters: "Corrigez ces paramètres dans l’adresse, ou revenez à la page et choisissez à nouveau.",
    withdraw: "Retirer mon avis",
    withdraw_detail: "Votre avis et ses réponses seront effacés et ne compteront plus dans les moyennes. Le reçu suffit\u{a0}: nous ne savons pas de qui vient un avis. Les éditions déjà publiées, elles, ne changent plus.",
    receipt: "Reçu",
    receipt_hint: "16 lettres et chiffres, affichés à la fin du formulaire, comme 7K3M-9QX2-0B4T-HZ8R.",
    receipt_misspelt: "Ce n’est pas un reçu\u{a0}: il y faut 16 lettres et chiffres. Vérifiez ce que vous avez noté.",
    receipt_unknown: "Aucun avis ne porte ce reçu. Il a peut-être déjà été retiré\u{a0}; sinon, vérifiez chaque caractère.",
    withdrawn: "Votre avis est retiré",
    withdrawn_detail: "Il est effacé, avec toutes ses réponses, et ne compte plus. Vous pouvez fermer cette page.",
    withdrawal_noted: "Votre demande est enregistrée",
    withdrawal_noted_detail: "Si un avis porte ce reçu, il sera effacé sous peu, avec toutes ses réponses, et ne comptera plus. Vous n’avez rien d’autre à faire et pouvez fermer cette page.",
    privacy: "Ce que nous faisons de vos réponses",
    privacy_sections: [
        (
            "Ce qui est enregistré",
            "Vos réponses, le jour, la langue du formulaire, la démarche, le bouton et la page d’où vous venez (sans ce qui suit le point d’interrogation ni les numéros de dossier). Rien d’autre\u{a0}: ni adresse, ni navigateur, ni identifiant, ni heure à côté de vos réponses.",
        ),
        (
            "Ce qui ne l’est pas",
            "Aucun cookie n’est déposé et personne n’est suivi. L’adresse de votre connexion sert, en mémoire seulement, à arrêter les envois en masse\u{a0}; elle n’est jamais écrite. Dès que vous envoyez votre avis, vos réponses attendent dans l’onglet de votre navigateur (sessionStorage) jusqu’à ce que vous ayez terminé, et jamais plus longtemps que l’onglet.",
        ),
        (
            "À quoi elles servent",
            "L’administration lit les commentaires pour corriger sa démarche. Les moyennes par démarche sont publiques. N’écrivez rien de personnel\u{a0}: un commentaire ne reçoit pas de réponse.",
        ),
        (
            "Ce qui est masqué",
            "Si vos textes contiennent une adresse électronique, un numéro de téléphone, de sécurité sociale, d’IBAN, de carte bancaire ou d’immatriculation, ou votre numéro fiscal, un mot entre crochets le remplace avant tout enregistrement, comme [tél.]. Un programme les reconnaît à leur forme et n’en reconnaît pas d’autres\u{a0}: un nom ou une adresse postale restent tels que vous les écrivez.",
        ),
        (
            "Vos droits",
            "Vous pouvez modifier vos réponses pendant 24 heures, et retirer votre avis à tout moment avec le reçu affiché par le formulaire. Sans ce reçu, personne ne peut dire quel avis est le vôtre.",
        ),
        (
            "La clé qui évite les doublons",
            "Pendant 72 heures, une empreinte de chaque envoi et son heure sont gardées à part, pour qu’un double clic ou une reprise ne compte pas deux fois. Puis elles sont effacées.",
        ),
    ],
};

static OFFICE_FR: OfficeTexts = OfficeTexts {
    integration: IntegrationTexts {
        title: "Intégrer le bouton",
        lead: "Collez un seul de ces extraits à la fin de la démarche, sur la page qui confirme l’envoi.",
        preview: "Aperçu",
        preview_detail: "Le bouton tel qu’il fonctionne. Un avis donné ici est un véritable avis.",
        element: "Le bouton",
        element_detail: "Recommandé. Le formulaire s’ouvre dans votre page\u{a0}; sans JavaScript, c’est le lien. Chargement\u{a0}: 3\u{a0}ko, puis rien avant qu’on s’en approche. Il se dessine autour du lien sans déplacer la page\u{a0}: laissez-lui une ligne de blanc au-dessus et au-dessous.",
        after_load: "Sans que rien ne l’attende",
        after_load_detail: "Le script ci-dessus ne retient ni l’affichage ni le début de votre page, mais son événement «\u{a0}load\u{a0}» l’attend, et donc notre serveur s’il tarde. Si votre page en fait dépendre quelque chose, remplacez ce script par cette ligne\u{a0}: rien ne l’attend plus.",
        after_load_policy: "C’est un script dans la page\u{a0}: avec une politique de sécurité, donnez-lui votre nonce, ou ajoutez à «\u{a0}script-src\u{a0}» cette source\u{a0}:",
        link: "Un lien",
        link_detail: "Pour un courriel, un SMS ou une page qui n’accepte aucun script.",
        image: "Une image",
        image_detail: "Pour un gestionnaire de contenu qui n’accepte qu’une image et un lien.",
        policy: "Politique de sécurité (CSP)",
        policy_detail: "Si votre page en a une, ajoutez ces sources aux directives qu’elle contient déjà. Aucune directive de style n’est nécessaire.",
        pinned: "Le bouton, épinglé",
        pinned_detail: "Pour un site qui fixe ce qu’il exécute. Cette version ne changera jamais et restera servie après les mises à jour\u{a0}: votre navigateur refuse tout autre contenu, WebAssembly compris. Chargement\u{a0}: moins de 10\u{a0}ko. Revenez ici de temps en temps, pour prendre la version du moment.",
        pinned_policy: "Politique de sécurité du bouton épinglé",
        pinned_policy_detail: "L’empreinte suffit, sans nom de domaine parmi les scripts. Un navigateur qui ne connaît pas les empreintes de scripts externes garde le lien\u{a0}; pour lui, ajoutez l’adresse du script à côté de l’empreinte.",
        no_bouton: "Cette démarche n’a pas encore de bouton\u{a0}: les extraits fonctionnent sans, mais les avis ne diront pas par où ils sont venus.",
        bouton: "Bouton",
    },
    home: HomeTexts {
        lead: "À la fin d’une démarche, un bouton demande comment elle s’est passée. Les avis sont anonymes, et leurs moyennes publiques.",
        ways: [
            (
                "/observatoire",
                "L’observatoire",
                "La note de chaque démarche, d’où elle vient et comment elle évolue.",
            ),
            ("/methode", "La méthode", "Comment ces chiffres sont calculés, et ce qu’ils ne disent pas."),
            ("/api/", "L’API", "Les mêmes chiffres pour les programmes, en données ouvertes."),
            (
                "/confidentialite",
                "Ce que nous faisons de vos réponses",
                "Ce qui est enregistré, et ce qui ne l’est pas.",
            ),
            ("/retrait", "Retirer mon avis", "Avec le reçu que le formulaire affiche à la fin."),
        ],
    },
    data: DataTexts {
        title: "Données ouvertes",
        observatory: "Observatoire",
        method: "Méthode",
        api: "API",
        catalogue: "Catalogue (DCAT)",
        table_schema: "Schéma du tableau",
    },
    api: ApiTexts {
        title: "L’API",
        contents: "Sommaire",
        for_programs: "Pour les programmes, tout ce qui suit est dans un document OpenAPI 3.1\u{a0}:",
        parameters: "Paramètres",
        body: "Corps",
        answers: "Réponses",
        examples: "Exemples",
        answer: "Réponse",
        formats: "Formats",
        formats_detail: "Les formes de ce qui est envoyé et reçu, en JSON.",
        errors: "Erreurs",
        errors_detail: "Le type d’une erreur est stable\u{a0}; son adresse dit ce qu’il veut dire et que faire.",
        examples_detail: "Les exemples répondent sur une base de démonstration, que remplit",
        authorization: "Avec un en-tête Authorization: Bearer.",
        authorization_optional: "Sans clé, ou avec un en-tête Authorization: Bearer.",
        required: "nécessaire",
        or: "ou",
        types: Types {
            string: "texte",
            number: "nombre",
            integer: "entier",
            boolean: "booléen",
            object: "objet",
            list_of: "liste de",
            date: "jour",
            instant: "instant",
            at_most: |longest| format!("{longest} caractères au plus"),
        },
    },
};

static EN: PageTexts = PageTexts {
    error: "Error",
    status: "Code",
    wrong_parameters: "Mend these parameters in the address, or go back to the page and choose again.",
    withdraw: "Withdraw my opinion",
    withdraw_detail: "Your opinion and its answers will be erased and count in averages no more. The receipt is enough: we do not know whom an opinion comes from. Editions that are published already do not change.",
    receipt: "Receipt",
    receipt_hint: "16 letters and digits, shown at the end of the form, like 7K3M-9QX2-0B4T-HZ8R.",
    receipt_misspelt: "This is no receipt: it takes 16 letters and digits. Check what you noted.",
    receipt_unknown: "No opinion has this receipt. It may have been withdrawn already; if not, check every character.",
    withdrawn: "Your opinion is withdrawn",
    withdrawn_detail: "It is erased, with all its answers, and counts no more. You can close this page.",
    withdrawal_noted: "Your request is recorded",
    withdrawal_noted_detail: "If an opinion has this receipt, it will be erased shortly, with all its answers, and count no more. There is nothing else to do: you can close this page.",
    privacy: "What we do with your answers",
    privacy_sections: [
        (
            "What is stored",
            "The button “Je donne mon avis” collects your opinion, in French “avis”, on a procedure of the French administration, in French “démarche”. What is stored: your answers, the day, the language of the form, the procedure, the button and the page you came from (without what follows the question mark, nor file numbers). Nothing else: no address, no browser, no identifier, no time of day beside your answers.",
        ),
        (
            "What is not",
            "No cookie is set and nobody is followed. The address of your connection serves, in memory only, to stop mass sending; it is never written down. Once you send your opinion, your answers wait in the tab of your browser (sessionStorage) until you have finished, and never longer than the tab.",
        ),
        (
            "What they are for",
            "The administration reads comments to mend its procedure. Averages per procedure are public. Write nothing personal: a comment gets no answer.",
        ),
        (
            "What is masked",
            "If your texts hold an e-mail address, the number of a phone, of the social security, of a bank account (IBAN), of a payment card or of a vehicle, or your tax number, a word in square brackets takes its place before anything is stored, such as [tél.]. A program knows them by their shape, and knows no others: a name or a postal address stays as you write it.",
        ),
        (
            "Your rights",
            "You can change your answers for 24 hours, and withdraw your opinion at any time with the receipt that the form shows. Without it, nobody can tell which opinion is yours.",
        ),
        (
            "The key that prevents doubles",
            "For 72 hours, a fingerprint of each request and its time are kept apart, so that a double click or a retry does not count twice. Then they are erased.",
        ),
    ],
};

static OFFICE_EN: OfficeTexts = OfficeTexts {
    integration: IntegrationTexts {
        title: "Embed the button",
        lead: "Paste one of these snippets at the end of the service, on the page that confirms it.",
        preview: "Preview",
        preview_detail: "The button as it works. An avis given here is a real one.",
        element: "The button",
        element_detail: "Recommended. The form opens in your page; without JavaScript, it is the link. It loads 3 kB, then nothing until somebody comes near. It is drawn around the link without moving the page: leave it a blank line above and below.",
        after_load: "With nothing waiting for it",
        after_load_detail: "The script above holds up neither the display nor the start of your page, but its “load” event waits for it, and so for our server if that is slow. If your page makes something depend on that event, replace the script by this line: then nothing waits.",
        after_load_policy: "It is a script within the page: under a security policy, give it your nonce, or add this source to “script-src”:",
        link: "A link",
        link_detail: "For an e-mail, a text message or a page that takes no script.",
        image: "An image",
        image_detail: "For a content manager that takes an image and a link only.",
        policy: "Security policy (CSP)",
        policy_detail: "If your page has one, add these sources to the directives it has already. No style directive is needed.",
        pinned: "The button, pinned",
        pinned_detail: "For a site that fixes what it runs. This version never changes and is still served after upgrades: browsers refuse any other content, the WebAssembly included. It loads less than 10 kB. Come back now and then to take the version of the day.",
        pinned_policy: "Security policy of the pinned button",
        pinned_policy_detail: "The hash is enough, without a host among the scripts. A browser that does not know hashes of external scripts keeps the link; for it, add the address of the script beside the hash.",
        no_bouton: "This démarche has no bouton yet: the snippets work without, but avis will not tell which way they came.",
        bouton: "Bouton",
    },
    home: HomeTexts {
        lead: "At the end of a démarche, a button asks how it went. Avis are anonymous, and their averages public.",
        ways: [
            (
                "/observatoire",
                "The observatory",
                "The note of each démarche, where it comes from and how it moves.",
            ),
            (
                "/methode",
                "The method",
                "How these figures are computed, and what they do not say (in French).",
            ),
            ("/api/", "The API", "The same figures for programs, as open data."),
            ("/confidentialite", "What we do with your answers", "What is stored, and what is not."),
            ("/retrait", "Withdraw my opinion", "With the receipt that the form shows at its end."),
        ],
    },
    data: DataTexts {
        title: "Open data",
        observatory: "Observatory",
        method: "Method",
        api: "API",
        catalogue: "Catalogue (DCAT)",
        table_schema: "Table schema",
    },
    api: ApiTexts {
        title: "The API",
        contents: "Contents",
        for_programs: "For programs, all that follows is in an OpenAPI 3.1 document:",
        parameters: "Parameters",
        body: "Body",
        answers: "Answers",
        examples: "Examples",
        answer: "Answer",
        formats: "Formats",
        formats_detail: "The forms of what is sent and received, in JSON.",
        errors: "Errors",
        errors_detail: "The type of an error is stable; its address tells what it means and what to do.",
        examples_detail: "The examples answer on a database of the demo, filled by",
        authorization: "With an Authorization: Bearer header.",
        authorization_optional: "Without a key, or with an Authorization: Bearer header.",
        required: "required",
        or: "or",
        types: Types {
            string: "text",
            number: "number",
            integer: "integer",
            boolean: "boolean",
            object: "object",
            list_of: "list of",
            date: "day",
            instant: "instant",
            at_most: |longest| format!("{longest} characters at most"),
        },
    },
};
