//! `POST /avis/{demarche}`: from step to step.

use tests::TestCollector;

use super::Form;
use super::form::follow;
use crate::helpers::{Answer, counts, stored};

async fn first_page(collector: &TestCollector) -> Form {
    Form::of(&Answer::of(collector.get("/avis/3059?bouton=12")).await)
}

/// The receipt that a page shows.
fn receipt(page: &Answer) -> Option<&str> {
    let is_receipt = |word: &&str| {
        word.len() == 19
            && word.split('-').all(|group| group.len() == 4)
            && word.chars().all(|c| c == '-' || c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    page.text.split(['<', '>', '"', ' ']).find(is_receipt)
}

#[tokio::test]
async fn every_step_redirects_to_the_next_and_the_last_to_the_receipt() {
    let collector = TestCollector::start().await;

    let form = first_page(&collector).await.with("satisfaction", "tres_bien");
    let sent = form.send(&collector).await;
    sent.wants_status(303);
    assert_eq!(stored(&collector).await, 1, "the first answer is stored by the first step");

    let clarity = follow(&collector, &sent).await;
    let shown = receipt(&clarity).expect("the receipt shows from the second screen on").to_owned();
    let help = Form::of(&clarity).with("clarity", "5").with("ease", "4").step(&collector).await;
    let malfunctions = Form::of(&help)
        .and("help_tried", "guichet")
        .and("help_tried", "telephone")
        .with("help_reached.guichet", "oui")
        .with("help_reached.telephone", "non")
        .with("help_quality.guichet", "bonne")
        .step(&collector)
        .await;
    let comment = Form::of(&malfunctions)
        .and("malfunctions", "other")
        .with("malfunctions_other", "Le bouton ne répondait pas")
        .step(&collector)
        .await;
    let last = Form::of(&comment).with("comment", "Très simple.").press(&collector, "finish").await;
    let thanks = follow(&collector, &last).await;

    assert_eq!(receipt(&thanks), Some(shown.as_str()));
    assert!(thanks.text.contains("Merci"), "{}", thanks.text);
    assert_eq!(stored(&collector).await, 1);
    assert_eq!(counts(&collector, "clarity").await, [("5".to_owned(), 1)].into());
    assert_eq!(counts(&collector, "ease").await, [("4".to_owned(), 1)].into());
    assert_eq!(
        counts(&collector, "help_reachable").await,
        [("oui".to_owned(), 1), ("non".to_owned(), 1)].into()
    );
    assert_eq!(counts(&collector, "help_quality").await, [("bonne".to_owned(), 1)].into());
    assert_eq!(collector.indicator("3059", "malfunctions").await["n"], 1);
}

#[tokio::test]
async fn steps_may_be_left_empty_or_the_form_finished_early() {
    let collector = TestCollector::start().await;

    let mut page = first_page(&collector).await.with("satisfaction", "moyen").step(&collector).await;
    for _ in 0..3 {
        page = Form::of(&page).step(&collector).await;
    }
    let last = Form::of(&page).press(&collector, "finish").await;
    assert!(follow(&collector, &last).await.text.contains("Merci"));

    let page = first_page(&collector).await.with("satisfaction", "moyen").step(&collector).await;
    let early = Form::of(&page).press(&collector, "finish").await;
    assert!(follow(&collector, &early).await.text.contains("Merci"));

    assert_eq!(collector.smileys("3059").await, [0, 2, 0]);
    for indicator in ["clarity", "ease", "autonomy", "malfunctions"] {
        assert_eq!(collector.indicator("3059", indicator).await["n"], 0, "{indicator}");
    }
}

#[tokio::test]
async fn a_double_click_stores_one_avis_and_gets_the_same_303() {
    let collector = TestCollector::start().await;
    let form = first_page(&collector).await.with("satisfaction", "tres_bien");

    let (one, two) = tokio::join!(form.send(&collector), form.send(&collector));
    let three = form.send(&collector).await;

    for answer in [&one, &two, &three] {
        answer.wants_status(303);
        assert_eq!(answer.location(), one.location());
    }
    assert_eq!(collector.smileys("3059").await, [0, 0, 1]);
}

#[tokio::test]
async fn back_to_the_first_screen_and_another_answer_changes_the_avis() {
    let collector = TestCollector::start().await;
    // What a browser's back button shows: the page as it was, with its fields as they were left.
    let first = first_page(&collector).await.with("satisfaction", "tres_bien");
    let clarity = first.step(&collector).await;
    Form::of(&clarity).with("ease", "4").step(&collector).await;

    let again = first.with("satisfaction", "pas_bien").step(&collector).await;

    assert_eq!(collector.smileys("3059").await, [1, 0, 0]);
    assert_eq!(receipt(&again), receipt(&clarity));
}

#[tokio::test]
async fn the_way_back_shows_what_was_answered() {
    let collector = TestCollector::start().await;
    let clarity = first_page(&collector).await.with("satisfaction", "moyen").step(&collector).await;
    let help = Form::of(&clarity).with("clarity", "5").with("ease", "2").step(&collector).await;
    let malfunctions = Form::of(&help)
        .and("help_tried", "other")
        .with("help_tried_other", "Ma voisine & son fils")
        .step(&collector)
        .await;

    let back = Form::of(&malfunctions).and("malfunctions", "slow").press(&collector, "back").await;
    let help = follow(&collector, &back).await;
    let form = Form::of(&help);
    assert_eq!(form.values("help_tried"), ["other"]);
    assert_eq!(form.values("help_tried_other"), ["Ma voisine & son fils"]);

    let back = form.press(&collector, "back").await;
    let form = Form::of(&follow(&collector, &back).await);
    assert_eq!((form.values("clarity"), form.values("ease")), (vec!["5"], vec!["2"]));
    assert_eq!(stored(&collector).await, 1);
}

#[tokio::test]
async fn a_page_reloaded_is_the_same_page() {
    let collector = TestCollector::start().await;
    let sent = first_page(&collector).await.with("satisfaction", "moyen").send(&collector).await;
    let clarity = follow(&collector, &sent).await;
    let sent = Form::of(&clarity).with("clarity", "5").send(&collector).await;

    let once = follow(&collector, &sent).await;
    let twice = follow(&collector, &sent).await;

    assert_eq!(Form::of(&once).visible(), Form::of(&twice).visible());
    assert_eq!(stored(&collector).await, 1);
}

#[tokio::test]
async fn a_tick_taken_back_is_not_counted_any_more() {
    let collector = TestCollector::start().await;
    let clarity = first_page(&collector).await.with("satisfaction", "moyen").step(&collector).await;
    let help = Form::of(&clarity).step(&collector).await;
    let form = Form::of(&help);
    let ticked = form
        .clone()
        .and("help_tried", "chat")
        .with("help_reached.chat", "oui")
        .with("help_quality.chat", "bonne");
    ticked.step(&collector).await;
    assert_eq!(collector.indicator("3059", "help_quality").await["n"], 1);

    form.step(&collector).await;

    for indicator in ["help_quality", "help_reachable", "autonomy"] {
        assert_eq!(collector.indicator("3059", indicator).await["n"], 0, "{indicator}");
    }
}

#[tokio::test]
async fn an_answer_that_its_condition_does_not_allow_is_dropped_with_it() {
    let collector = TestCollector::start().await;
    let clarity = first_page(&collector).await.with("satisfaction", "moyen").step(&collector).await;
    let help = Form::of(&clarity).step(&collector).await;

    // A page without scripts cannot take the fields away.
    Form::of(&help)
        .and("help_tried", "guichet")
        .with("help_reached.guichet", "non")
        .with("help_quality.guichet", "bonne")
        .with("help_reached.chat", "oui")
        .with("help_tried_other", "resté là")
        .step(&collector)
        .await;

    assert_eq!(counts(&collector, "help_reachable").await, [("non".to_owned(), 1)].into());
    assert_eq!(collector.indicator("3059", "help_quality").await["n"], 0);
}

#[tokio::test]
async fn the_form_survives_a_restart_between_two_steps() {
    let mut collector = TestCollector::start().await;
    let clarity = first_page(&collector).await.with("satisfaction", "moyen").step(&collector).await;

    collector.restart().await;
    Form::of(&clarity).with("ease", "4").step(&collector).await;

    assert_eq!(counts(&collector, "ease").await, [("4".to_owned(), 1)].into());
    assert_eq!(stored(&collector).await, 1);
}
