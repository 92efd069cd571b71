//! The period, chosen by a link or by its days.

use super::texts::ObservatoireTexts;
use super::words::{Words, capitalised};
use crate::day::Day;
use crate::observatoire::{PeriodChoice, View};
use maud::{Markup, html};

/// The periods to choose from at a path; the rest of the view stays.
pub(super) fn periods(
    view: &View,
    path: &str,
    today: Day,
    words: Words,
    texts: &ObservatoireTexts,
) -> Markup {
    let mut choices: Vec<PeriodChoice> = PeriodChoice::offered(today).collect();
    if !choices.contains(&view.choice) {
        choices.push(view.choice);
    }
    let period = view.choice.period(today);
    let rest = View { choice: PeriodChoice::default(), ..view.clone() };
    html! {
        nav.periods aria-label=(texts.period) {
            ul.choices role="list" {
                @for choice in choices {
                    li {
                        a href=(View { choice, ..view.clone() }.at(path)) aria-current=[(choice == view.choice).then_some("true")] {
                            @match choice {
                                PeriodChoice::TwelveMonths => (texts.twelve_months),
                                _ => (capitalised(&words.short_period(choice.period(today)))),
                            }
                        }
                    }
                }
            }
            details {
                summary { (texts.other_days) }
                form action=(path) method="get" {
                    (hidden(&rest))
                    div.field {
                        label for="from" { (texts.from) }
                        input #from name="from" type="date" required value=(period.from);
                    }
                    div.field {
                        label for="to" { (texts.to) }
                        input #to name="to" type="date" required value=(period.to);
                    }
                    button type="submit" { (texts.show) }
                }
            }
        }
    }
}

/// What a view asks for, as fields that nobody sees.
pub(super) fn hidden(view: &View) -> Markup {
    html! {
        @for (name, value) in view.parameters() {
            input type="hidden" name=(name) value=(value);
        }
    }
}
