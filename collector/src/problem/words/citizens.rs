//! The problems that a citizen may meet, in the languages that the other problems are not told in.

use super::super::Problem;
use shared::Language;

/// A title, and what to do next.
type Said = (&'static str, &'static str);

/// Those problems in one language.
struct Words {
    broken_form: Said,
    edit_expired: Said,
    not_found: Said,
    unknown_demarche: Said,
    unknown_avis: Said,
    slow_body: Said,
    closed: Said,
    too_large: Said,
    /// To be tried again `{when}`.
    too_many_requests: Said,
    unavailable: Said,
    internal: Said,
}

/// What to say of a problem in one of these languages, if it is told in it.
pub(super) fn said(problem: &Problem, language: Language) -> Option<Said> {
    let words = match language {
        Language::Fr | Language::En => return None,
        Language::Es => &ES,
        Language::De => &DE,
        Language::Pt => &PT,
        Language::Ar => &AR,
    };
    Some(match problem {
        Problem::BrokenForm => words.broken_form,
        Problem::EditExpired => words.edit_expired,
        Problem::NotFound => words.not_found,
        Problem::UnknownDemarche(_) => words.unknown_demarche,
        Problem::UnknownAvis => words.unknown_avis,
        Problem::SlowBody => words.slow_body,
        Problem::Closed => words.closed,
        Problem::TooLarge => words.too_large,
        Problem::TooManyRequests(_) => words.too_many_requests,
        Problem::Unavailable => words.unavailable,
        Problem::Internal => words.internal,
        _ => return None,
    })
}

static ES: Words = Words {
    broken_form: (
        "Este formulario ya no se reconoce",
        "Abra de nuevo el formulario desde el sitio del trámite.",
    ),
    edit_expired: (
        "Esta opinión ya no se puede modificar",
        "Una opinión se puede modificar durante 24 horas. Sigue guardada tal como está, y con su resguardo siempre se puede retirar.",
    ),
    not_found: ("Esta página no existe", "Compruebe la dirección, o vuelva al sitio del que procede."),
    unknown_demarche: (
        "Este trámite no existe",
        "Compruebe el identificador en la dirección, o vuelva al sitio del que procede.",
    ),
    unknown_avis: (
        "Esta opinión no existe, o ya no existe",
        "Quizá se haya retirado. No tiene que hacer nada más.",
    ),
    slow_body: (
        "La solicitud ha tardado demasiado en llegar",
        "No se ha guardado nada. Vuelva a intentarlo, si es posible con una conexión mejor.",
    ),
    closed: (
        "Aquí ya no se recogen opiniones sobre este trámite",
        "La Administración ha cerrado este botón o este trámite. No se ha guardado nada; gracias por su atención.",
    ),
    too_large: (
        "La solicitud es demasiado grande",
        "No se ha guardado nada. Acorte sus textos y vuelva a intentarlo.",
    ),
    too_many_requests: (
        "Demasiadas solicitudes en poco tiempo",
        "No se ha guardado nada. Vuelva a intentarlo dentro de {when}.",
    ),
    unavailable: (
        "El servicio no está disponible por el momento",
        "Vuelva a intentarlo dentro de unos instantes. Una opinión enviada de nuevo no se cuenta dos veces.",
    ),
    internal: (
        "Se ha producido un error por nuestra parte",
        "Ha quedado anotado. Vuelva a intentarlo más tarde. Una opinión enviada de nuevo no se cuenta dos veces.",
    ),
};

static DE: Words = Words {
    broken_form: (
        "Dieses Formular wird nicht mehr erkannt",
        "Öffnen Sie das Formular erneut von der Seite des Verfahrens aus.",
    ),
    edit_expired: (
        "Diese Rückmeldung kann nicht mehr geändert werden",
        "Eine Rückmeldung lässt sich 24 Stunden lang ändern. Sie bleibt so gespeichert, wie sie ist, und mit ihrer Quittung können Sie sie weiterhin zurückziehen.",
    ),
    not_found: (
        "Diese Seite gibt es nicht",
        "Prüfen Sie die Adresse, oder kehren Sie zu der Seite zurück, von der Sie kommen.",
    ),
    unknown_demarche: (
        "Dieses Verfahren gibt es nicht",
        "Prüfen Sie die Kennung in der Adresse, oder kehren Sie zu der Seite zurück, von der Sie kommen.",
    ),
    unknown_avis: (
        "Diese Rückmeldung gibt es nicht oder nicht mehr",
        "Vielleicht wurde sie zurückgezogen. Sie müssen nichts weiter tun.",
    ),
    slow_body: (
        "Die Anfrage hat zu lange gebraucht",
        "Es wurde nichts gespeichert. Versuchen Sie es erneut, wenn möglich mit einer besseren Verbindung.",
    ),
    closed: (
        "Zu diesem Verfahren werden hier keine Rückmeldungen mehr angenommen",
        "Die Behörde hat diese Schaltfläche oder dieses Verfahren geschlossen. Es wurde nichts gespeichert; danke für Ihr Interesse.",
    ),
    too_large: (
        "Die Anfrage ist zu groß",
        "Es wurde nichts gespeichert. Kürzen Sie Ihre Texte und versuchen Sie es erneut.",
    ),
    too_many_requests: (
        "Zu viele Anfragen in kurzer Zeit",
        "Es wurde nichts gespeichert. Versuchen Sie es {when} erneut.",
    ),
    unavailable: (
        "Der Dienst ist vorübergehend nicht verfügbar",
        "Versuchen Sie es in wenigen Augenblicken erneut. Eine Rückmeldung, die noch einmal gesendet wird, zählt nicht doppelt.",
    ),
    internal: (
        "Bei uns ist ein Fehler aufgetreten",
        "Er ist vermerkt. Versuchen Sie es später erneut. Eine Rückmeldung, die noch einmal gesendet wird, zählt nicht doppelt.",
    ),
};

