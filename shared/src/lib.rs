//! What the form in the browser and the collector agree on: the questionnaire, its texts, what makes a set of
//! answers valid, and how counts become published figures.
//!
//! Pure: no input or output, no clock, no driver. It builds for wasm32, where every dependency costs bytes that a
//! citizen downloads, so it has none by default.

pub mod answers;
pub mod draft;
pub mod indicator;
pub mod json;
pub mod page_address;
pub mod questionnaire;
pub mod tally;
pub mod texts;

pub use answers::{Answers, ValidAnswers};
pub use draft::{AvisDraft, FieldError, FieldErrorCode, NewAvis, Raw};
pub use indicator::{Indicator, IndicatorKind, Indicators};
pub use page_address::PageAddress;
pub use questionnaire::{Choice, Question, Screen, Set};
pub use tally::Tally;
pub use texts::Language;
