//! Through every screen of the form, as a person who answers everything.

use std::time::Duration;

use tests::browser::Place::Form;
use tests::browser::{Browser, Place};
use tests::{TestCollector, wait};

/// What the walk writes, with what scripts and markup stumble over. (WebKitWebDriver types no emoji.)
pub(crate) const OTHER_HELP: &str = "Ma voisine & son « fils »";
pub(crate) const OTHER_MALFUNCTION: &str = "Le bouton <Suite> ne répondait pas";
pub(crate) const COMMENT: &str = "Très simple, merci ! العربية";

/// The link in the element, once the element has made a button of it.
pub(crate) const BUTTON: &str = "je-donne-mon-avis > a[role=button]";

/// A form that is open somewhere, in front of a person.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    pub(crate) browser: &'a Browser,
    pub(crate) place: Place,
    /// Whether axe-core and rulers look at each screen.
    pub(crate) axe: bool,
}

impl Walk<'_> {
    async fn click(&self, css: &str) {
        self.browser.click(self.place, css).await;
    }

    /// Presses a radio button or tick, which lies over the whole of its label.
    pub(crate) async fn pick(&self, field: &str, code: &str) {
        self.click(&format!("[id='{field}-{code}']")).await;
    }

    pub(crate) async fn write(&self, field: &str, text: &str) {
        self.browser.write(self.place, &format!("textarea[name='{field}']"), text).await;
    }

    /// Presses one of the buttons of a screen: `next`, `back`, `finish`.
    pub(crate) async fn press(&self, button: &str) {
        self.click(&format!("button[name=go][value={button}]")).await;
    }

    /// Waits until the form says these words of what it does.
    pub(crate) async fn hears(&self, words: &str) {
        self.hears_within(wait::PATIENCE, words).await;
    }

    /// As [`hears`](Self::hears), within a patience of its own.
    pub(crate) async fn hears_within(&self, patience: Duration, words: &str) {
        wait::until_within(patience, &format!("«{words}»"), async || {
            let said = self.browser.text_now(self.place, "#status").await?;
            if said.contains(words) { Ok(()) } else { Err(said) }
        })
        .await;
    }

    /// Waits for the screen that asks this.
    pub(crate) async fn see(&self, field: &str) {
        let css = format!("[name='{field}']:not([type=hidden])");
        let label = match field {
            "satisfaction" => "label[for='satisfaction-moyen']",
            "clarity" => "label[for='clarity-3']",
            "help_tried" => "label[for='help_tried-chat']",
            "malfunctions" => "label[for='malfunctions-slow']",
            _ => css.as_str(),
        };
        self.browser.find(self.place, label).await;
        if field == "satisfaction" {
            self.browser.find(self.place, ".face").await;
        }
    }

    /// What a checker and a ruler can tell about the screen that is there now.
    async fn look(&self, screen: &str) {
        if !self.axe {
            return;
        }
        self.browser.wants_no_violation(screen).await;
        self.browser.wants_no_misfit(screen).await;
    }

    /// Answers every question of every screen and gives the receipt that the last one shows.
    pub(crate) async fn whole_form(&self) -> String {
        self.see("satisfaction").await;
        self.look("the first screen").await;
        self.press("next").await;
        self.browser.find(self.place, "#satisfaction-error").await;
        self.look("the first screen with its error").await;
        self.pick("satisfaction", "tres_bien").await;
        self.press("next").await;

        self.see("clarity").await;
        self.pick("clarity", "5").await;
        self.pick("ease", "4").await;
        self.look("clarity and ease").await;
        self.press("next").await;

        self.see("help_tried").await;
        self.look("help").await;
        self.help().await;
        self.look("help with all that it asks").await;
        self.press("next").await;

        self.see("malfunctions").await;
        self.pick("malfunctions", "slow").await;
        self.pick("malfunctions", "other").await;
        self.write("malfunctions_other", OTHER_MALFUNCTION).await;
        self.look("malfunctions").await;
        self.press("next").await;

        self.see("comment").await;
        self.write("comment", COMMENT).await;
        self.look("comment").await;
        self.press("finish").await;

        let receipt = self.browser.text(self.place, ".ticket strong").await;
        self.look("the receipt").await;
        receipt
    }

    /// Asked for help at the counter, where somebody was there, by telephone, where nobody was, and elsewhere.
    pub(crate) async fn help(&self) {
        self.pick("help_tried", "guichet").await;
        self.pick("help_reached.guichet", "oui").await;
        self.pick("help_quality.guichet", "bonne").await;
        self.pick("help_tried", "telephone").await;
        self.pick("help_reached.telephone", "non").await;
        self.pick("help_tried", "other").await;
        self.write("help_tried_other", OTHER_HELP).await;
    }

    /// Withdraws the avis from the screen that shows the receipt. In the element only.
    pub(crate) async fn withdraw(&self) {
        self.click(".end .back").await;
        self.browser.find(self.place, "button.grave").await;
        self.look("the question whether to withdraw").await;
        self.click("button.grave").await;
        self.browser.wait_gone(self.place, "button.grave").await;
        self.look("withdrawn").await;
    }
}

/// A walk through the element, inside its shadow root.
pub(crate) fn in_the_element(browser: &Browser) -> Walk<'_> {
    Walk { browser, place: Form, axe: false }
}

#[track_caller]
pub(crate) fn wants_receipt(text: &str) {
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    assert_eq!(groups, [4, 4, 4, 4], "{text}");
}

/// Wants the averages to hold one avis, that of [`Walk::whole_form`], and nothing else.
pub(crate) async fn wants_the_one_avis(collector: &TestCollector) {
    assert_eq!(collector.smileys("3059").await, [0, 0, 1]);
    let expected = [
        ("clarity", "5", 1),
        ("ease", "4", 1),
        ("help_reachable", "oui", 2),
        ("help_reachable", "non", 2),
        ("help_quality", "bonne", 1),
    ];
    for (indicator, choice, n) in expected {
        let found = collector.indicator("3059", indicator).await;
        assert_eq!((&found["n"], &found["counts"][choice]), (&n.into(), &1.into()), "{indicator}: {found}");
    }
    for indicator in ["malfunctions", "autonomy"] {
        assert_eq!(collector.indicator("3059", indicator).await["n"], 1, "{indicator}");
    }
}
