//! The addresses of the buttons that are already out there, and the démarche and bouton that each means.
//!
//! Their first generation numbered démarches otherwise than the next ones, and the numbers were given away again
//! since: they are aliases here (`xwiki:3839`), as are those of the forms of the latest (`form:2246`).

use super::{form_alias, xwiki_alias};
use crate::catalogue::{Bouton, Catalogue, Demarche};
use crate::query;

/// The languages that stand in such an address.
pub const LANGUAGES: [&str; 5] = ["fr", "en", "es", "ar", "pt"];

/// What the address says beside its path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Query {
    button: Option<String>,
    nd_source: Option<String>,
    is_first_generation: bool,
}

impl Query {
    /// Reads a query as buttons wrote it: `?&` and repeated names included, and `&amp;` where a page has it once too
    /// often.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let mut pairs = query::parameters(query);
        for (name, _) in &mut pairs {
            if let Some(rest) = name.strip_prefix("amp;") {
                *name = rest.to_owned();
            }
        }
        let value = |name: &str| {
            let found = pairs.iter().find(|(key, value)| key == name && !value.is_empty());
            found.map(|(_, value)| value.clone())
        };
        let button = value("button");
        // Each of these is written by no other.
        let marks = ["nd_source", "key", "view-mode", "nd_mode"];
        let is_marked = pairs.iter().any(|(key, _)| marks.contains(&key.as_str()));
        Self { is_first_generation: button.is_none() && is_marked, nd_source: value("nd_source"), button }
    }

    fn own_bouton<'a>(&self, catalogue: &'a Catalogue, demarche: &Demarche) -> Option<&'a Bouton> {
        named(self.button.as_deref()?, |name| catalogue.own_bouton(&demarche.id, name))
    }
}

/// What a name stands for. Where nothing has the whole of it, its leading digits are meant, as the service before read
/// numbers: a full stop or a bracket of the sentence around a link came along.
fn named<T>(name: &str, find: impl Fn(&str) -> Option<T>) -> Option<T> {
    find(name).or_else(|| {
        let begun = name.trim_start().trim_start_matches('0');
        let end = begun.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(begun.len());
        find(&begun[..end])
    })
}

/// The démarche and bouton that `/Demarches/{number}` means.
#[must_use]
pub fn find<'a>(
    catalogue: &'a Catalogue,
    number: &str,
    query: &Query,
) -> Option<(&'a Demarche, Option<&'a Bouton>)> {
    let first_generation = || named(number, |number| catalogue.demarche(&xwiki_alias(number)));
    let later_generation = || named(number, |number| catalogue.demarche(number));
    if query.button.is_some() {
        let demarche = later_generation()?;
        return Some((demarche, query.own_bouton(catalogue, demarche)));
    }
    if query.is_first_generation {
        let demarche = first_generation()?;
        let aliased = |alias| catalogue.bouton_by_alias(&demarche.id, alias);
        return Some((demarche, query.nd_source.as_deref().and_then(aliased).or_else(|| aliased("button"))));
    }
    first_generation().or_else(later_generation).map(|demarche| (demarche, None))
}

/// The démarche and bouton that `/Demarches/avis/{number}` means, where the number is that of a form.
#[must_use]
pub fn find_form<'a>(
    catalogue: &'a Catalogue,
    number: &str,
    query: &Query,
) -> Option<(&'a Demarche, Option<&'a Bouton>)> {
    let demarche = named(number, |number| catalogue.demarche(&form_alias(number)))?;
    Some((demarche, query.own_bouton(catalogue, demarche)))
}

/// An address of a button out there, whatever its host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OldAddress {
    /// Whether the number is that of a form.
    pub is_form: bool,
    /// The number as it stands there.
    pub number: String,
    /// What stands beside the path.
    pub query: Query,
}

impl OldAddress {
    /// Reads the path and the query of an address; none where no button out there has such a one.
    #[must_use]
    pub fn parse(path: &str, query: &str) -> Option<Self> {
        let path = path.strip_prefix("/Demarches/")?;
        let segments: Vec<&str> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
        let segments = match segments.as_slice() {
            [language, rest @ ..] if LANGUAGES.contains(language) => rest,
            all => all,
        };
        let (is_form, number) = match segments {
            ["avis", number] => (true, *number),
            [number] => (false, *number),
            _ => return None,
        };
        // Beside them are the service's own pages and files.
        let is_number = number.trim_start_matches("%20").starts_with(|first: char| first.is_ascii_digit());
        is_number.then(|| Self { is_form, number: number.to_owned(), query: Query::parse(query) })
    }