static PT: Words = Words {
    broken_form: (
        "Este formulário já não é reconhecido",
        "Abra de novo o formulário a partir do sítio do procedimento.",
    ),
    edit_expired: (
        "Esta opinião já não pode ser alterada",
        "Uma opinião pode ser alterada durante 24 horas. Continua guardada tal como está e, com o comprovativo, pode sempre ser retirada.",
    ),
    not_found: ("Esta página não existe", "Verifique o endereço, ou volte ao sítio de onde veio."),
    unknown_demarche: (
        "Este procedimento não existe",
        "Verifique o identificador no endereço, ou volte ao sítio de onde veio.",
    ),
    unknown_avis: (
        "Esta opinião não existe, ou já não existe",
        "Talvez tenha sido retirada. Não tem de fazer mais nada.",
    ),
    slow_body: (
        "O pedido demorou demasiado a chegar",
        "Nada foi guardado. Tente novamente, se possível com uma ligação melhor.",
    ),
    closed: (
        "Aqui já não se recolhem opiniões sobre este procedimento",
        "A administração fechou este botão ou este procedimento. Nada foi guardado; obrigado pela sua atenção.",
    ),
    too_large: (
        "O pedido é demasiado grande",
        "Nada foi guardado. Encurte os seus textos e tente novamente.",
    ),
    too_many_requests: (
        "Demasiados pedidos em pouco tempo",
        "Nada foi guardado. Tente novamente dentro de {when}.",
    ),
    unavailable: (
        "O serviço está momentaneamente indisponível",
        "Tente novamente dentro de instantes. Uma opinião enviada de novo não conta duas vezes.",
    ),
    internal: (
        "Ocorreu um erro do nosso lado",
        "Ficou registado. Tente novamente mais tarde. Uma opinião enviada de novo não conta duas vezes.",
    ),
};

static AR: Words = Words {
    broken_form: ("لم تعد هذه الاستمارة معروفة", "افتحوا الاستمارة من جديد انطلاقًا من موقع المعاملة."),
    edit_expired: (
        "لم يعد تعديل هذا الرأي ممكنًا",
        "يمكن تعديل الرأي خلال 24 ساعة. يبقى محفوظًا كما هو، ويمكن دائمًا سحبه بالإيصال.",
    ),
    not_found: ("هذه الصفحة غير موجودة", "تحققوا من العنوان، أو عودوا إلى الموقع الذي جئتم منه."),
    unknown_demarche: (
        "هذه المعاملة غير موجودة",
        "تحققوا من المعرّف في العنوان، أو عودوا إلى الموقع الذي جئتم منه.",
    ),
    unknown_avis: ("هذا الرأي غير موجود، أو لم يعد موجودًا", "ربما سُحب من قبل. لا يلزمكم القيام بأي شيء آخر."),
    slow_body: ("استغرق وصول الطلب وقتًا طويلًا", "لم يُحفظ شيء. أعيدوا المحاولة، باتصال أفضل إن أمكن."),
    closed: (
        "لم تعد الآراء حول هذه المعاملة تُجمع هنا",
        "أغلقت الإدارة هذا الزر أو هذه المعاملة. لم يُحفظ شيء؛ شكرًا لاهتمامكم.",
    ),
    too_large: ("الطلب أكبر مما ينبغي", "لم يُحفظ شيء. اختصروا نصوصكم ثم أعيدوا المحاولة."),
    too_many_requests: ("طلبات كثيرة في وقت قصير", "لم يُحفظ شيء. أعيدوا المحاولة {when}."),
    unavailable: (
        "الخدمة غير متاحة مؤقتًا",
        "أعيدوا المحاولة بعد لحظات. الرأي الذي يُرسل من جديد لا يُحتسب مرتين.",
    ),
    internal: ("حدث خطأ من جهتنا", "سُجّل الخطأ. أعيدوا المحاولة لاحقًا. الرأي الذي يُرسل من جديد لا يُحتسب مرتين."),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_of_these_languages_tells_all_of_them_tell_and_each_in_its_own_words() {
        let languages = [Language::Es, Language::De, Language::Pt, Language::Ar];
        for problem in Problem::all() {
            let told: Vec<Said> = languages.iter().filter_map(|one| said(&problem, *one)).collect();
            assert!(told.is_empty() || told.len() == languages.len(), "{problem}");
            for (title, detail) in &told {
                assert!(
                    !title.is_empty() && !detail.is_empty() && !detail.contains(['"', '\'']),
                    "{problem}"
                );
                assert_eq!(told.iter().filter(|other| other.1 == *detail).count(), 1, "{problem}");
            }
        }
    }
}
