//! Of the contract: démarches, boutons and keys.

use crate::catalogue::{ApiKey, Audience, Bouton, BoutonChannel, BoutonId, Demarche, DemarcheId, Scope};
use crate::store::samples::{bouton, day, demarche, with_catalogue};
use crate::store::{BoutonChange, CatalogueError, DemarcheChange, EssentialChange, Store};

pub(crate) async fn demarches_are_registered_all_or_none(store: &dyn Store) {
    let before = store.catalogue_version().await.unwrap();
    let full = Demarche {
        aliases: vec!["xwiki:823".into(), "form:12".into()],
        ministry: Some("Économie".into()),
        audience: vec![Audience::Entreprises, Audience::Associations],
        essential: true,
        ..demarche("3059")
    };
    store.add_demarches(std::slice::from_ref(&full)).await.unwrap();
    assert_ne!(store.catalogue_version().await.unwrap(), before);
    let catalogue = store.catalogue().await.unwrap();
    assert_eq!(
        catalogue.demarche("form:12"),
        Some(&Demarche { aliases: vec!["form:12".into(), "xwiki:823".into()], ..full })
    );
    let again = store.add_demarches(&[demarche("1"), demarche("3059")]).await;
    assert!(matches!(again, Err(CatalogueError::Exists(what)) if what == "démarche 3059"));
    let aliased = store.add_demarches(&[Demarche { aliases: vec!["form:12".into()], ..demarche("1") }]).await;
    assert!(matches!(aliased, Err(CatalogueError::Exists(what)) if what == "alias form:12"));
    // Ids and aliases are names of one kind: none may stand for two démarches.
    let alias_of_id =
        store.add_demarches(&[Demarche { aliases: vec!["3059".into()], ..demarche("1") }]).await;
    assert!(matches!(alias_of_id, Err(CatalogueError::Exists(what)) if what == "démarche 3059"));
    let id_of_alias = store.add_demarches(&[demarche("form:12")]).await;
    assert!(matches!(id_of_alias, Err(CatalogueError::Exists(what)) if what == "alias form:12"));
    assert_eq!(store.catalogue().await.unwrap().demarches().len(), 1);
}

pub(crate) async fn names_come_in_the_order_of_their_bytes(store: &dyn Store) {
    let names = ["A-b", "Z", "_", "a b", "ab", "é"].map(str::to_owned).to_vec();
    let (mut backwards, mut origins) = (names.clone(), names.clone());
    backwards.reverse();
    origins.reverse();
    store.add_demarches(&[Demarche { aliases: backwards.clone(), ..demarche("1") }]).await.unwrap();
    store.add_boutons(&[Bouton { aliases: backwards, origins, ..bouton("12", "1") }]).await.unwrap();
    let catalogue = store.catalogue().await.unwrap();
    assert_eq!(catalogue.demarche("1").unwrap().aliases, names);
    let bouton = catalogue.bouton_by_id("12").unwrap();
    assert_eq!((&bouton.aliases, &bouton.origins), (&names, &names));
}

pub(crate) async fn a_demarche_changes_only_where_it_is_told_to(store: &dyn Store) {
    with_catalogue(store).await;
    let id = DemarcheId("1".into());
    let change = DemarcheChange {
        title: Some("Autre".into()),
        add_aliases: vec!["a".into()],
        essential: Some(true),
        ..DemarcheChange::default()
    };
    store.change_demarche(&id, &change).await.unwrap();
    let closing = DemarcheChange { closed: Some(true), ..DemarcheChange::default() };
    store.change_demarche(&id, &closing).await.unwrap();
    let expected = Demarche {
        title: "Autre".into(),
        aliases: vec!["a".into()],
        essential: true,
        closed: true,
        ..demarche("1")
    };
    assert_eq!(store.catalogue().await.unwrap().demarche("a"), Some(&expected));
    let moved = DemarcheChange {
        remove_aliases: vec!["a".into()],
        add_aliases: vec!["b".into()],
        ..DemarcheChange::default()
    };
    store.change_demarche(&id, &moved).await.unwrap();
    let catalogue = store.catalogue().await.unwrap();
    assert_eq!((catalogue.demarche("a"), catalogue.demarche("b").map(|one| &one.id)), (None, Some(&id)));
    for not_its_own in [&id, &DemarcheId("2".into())] {
        let again = store.change_demarche(not_its_own, &moved).await;
        assert!(matches!(again, Err(CatalogueError::Unknown(name)) if name.starts_with("alias a of")));
    }
    assert!(store.catalogue().await.unwrap().demarche("b").is_some(), "nothing was changed");
    let unknown = store.change_demarche(&DemarcheId("9".into()), &change).await;
    assert!(matches!(unknown, Err(CatalogueError::Unknown(_))));
}

