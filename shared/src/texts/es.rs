//! Spanish of Spain, with «usted».

use super::{Counted, FormTexts, Texts, each};
use crate::draft::FieldErrorCode;
use crate::questionnaire::{Help, Malfunction, Quality, Question, Reached, Satisfaction, Screen};

pub(super) static TEXTS: Texts = Texts {
    title: "Doy mi opinión",
    screen: each!(|screen: Screen| match screen {
        Screen::Satisfaction => "Su opinión",
        Screen::Clarity => "Claridad y facilidad",
        Screen::Help => "Ayuda",
        Screen::Malfunctions => "Fallos",
        Screen::Comment => "Comentario",
    }),
    question: each!(|question: Question| match question {
        Question::Satisfaction => "En general, ¿cómo le ha ido?",
        Question::Clarity => "¿Qué le han parecido la información y las instrucciones facilitadas?",
        Question::Ease => "¿Le ha resultado fácil hacer este trámite?",
        Question::HelpTried => {
            "Durante el trámite, ¿ha intentado obtener ayuda por alguno de los siguientes medios?"
        }
        Question::HelpTriedOther => "¿Por qué otro medio?",
        Question::HelpReached => "Cuando buscó ayuda, ¿consiguió contactar con la Administración?",
        Question::HelpQuality => "¿Cómo valora la calidad de la ayuda que recibió de la Administración?",
        Question::Malfunctions => "¿Ha encontrado algún fallo?",
        Question::MalfunctionsOther => "¿Qué otro fallo?",
        Question::Comment => "¿Desea contarnos algo más?",
    }),
    satisfaction: each!(|choice: Satisfaction| match choice {
        Satisfaction::PasBien => "Mal",
        Satisfaction::Moyen => "Regular",
        Satisfaction::TresBien => "Muy bien",
    }),
    clarity_ends: ["Nada claras", "Muy claras"],
    ease_ends: ["Muy difícil", "Muy fácil"],
    help: each!(|choice: Help| match choice {
        Help::Guichet => "En persona, en una oficina de la Administración",
        Help::Telephone => "Por teléfono, con la Administración",
        Help::Email => "Por correo electrónico, con la Administración",
        Help::Chat => "Por chat, con la Administración",
        Help::Relative => "Una persona cercana",
        Help::Association => "Una asociación",
        Help::Websites => "Sitios web",
        Help::Other => "Otros (indique cuáles)",
        Help::None => "No he necesitado ayuda",
    }),
    reached: each!(|choice: Reached| match choice {
        Reached::Oui => "Sí",
        Reached::Non => "No",
    }),
    quality: each!(|choice: Quality| match choice {
        Quality::TresMauvaise => "Muy mala",
        Quality::Mauvaise => "Mala",
        Quality::Moyenne => "Ni buena ni mala",
        Quality::Bonne => "Buena",
        Quality::Excellente => "Excelente",
    }),
    malfunction: each!(|choice: Malfunction| match choice {
        Malfunction::Broken => "Una página o un botón no funcionaba",
        Malfunction::Slow => "El servicio iba lento o no estaba disponible",
        Malfunction::SignIn => "No he conseguido identificarme",
        Malfunction::Document => "No he podido adjuntar un documento",
        Malfunction::KnownData => "Me han pedido un dato que la Administración ya tiene",
        Malfunction::Device => "No se veía bien en mi dispositivo",
        Malfunction::Accessibility => {
            "El servicio no se podía utilizar con mis herramientas de accesibilidad"
        }
        Malfunction::Other => "Otro (indique cuál)",
        Malfunction::None => "Ninguno",
    }),
    form: FormTexts {
        loading: "Cargando el formulario…",
        language: "Idioma",
        step: "Paso {step} de {steps}",
        required: "(obligatorio)",
        several: "Puede elegir varias respuestas.",
        optional: "Lo que sigue es opcional: responda a lo que desee o continúe.",
        send: "Enviar mi opinión",
        next: "Continuar",
        back: "Atrás",
        finish: "Terminar",
        finish_now: "Terminar ahora",
        close: "Cerrar",
        retry: "Reintentar",
        anonymous: "Opcional y anónimo: sin cookies y sin conservar ninguna dirección. Sus respuestas sirven a la \
                    Administración para mejorar este trámite (misión de interés público).",
        privacy: "Sus datos: responsable, plazos y derechos",
        comment_notice: "Su comentario es anónimo y lo leerá la Administración. No escriba nada personal: ni nombre, ni \
                         número de expediente, ni datos de contacto. Si necesita una respuesta, diríjase al servicio.",
        personal: "Parece una dirección o un número personal: mejor quítelo. Si se reconoce al enviarlo, se ocultará.",
        remaining: Counted("Queda {count} carácter.|Quedan {count} caracteres."),
        overrun: Counted("Sobra {count} carácter.|Sobran {count} caracteres."),
        too_long: "Este texto es demasiado largo: tiene {length} caracteres y el máximo es {max}.",
        errors_title: "Corrija lo siguiente para continuar",
        satisfaction_missing: "Elija una de las tres respuestas.",
        answer_refused: "No se ha podido guardar esta respuesta: modifíquela.",
        sending: "Guardando…",
        slow: "Está tardando más de lo habitual. Espere un poco más: no se pierde nada de lo que ha escrito.",
        speechless: "No se ha podido cargar este idioma: vuelva a intentarlo dentro de un momento.",
        unreachable: "No hay conexión con el servicio. No se pierde nada: se enviará en cuanto vuelva la conexión. Deje esta \
                      página abierta.",
        limited: "Están llegando muchas opiniones desde su red. No se pierde nada: su opinión se enviará automáticamente dentro de {when}.",
        in_a_while: "un rato",
        in_seconds: Counted("{count}\u{a0}segundo|{count}\u{a0}segundos"),
        in_minutes: Counted("{count}\u{a0}minuto|{count}\u{a0}minutos"),
        server_failed: "El servicio tiene un problema. No se pierde nada: su opinión se enviará automáticamente. Deje esta página abierta.",
        closed: "Aquí ya no se recogen opiniones. La suya no se ha guardado.",
        unknown: "Nuestro servicio no conoce este trámite. Su opinión no se ha guardado; comuníquelo al servicio del que \
                  procede.",
        expired: "Esta opinión ya no se puede modificar aquí. Lo que se había guardado sigue guardado; su última modificación, \
                  no.",
        refused: "El servicio no ha aceptado este envío. Sus respuestas siguen aquí; si se repite, comuníquelo al servicio \
                  del que procede.",
        too_late: "Su opinión no se ha podido enviar a tiempo y ya no se conserva aquí. Para darla, envíela de nuevo.",
        withdrawal_waits: "La retirada aún no se ha podido hacer. Se volverá a intentar automáticamente: deje esta página abierta.",
        withdrawal_failed: "No se ha podido retirar esta opinión aquí. Inténtelo con su resguardo, en la página de retirada.",
        delivered: "Su opinión ya está guardada.",
        receipt: "Opinión guardada. Su resguardo:",
        thanks_title: "Gracias, su opinión se ha guardado",
        thanks: "Se tiene en cuenta en los resultados públicos de este trámite y ayuda a la Administración a mejorarlo.",
        receipt_label: "Su resguardo",
        receipt_help: "Consérvelo por si cambia de idea: permite retirar su opinión en cualquier momento y no dice nada de \
                       usted.",
        withdraw: "Retirar mi opinión",
        withdraw_title: "¿Retirar su opinión?",
        withdraw_text: "Sus respuestas se borrarán y dejarán de contar. No se puede deshacer.",
        withdraw_confirm: "Sí, retirarla",
        withdraw_keep: "No, conservarla",
        withdrawn_title: "Su opinión se ha retirado",
        withdrawn: "Sus respuestas se han borrado y ya no cuentan.",
    },
};

/// What is wrong with a field, and what to do.
pub(super) fn field_error(code: FieldErrorCode) -> &'static str {
    match code {
        FieldErrorCode::Required => "Se necesita una respuesta.",
        FieldErrorCode::UnknownField => "Este campo no existe.",
        FieldErrorCode::DuplicateField => "Este campo está repetido.",
        FieldErrorCode::WrongType => "Este valor no es del tipo esperado.",
        FieldErrorCode::UnknownChoice => "Este valor no es ninguna de las opciones.",
        FieldErrorCode::DuplicateChoice => "Esta opción está repetida.",
        FieldErrorCode::ExclusiveChoice => {
            "La última respuesta excluye las demás: desmárquela o desmarque las otras."
        }
        FieldErrorCode::ConditionNotMet => "Esta pregunta no procede, según las demás respuestas.",
        FieldErrorCode::TooLong { .. } => TEXTS.form.too_long,
        FieldErrorCode::Malformed => "Este valor no está escrito como se espera.",
    }
}
