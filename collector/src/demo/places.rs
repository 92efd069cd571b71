//! Invented démarches: administrations, formalities and buttons that read like real ones and are nobody's.

use super::dice::{Dice, Urn};
use crate::catalogue::{Audience, Bouton, BoutonChannel, BoutonId, Demarche, DemarcheId};

/// The number of the first démarche; the next ones follow.
const FIRST_DEMARCHE: usize = 1_001;

/// The number of the first bouton.
const FIRST_BOUTON: usize = 5_001;

/// How many démarches the observatory follows as essential, at most.
const ESSENTIAL: usize = 250;

/// An administration, and what people ask of it.
struct Office {
    administration: &'static str,
    ministry: Option<&'static str>,
    audience: &'static [Audience],
    site: &'static str,
    /// What it grants, keeps or takes, behind a word such as «Demande».
    matters: [&'static str; 7],
}

const PEOPLE: &[Audience] = &[Audience::Particuliers];
const FIRMS: &[Audience] = &[Audience::Entreprises];
const BOTH: &[Audience] = &[Audience::Particuliers, Audience::Entreprises];
const GROUPS: &[Audience] = &[Audience::Associations, Audience::Collectivites];

const OFFICES: [Office; 14] = [
    Office {
        administration: "Direction des contributions",
        ministry: Some("Économie et finances"),
        audience: PEOPLE,
        site: "contributions",
        matters: [
            "de la déclaration annuelle de revenus",
            "d'un avis de taxe de séjour",
            "d'un prélèvement mensuel",
            "d'un dégrèvement pour travaux",
            "d'un quitus pour un véhicule importé",
            "d'une adresse fiscale",
            "d'un remboursement de trop-perçu",
        ],
    },
    Office {
        administration: "Agence des titres et permis",
        ministry: Some("Intérieur"),
        audience: PEOPLE,
        site: "titres-et-permis",
        matters: [
            "d'une carte d'identité",
            "d'un passeport",
            "d'un permis de conduire",
            "d'un certificat d'immatriculation",
            "d'un permis bateau",
            "d'une vignette de stationnement adapté",
            "d'un certificat de cession",
        ],
    },
    Office {
        administration: "Caisse des familles",
        ministry: Some("Solidarités"),
        audience: PEOPLE,
        site: "caisse-des-familles",
        matters: [
            "de l'aide au logement étudiant",
            "de la prime de naissance",
            "du complément de garde d'enfant",
            "de l'allocation de rentrée",
            "du quotient familial",
            "d'une pension alimentaire impayée",
            "du congé de présence parentale",
        ],
    },
    Office {
        administration: "Assurance des soins",
        ministry: Some("Santé"),
        audience: PEOPLE,
        site: "assurance-des-soins",
        matters: [
            "d'une carte de soins",
            "d'une carte de soins à l'étranger",
            "d'un arrêt de travail",
            "d'un médecin référent",
            "d'une complémentaire solidaire",
            "d'un transport médical",
            "d'un relevé de remboursements",
        ],
    },
    Office {
        administration: "Service de l'emploi",
        ministry: Some("Travail"),
        audience: PEOPLE,
        site: "service-de-l-emploi",
        matters: [
            "d'une inscription comme demandeur d'emploi",
            "de la situation mensuelle",
            "d'une allocation de retour à l'emploi",
            "d'une formation qualifiante",
            "d'une aide à la mobilité",
            "d'une attestation de droits",
            "d'un rendez-vous avec un conseiller",
        ],
    },
    Office {
        administration: "Caisse nationale des pensions",
        ministry: Some("Solidarités"),
        audience: PEOPLE,
        site: "caisse-des-pensions",
        matters: [
            "d'une retraite",
            "d'un relevé de carrière",
            "d'une pension de réversion",
            "d'un rachat de trimestres",
            "d'un certificat de vie",
            "d'une retraite progressive",
            "d'une attestation de paiement",
        ],
    },
    Office {
        administration: "Guichet des entreprises",
        ministry: Some("Économie et finances"),
        audience: FIRMS,
        site: "guichet-des-entreprises",
        matters: [
            "d'une entreprise individuelle",
            "d'un extrait du registre",
            "d'une carte de commerçant ambulant",
            "d'une modification de statuts",
            "d'une licence de restaurant",
            "d'une cessation d'activité",
            "des bénéficiaires effectifs",
        ],
    },
    Office {
        administration: "Recouvrement des cotisations",
        ministry: Some("Économie et finances"),
        audience: FIRMS,
        site: "recouvrement",
        matters: [
            "de cotisations trimestrielles",
            "d'une attestation de vigilance",
            "d'une embauche",
            "d'un délai de paiement",
            "d'un emploi à domicile",
            "d'un compte employeur",
            "d'un chiffre d'affaires mensuel",
        ],
    },
    Office {
        administration: "Office de la nature et de la chasse",
        ministry: Some("Transition écologique"),
        audience: PEOPLE,
        site: "nature-et-chasse",
        matters: [
            "d'un permis de chasser",
            "d'une carte de pêche",
            "d'un prélèvement d'eau",
            "d'un carnet de prélèvements",
            "d'un abattage d'arbres",
            "d'un animal d'espèce protégée",
            "d'un feu de végétaux",
        ],
    },
    Office {
        administration: "Agence de la rénovation",
        ministry: Some("Logement"),
        audience: BOTH,
        site: "agence-de-la-renovation",
        matters: [
            "d'une prime pour travaux d'isolation",
            "d'un audit énergétique",
            "d'une autorisation d'urbanisme",
            "d'un conventionnement de logement",
            "d'un logement social",
            "d'un changement de chaudière",
            "d'une adaptation au grand âge",
        ],
    },
    Office {
        administration: "Rectorat, service des examens",
        ministry: Some("Éducation nationale"),
        audience: PEOPLE,
        site: "examens",
        matters: [
            "d'une inscription au baccalauréat",
            "d'une bourse de lycée",
            "d'une attestation de diplôme",
            "d'un relevé de notes",
            "d'un aménagement d'épreuves",
            "d'une instruction en famille",
            "d'un transport scolaire",
        ],
    },
    Office {
        administration: "Vie étudiante",
        ministry: Some("Enseignement supérieur"),
        audience: PEOPLE,
        site: "vie-etudiante",
        matters: [
            "d'une bourse étudiante",
            "d'un logement en résidence universitaire",
            "d'une aide spécifique ponctuelle",
            "d'une année de césure",
            "d'une aide à la mobilité internationale",
            "d'un repas à tarif réduit",
            "d'une équivalence de diplôme",
        ],
    },
    Office {
        administration: "Greffe en ligne",
        ministry: Some("Justice"),
        audience: BOTH,
        site: "greffe",
        matters: [
            "d'un extrait de casier judiciaire",
            "d'une aide juridictionnelle",
            "d'un changement de prénom",
            "d'une injonction de payer",
            "d'une médiation familiale",
            "d'une tutelle",
            "d'un permis de visite",
        ],
    },
    Office {
        administration: "Vie associative et collectivités",
        ministry: None,
        audience: GROUPS,
        site: "vie-associative",
        matters: [
            "d'une association",
            "d'une subvention de fonctionnement",
            "d'une manifestation publique",
            "d'un appel à la générosité",
            "d'un marché public",
            "d'un équipement sportif",
            "d'une réserve communale",
        ],
    },
];

/// What is done about a matter, and what people call it afterwards.
const ACTS: [(&str, &str); 6] = [
    ("Demande", "ma demande"),
    ("Suivi", "le suivi de mon dossier"),
    ("Modification", "la modification"),
    ("Renouvellement ou reprise", "le renouvellement"),
    ("Contestation", "ma réclamation"),
    ("Transmission de pièces", "l'envoi des pièces"),
];

/// Where a button stands, what the administration calls it, and the pages from which people come.
const PLACEMENTS: [(BoutonChannel, &str, &[&str]); 7] = [
    (
        BoutonChannel::Online,
        "fin de parcours",
        &["/demande/confirmation", "/demande/recapitulatif?dossier=1"],
    ),
    (BoutonChannel::Online, "espace personnel", &["/compte/dossiers", "/compte/messages", "/compte"]),
    (BoutonChannel::Online, "courriel de suivi", &["/suivi"]),
    (BoutonChannel::Telephone, "après un appel", &["/contact/telephone"]),
    (BoutonChannel::Guichet, "accueil", &["/accueil/avis"]),
    (BoutonChannel::Courrier, "lettre de décision", &["/courrier"]),
    (BoutonChannel::Borne, "borne d'accueil", &["/borne/fin"]),
];

/// A démarche with its boutons, as avis come to it.
pub(super) struct Place {
    pub(super) demarche: Demarche,
    pub(super) boutons: Vec<Placement>,
    /// What people call it.
    pub(super) called: &'static str,
}

/// A bouton, and the pages from which people come.
pub(super) struct Placement {
    pub(super) bouton: Bouton,
    pub(super) pages: Vec<String>,
}

/// So many démarches, the most used first.
pub(super) fn places(demarches: usize, urn: &Urn) -> Vec<Place> {
    let mut dice = urn.dice(0);
    let mut boutons = FIRST_BOUTON..;
    let essential = (demarches * 4).div_ceil(5).min(ESSENTIAL);
    (0..demarches).map(|rank| place(rank, rank < essential, &mut boutons, &mut dice)).collect()
}

fn place(rank: usize, essential: bool, numbers: &mut impl Iterator<Item = usize>, dice: &mut Dice) -> Place {
    let office = &OFFICES[rank % OFFICES.len()];
    let matter = rank / OFFICES.len();
    let act = matter / office.matters.len();
    let (doing, called) = ACTS[act % ACTS.len()];
    let title = format!("{doing} {}", office.matters[matter % office.matters.len()]);
    // Where the titles are used up, the same is done in another part of the country.
    let title = match act / ACTS.len() {
        0 => title,
        part => format!("{title} (territoire {})", part + 1),
    };
    let id = DemarcheId((FIRST_DEMARCHE + rank).to_string());
    let mut aliases = vec![format!("form:{}", rank + 1)];
    if dice.chance(600) {
        aliases.push(format!("xwiki:{}", 2_001 + rank));
    }
    let origin = format!("https://{}.example.fr", office.site);
    // One button at the end of the way; some have others elsewhere.
    let count = 1 + dice.weighted(&[60, 28, 12]);
    let mut free: Vec<usize> = (1..PLACEMENTS.len()).collect();
    let boutons = (0..count)
        .map(|nth| {
            let which = if nth == 0 { 0 } else { free.remove(dice.place(free.len())) };
            let (channel, label, paths) = PLACEMENTS[which];
            let online = channel == BoutonChannel::Online;
            let number = numbers.next().unwrap_or(FIRST_BOUTON).to_string();
            Placement {
                pages: paths.iter().map(|path| format!("{origin}/{}{path}", id.0)).collect(),
                bouton: Bouton {
                    id: BoutonId(number),
                    demarche: id.clone(),
                    aliases: if nth == 0 { vec!["button".to_owned()] } else { vec![] },
                    label: Some(label.to_owned()),
                    channel,
                    origins: if online { vec![origin.clone()] } else { vec![] },
                    closed: false,
                },
            }
        })
        .collect();
    let demarche = Demarche {
        id,
        aliases,
        title,
        administration: office.administration.to_owned(),
        ministry: office.ministry.map(str::to_owned),
        audience: office.audience.to_vec(),
        essential,
        closed: false,
    };
    Place { demarche, boutons, called }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn titles_ids_and_boutons_are_each_once() {
        let places = places(1_000, &Urn::new("test", &[1]));
        let titles: BTreeSet<&str> = places.iter().map(|place| place.demarche.title.as_str()).collect();
        assert_eq!(titles.len(), 1_000);
        let boutons: Vec<&Placement> = places.iter().flat_map(|place| &place.boutons).collect();
        let ids: BTreeSet<&BoutonId> = boutons.iter().map(|placement| &placement.bouton.id).collect();
        assert_eq!(ids.len(), boutons.len());
        assert_eq!(places[0].demarche.id.0, "1001");
        assert_eq!(places.iter().filter(|place| place.demarche.essential).count(), 250);
        assert!(places.iter().all(|place| (1..=3).contains(&place.boutons.len())));
    }
}