pub(crate) async fn the_list_of_essential_demarches_is_replaced_as_a_whole(store: &dyn Store) {
    let demarches = ["1", "2", "10"].map(|id| Demarche { essential: id == "2", ..demarche(id) });
    store.add_demarches(&demarches).await.unwrap();
    let ids = |ids: &[&str]| ids.iter().map(|id| DemarcheId((*id).to_owned())).collect::<Vec<_>>();
    let essential = async || {
        let catalogue = store.catalogue().await.unwrap();
        catalogue.demarches().iter().filter(|one| one.essential).map(|one| one.id.clone()).collect::<Vec<_>>()
    };
    let change = |new: &[&str], already: &[&str], down: &[&str]| EssentialChange {
        new: ids(new),
        already: ids(already),
        down: ids(down),
    };

    let done = store.set_essential(&ids(&["10", "1", "2", "1"])).await.unwrap();
    assert_eq!(done, change(&["1", "10"], &["2"], &[]));
    assert_eq!(essential().await, ids(&["1", "2", "10"]));
    let version = store.catalogue_version().await.unwrap();
    assert_eq!(
        store.set_essential(&ids(&["1", "2", "10"])).await.unwrap(),
        change(&[], &["1", "2", "10"], &[])
    );
    assert_eq!(store.catalogue_version().await.unwrap(), version, "nothing changed");

    let unknown = store.set_essential(&ids(&["1", "9"])).await;
    assert!(matches!(unknown, Err(CatalogueError::Unknown(what)) if what == "démarche 9"));
    assert_eq!(essential().await, ids(&["1", "2", "10"]));
    assert_eq!(store.catalogue_version().await.unwrap(), version, "nothing changed");

    assert_eq!(store.set_essential(&ids(&["2"])).await.unwrap(), change(&[], &["2"], &["1", "10"]));
    assert_eq!(essential().await, ids(&["2"]));
    assert_ne!(store.catalogue_version().await.unwrap(), version);
    assert_eq!(store.set_essential(&[]).await.unwrap(), change(&[], &[], &["2"]));
}

pub(crate) async fn boutons_are_registered_with_aliases_and_origins(store: &dyn Store) {
    with_catalogue(store).await;
    let full = Bouton {
        aliases: vec!["button".into()],
        origins: vec!["https://a.fr".into(), "https://b.fr".into()],
        label: Some("fin de parcours".into()),
        channel: BoutonChannel::Borne,
        ..bouton("13", "1")
    };
    // The same alias in another démarche is another bouton.
    let other = Bouton { aliases: vec!["button".into()], ..bouton("22", "2") };
    store.add_boutons(&[full.clone(), other]).await.unwrap();
    assert_eq!(store.catalogue().await.unwrap().bouton_by_id("13"), Some(&full));
    let change = BoutonChange {
        closed: Some(true),
        origins: Some(vec!["https://c.fr".into()]),
        ..BoutonChange::default()
    };
    store.change_bouton(&full.id, &change).await.unwrap();
    let expected = Bouton { closed: true, origins: vec!["https://c.fr".into()], ..full };
    assert_eq!(store.catalogue().await.unwrap().bouton_by_id("13"), Some(&expected));
    let renamed = BoutonChange {
        remove_aliases: vec!["button".into()],
        add_aliases: vec!["fin".into()],
        ..BoutonChange::default()
    };
    store.change_bouton(&expected.id, &renamed).await.unwrap();
    let catalogue = store.catalogue().await.unwrap();
    assert_eq!(catalogue.bouton_by_id("13").unwrap().aliases, ["fin"]);
    assert_eq!(catalogue.bouton_by_id("22").unwrap().aliases, ["button"], "of another démarche");
    let again = store.change_bouton(&expected.id, &renamed).await;
    assert!(matches!(again, Err(CatalogueError::Unknown(what)) if what == "alias button of 13"));
    let orphan = store.add_boutons(&[bouton("14", "9")]).await;
    assert!(matches!(orphan, Err(CatalogueError::Unknown(what)) if what == "démarche 9"));
    let again = store.add_boutons(&[bouton("12", "1")]).await;
    assert!(matches!(again, Err(CatalogueError::Exists(what)) if what == "bouton 12"));
    let unknown = store.change_bouton(&BoutonId("99".into()), &change).await;
    assert!(matches!(unknown, Err(CatalogueError::Unknown(_))));
}

