//! A bad network between the form and the collector: each failure is said, and nothing is lost or counted twice.

use tests::TestCollector;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options};
use tests::faults::{BadNetwork, Fault};
use tests::site::Site;
use tests::wait;

use crate::walk::{BUTTON, COMMENT, Walk, in_the_element, wants_receipt};

struct Setting {
    collector: TestCollector,
    network: BadNetwork,
    browser: Browser,
}

impl Setting {
    /// The form open on the host page, reached through a network that can fail.
    async fn open(engine: Engine) -> Self {
        let collector = TestCollector::start().await;
        let network = BadNetwork::before(&collector);
        let site = Site::host_page(&network.address());
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site.url("/")).await;
        browser.click(Page, BUTTON).await;
        Self { collector, network, browser }
    }

    fn walk(&self) -> Walk<'_> {
        in_the_element(&self.browser)
    }

    /// Presses the button that tries again, unless the form has just done so by itself.
    async fn retry(&self) {
        if let Ok(button) = self.browser.look(Form, ".retry").await {
            let _ = button.click().await;
        }
    }

    async fn count_becomes(&self, smileys: [u64; 3]) {
        wait::until("the avis to be counted", async || match self.collector.smileys("3059").await {
            found if found == smileys => Ok(()),
            found => Err(format!("{found:?}")),
        })
        .await;
    }
}

/// The first answer meets a failure, whose words are said; a retry stores it, once, with the same key.
async fn first_answer_meets(engine: Engine, fault: Fault, words: &str) {
    let setting = Setting::open(engine).await;
    let walk = setting.walk();
    setting.network.next([fault]);

    walk.pick("satisfaction", "moyen").await;
    walk.press("next").await;
    setting.walk().hears(words).await;
    assert!(setting.browser.is_checked(Form, "#satisfaction-moyen").await, "the answer is still there");
    setting.retry().await;
    walk.see("clarity").await;

    assert_eq!(setting.collector.smileys("3059").await, [0, 1, 0]);
    assert_eq!(setting.network.keys().len(), 1, "{:?}", setting.network.writes());
}

in_every_engine! {
    async fn offline_is_said_and_a_retry_stores_one_avis(engine: Engine) {
        first_answer_meets(engine, Fault::Offline, "La connexion ne passe pas").await;
    }

    async fn a_lost_answer_is_said_and_a_retry_stores_no_second_avis(engine: Engine) {
        first_answer_meets(engine, Fault::AnswerLost, "La connexion ne passe pas").await;
    }

    async fn a_429_is_said_and_a_retry_stores_one_avis(engine: Engine) {
        first_answer_meets(engine, Fault::TooManyRequests, "Beaucoup d’avis arrivent").await;
    }

    async fn a_503_is_said_and_a_retry_stores_one_avis(engine: Engine) {
        first_answer_meets(engine, Fault::Unavailable, "Le service a un problème").await;
    }

    async fn a_slow_answer_is_said_and_waited_for(engine: Engine) {
        let setting = Setting::open(engine).await;
        let walk = setting.walk();
        setting.network.next([Fault::Slow]);

        walk.pick("satisfaction", "moyen").await;
        walk.press("next").await;
        setting.walk().hears("C’est plus long que d’habitude").await;
        setting.network.release();
        walk.see("clarity").await;

        assert_eq!(setting.collector.smileys("3059").await, [0, 1, 0]);
    }

    async fn a_comment_that_could_not_be_sent_stays_until_it_is(engine: Engine) {
        let setting = Setting::open(engine).await;
        let walk = setting.walk();
        walk.pick("satisfaction", "tres_bien").await;
        walk.press("next").await;
        walk.see("clarity").await;
        walk.press("next").await;
        walk.see("help_tried").await;
        walk.press("next").await;
        walk.see("malfunctions").await;
        walk.press("next").await;
        walk.see("comment").await;
        walk.write("comment", COMMENT).await;

        setting.network.next([Fault::Offline, Fault::Unavailable, Fault::AnswerLost]);
        walk.press("finish").await;
        setting.walk().hears("La connexion ne passe pas").await;
        setting.retry().await;
        setting.walk().hears("Le service a un problème").await;
        setting.retry().await;
        setting.walk().hears("La connexion ne passe pas").await;
        assert_eq!(setting.browser.value(Form, "textarea[name=comment]").await, COMMENT);
        setting.retry().await;

        wants_receipt(&setting.browser.text(Form, ".ticket strong").await);
        setting.count_becomes([0, 0, 1]).await;
    }

    async fn later_answers_that_failed_on_the_way_are_sent_in_the_end(engine: Engine) {
        let setting = Setting::open(engine).await;
        let walk = setting.walk();
        walk.pick("satisfaction", "tres_bien").await;
        walk.press("next").await;
        walk.see("clarity").await;
        walk.pick("clarity", "5").await;

        setting.network.next([Fault::Offline]);
        walk.press("next").await;
        walk.see("help_tried").await;
        setting.walk().hears("La connexion ne passe pas").await;
        walk.pick("help_tried", "none").await;
        walk.press("finish").await;

        wants_receipt(&setting.browser.text(Form, ".ticket strong").await);
        assert_eq!(setting.collector.indicator("3059", "clarity").await["n"], 1);
        assert_eq!(setting.collector.indicator("3059", "autonomy").await["n"], 1);
        setting.count_becomes([0, 0, 1]).await;
    }
}