    /// The démarche and bouton that it means.
    #[must_use]
    pub fn find<'a>(&self, catalogue: &'a Catalogue) -> Option<(&'a Demarche, Option<&'a Bouton>)> {
        let find = if self.is_form { find_form } else { find };
        find(catalogue, &self.number, &self.query)
    }

    /// Whether it names a bouton by its number.
    #[must_use]
    pub fn names_bouton(&self) -> bool {
        self.query.button.is_some()
    }

    /// The name under which a démarche has to be registered for this address to open its form: an alias, or an id.
    #[must_use]
    pub fn wants(&self) -> String {
        if self.is_form {
            form_alias(&self.number)
        } else if self.query.is_first_generation {
            xwiki_alias(&self.number)
        } else {
            self.number.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{BoutonChannel, BoutonId, DemarcheId};

    fn catalogue() -> Catalogue {
        let demarche = |id: &str, aliases: &[&str]| Demarche {
            id: DemarcheId(id.into()),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            title: id.into(),
            administration: "DGFIP".into(),
            ministry: None,
            audience: vec![],
            essential: false,
            closed: false,
        };
        let bouton = |id: &str, of: &str, aliases: &[&str]| Bouton {
            id: BoutonId(id.into()),
            demarche: DemarcheId(of.into()),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            label: None,
            channel: BoutonChannel::Online,
            origins: vec![],
            closed: false,
        };
        Catalogue::new(
            vec![demarche("3839", &[]), demarche("4079", &["xwiki:3839"]), demarche("123", &[])],
            vec![
                bouton("4509", "4079", &[]),
                bouton("1", "4079", &["button"]),
                bouton("2", "4079", &["button-declaration"]),
                bouton("9", "123", &[]),
            ],
            vec![],
        )
    }

    fn found(number: &str, query: &str) -> Option<(String, Option<String>)> {
        let catalogue = catalogue();
        let (demarche, bouton) = find(&catalogue, number, &Query::parse(query))?;
        Some((demarche.id.0.clone(), bouton.map(|bouton| bouton.id.0.clone())))
    }

    #[test]
    fn each_generation_of_addresses_finds_its_demarche_and_bouton() {
        let pair =
            |demarche: &str, bouton: Option<&str>| Some((demarche.to_owned(), bouton.map(str::to_owned)));
        assert_eq!(found("4079", "button=4509"), pair("4079", Some("4509")));
        assert_eq!(found("4079", "button=4509&nd_source=button&key=1"), pair("4079", Some("4509")));
        assert_eq!(found("4079", "button=77"), pair("4079", None));
        assert_eq!(found("4079", "button=9"), pair("4079", None));
        let first = "&view-mode=formulaire-avis&nd_source=button&key=6af8";
        assert_eq!(found("3839", first), pair("4079", Some("1")));
        let channel =
            "&view-mode=formulaire-avis&nd_mode=en-ligne-enti%C3%A8rement&nd_source=button-declaration&key=6";
        assert_eq!(found("3839", channel), pair("4079", Some("2")));
        // As it was written in pages that are not in UTF-8.
        assert_eq!(
            found("3839", "&nd_mode=en-ligne-enti%E8rement&nd_source=button&key=6"),
            pair("4079", Some("1"))
        );
        assert_eq!(found("3839", "nd_source=site&key=abc"), pair("4079", Some("1")));
        assert_eq!(found("3839", "nd_source=4509&key=abc"), pair("4079", Some("1")), "an id is no alias");
        assert_eq!(found("3839", ""), pair("4079", None));
        assert_eq!(found("123", ""), pair("123", None));
        assert_eq!(found("123", "utm_source=mail&x"), pair("123", None));
        // The number of a first-generation button is never an id: it was given to another démarche since.
        assert_eq!(found("123", "nd_source=button&key=1"), None);
        assert_eq!(found("123", "&view-mode=formulaire-avis"), None);
        assert_eq!(found("999", ""), None);
    }

    #[test]
    fn what_a_sentence_or_a_page_added_to_an_address_does_no_harm() {
        for number in ["4079.", "4079)", "4079 ", " 4079", "04079", "4079,%20merci"] {
            assert_eq!(found(number, "button=4509"), found("4079", "button=4509"), "{number:?}");
        }
        for button in ["4509%20", "4509)", "04509", "4509."] {
            assert_eq!(found("4079", &format!("button={button}")), found("4079", "button=4509"), "{button}");
        }
        assert_eq!(found("3839)", "nd_source=button&key=1"), found("3839", "nd_source=button&key=1"));
        assert_eq!(
            found("3839", "&amp;view-mode=formulaire-avis&amp;nd_source=button-declaration&amp;key=1"),
            found("3839", "nd_source=button-declaration&key=1")
        );
        assert_eq!(found("123", "&amp;view-mode=formulaire-avis&amp;nd_source=button&amp;key=1"), None);
        for number in ["", ".", "x4079", "-4079"] {
            assert_eq!(found(number, "button=4509"), None, "{number:?}");
        }
    }

    #[test]
    fn of_a_repeated_name_the_first_that_says_something_counts() {
        assert_eq!(found("4079", "button=&button=4509&button=1"), found("4079", "button=4509"));
        assert_eq!(found("3839", "&button=&nd_source=&key="), found("3839", "nd_source=button&key=1"));
        assert_eq!(found("3839", "nd_source=button%2Ddeclaration&nd_source=site&key=1"), {
            found("3839", "nd_source=button-declaration&key=1")
        });
    }

    #[test]
    fn an_address_is_read_with_its_language_and_its_kind() {
        let wanted = |path: &str, query: &str| OldAddress::parse(path, query).map(|address| address.wants());
        assert_eq!(wanted("/Demarches/4079", "button=4509").as_deref(), Some("4079"));
        assert_eq!(wanted("/Demarches/3839", "&nd_source=button&key=6").as_deref(), Some("xwiki:3839"));
        assert_eq!(wanted("/Demarches/avis/2246/", "button=1").as_deref(), Some("form:2246"));
        assert_eq!(wanted("/Demarches/en/3059", "button=12").as_deref(), Some("3059"));
        assert_eq!(wanted("/Demarches/fr/avis/2246", "").as_deref(), Some("form:2246"));
        for other in
            ["/Demarches/", "/Demarches/de/1", "/Demarches/assets/x.js", "/Demarches/cgu", "/avis/3059"]
        {
            assert_eq!(wanted(other, ""), None, "{other}");
        }
    }

    #[test]
    fn an_address_finds_what_it_means() {
        let catalogue = catalogue();
        let address = OldAddress::parse("/Demarches/3839", "&nd_source=button&key=6").unwrap();
        let (demarche, bouton) = address.find(&catalogue).unwrap();
        assert_eq!((demarche.id.0.as_str(), bouton.unwrap().id.0.as_str()), ("4079", "1"));
        assert!(OldAddress::parse("/Demarches/avis/1", "").unwrap().find(&catalogue).is_none());
    }
}