pub(crate) async fn keys_are_made_and_revoked(store: &dyn Store) {
    with_catalogue(store).await;
    let today = day("2026-11-22");
    let id = DemarcheId("1".into());
    let first = store.add_key([1; 32], Scope::Submit, Some(&id), today, Some(today)).await.unwrap();
    let second = store.add_key([2; 32], Scope::Admin, None, today, None).await.unwrap();
    let catalogue = store.catalogue().await.unwrap();
    let expected = ApiKey {
        id: first,
        digest: [1; 32],
        scope: Scope::Submit,
        demarche: Some(id),
        created: today,
        expires: Some(today),
        revoked: false,
    };
    assert_eq!(catalogue.key(&[1; 32]), Some(&expected));
    assert_eq!(catalogue.key(&[2; 32]).map(|key| (key.scope, key.expires)), Some((Scope::Admin, None)));
    store.revoke_key(first).await.unwrap();
    let catalogue = store.catalogue().await.unwrap();
    assert!(catalogue.key(&[1; 32]).is_none());
    assert_eq!(catalogue.key(&[2; 32]).map(|key| key.id), Some(second));
    assert!(matches!(store.revoke_key(99).await, Err(CatalogueError::Unknown(_))));
    let orphan = store.add_key([3; 32], Scope::Submit, Some(&DemarcheId("9".into())), today, None).await;
    assert!(matches!(orphan, Err(CatalogueError::Unknown(_))));
}

pub(crate) async fn keys_of_another_store_keep_their_numbers(store: &dyn Store) {
    with_catalogue(store).await;
    let key = |id: i64, revoked| ApiKey {
        id,
        digest: [u8::try_from(id).unwrap(); 32],
        scope: Scope::Read,
        demarche: (id == 7).then(|| DemarcheId("1".into())),
        created: day("2026-01-31"),
        expires: (id == 7).then(|| day("2027-01-31")),
        revoked,
    };
    let before = store.catalogue_version().await.unwrap();
    let keys = [key(3, true), key(7, false)];
    store.load_keys(&keys).await.unwrap();
    assert_ne!(store.catalogue_version().await.unwrap(), before);
    assert_eq!(store.catalogue().await.unwrap().keys(), keys);
    let again = store.load_keys(&[key(8, false), key(7, false)]).await;
    assert!(matches!(again, Err(CatalogueError::Exists(what)) if what == "key 7"));
    let orphan = ApiKey { demarche: Some(DemarcheId("9".into())), ..key(8, false) };
    assert!(matches!(store.load_keys(&[orphan]).await, Err(CatalogueError::Unknown(_))));
    // The next one made here takes none of their numbers.
    let next = store.add_key([9; 32], Scope::Submit, None, day("2026-11-22"), None).await.unwrap();
    assert!(next > 7);
    assert_eq!(store.catalogue().await.unwrap().keys().len(), 3);
}

pub(crate) async fn the_last_use_of_a_key_is_noted_apart_from_the_catalogue(store: &dyn Store) {
    let today = day("2026-11-22");
    let first = store.add_key([1; 32], Scope::Submit, None, today, None).await.unwrap();
    let second = store.add_key([2; 32], Scope::Read, None, today, None).await.unwrap();
    let third = store.add_key([3; 32], Scope::Admin, None, today, None).await.unwrap();
    assert_eq!(store.key_uses().await.unwrap(), []);
    let version = store.catalogue_version().await.unwrap();
    store.note_key_uses(&[(third, today), (first, today), (99, today)]).await.unwrap();
    assert_eq!(store.key_uses().await.unwrap(), [(first, today), (third, today)]);
    // A collector that was cut off from the database tells of earlier days when it is back.
    store
        .note_key_uses(&[(first, today.plus(-1)), (second, today.plus(-1)), (third, today.plus(1))])
        .await
        .unwrap();
    let uses = [(first, today), (second, today.plus(-1)), (third, today.plus(1))];
    assert_eq!(store.key_uses().await.unwrap(), uses);
    assert_eq!(store.catalogue_version().await.unwrap(), version);
}
