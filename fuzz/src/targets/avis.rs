//! The bodies of `POST` and `PATCH /api/v1/avis`.

use super::check_errors;
use collector::masking::mask;
use collector::routes::avis::read_json;
use shared::draft::{AnswersPatch, ChangeDraft};
use shared::{Answers, AvisDraft};

/// What is valid stays so written anew, and masked; what is not is told.
pub fn avis(body: &[u8]) {
    if let Ok(draft) = read_json::<AvisDraft>(body) {
        match draft.parse() {
            Err(errors) => check_errors(&errors),
            Ok(avis) => {
                let patch = AnswersPatch::between(&Answers::default(), &avis.answers);
                assert_eq!(again(&patch).apply(&Answers::default()).as_ref(), Ok(&avis.answers));
                let mut masked = avis.answers.clone();
                masked.rewrite_texts(mask);
                let patch = AnswersPatch::between(&Answers::default(), &masked);
                assert!(patch.apply(&Answers::default()).is_ok(), "masking made it invalid");
            }
        }
    }
    if let Ok(draft) = read_json::<ChangeDraft>(body) {
        match draft.parse() {
            Err(errors) => check_errors(&errors),
            Ok(patch) => {
                assert_eq!(again(&patch), patch);
                if let Err(errors) = patch.apply(&Answers::default()) {
                    check_errors(&errors);
                }
            }
        }
    }
}

/// A patch as it is read from how it is written.
fn again(patch: &AnswersPatch) -> AnswersPatch {
    let body = format!("{{\"answers\":{}}}", patch.to_json());
    let draft: ChangeDraft = read_json(body.as_bytes()).expect("a patch is written as JSON");
    draft.parse().expect("a patch is written as it is read")
}
