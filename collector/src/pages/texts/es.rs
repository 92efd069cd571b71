//! Spanish.

use super::PageTexts;

pub(super) static TEXTS: PageTexts = PageTexts {
    error: "Error",
    status: "Código",
    wrong_parameters: "Corrija estos parámetros en la dirección, o vuelva a la página y elija de nuevo.",
    withdraw: "Retirar mi opinión",
    withdraw_detail: "Su opinión y sus respuestas se borrarán y dejarán de contar en las medias. Basta con el resguardo: no sabemos de quién procede una opinión. Las ediciones ya publicadas no cambian.",
    receipt: "Resguardo",
    receipt_hint: "16 letras y cifras que se muestran al final del formulario, por ejemplo 7K3M-9QX2-0B4T-HZ8R.",
    receipt_misspelt: "Esto no es un resguardo: debe tener 16 letras y cifras. Compruebe lo que anotó.",
    receipt_unknown: "Ninguna opinión tiene este resguardo. Quizá ya se haya retirado; si no es así, compruebe cada carácter.",
    withdrawn: "Su opinión se ha retirado",
    withdrawn_detail: "Se ha borrado, con todas sus respuestas, y ya no cuenta. Puede cerrar esta página.",
    withdrawal_noted: "Su solicitud se ha registrado",
    withdrawal_noted_detail: "Si una opinión tiene este resguardo, se borrará en breve, con todas sus respuestas, y dejará de contar. No tiene que hacer nada más y puede cerrar esta página.",
    privacy: "Qué hacemos con sus respuestas",
    privacy_sections: [
        (
            "Qué se guarda",
            "El botón «Je donne mon avis» («Doy mi opinión») recoge su opinión, en francés «avis», sobre un trámite de la Administración francesa, en francés «démarche». Se guardan sus respuestas, el día, el idioma del formulario, el trámite, el botón y la página de la que procede (sin lo que sigue al signo de interrogación ni los números de expediente). Nada más: ni dirección, ni navegador, ni identificador, ni hora junto a sus respuestas.",
        ),
        (
            "Qué no se guarda",
            "No se instala ninguna cookie y no se sigue a nadie. La dirección de su conexión sirve, solo en memoria, para frenar los envíos masivos; nunca se escribe. Cuando envía su opinión, sus respuestas esperan en la pestaña de su navegador (sessionStorage) hasta que termine, y nunca más tiempo que la pestaña.",
        ),
        (
            "Para qué sirven",
            "La Administración lee los comentarios para corregir su trámite. Las medias de cada trámite son públicas. No escriba nada personal: los comentarios no reciben respuesta.",
        ),
        (
            "Qué se oculta",
            "Si sus textos contienen una dirección de correo electrónico, un número de teléfono, de la seguridad social, de cuenta (IBAN), de tarjeta bancaria o de matrícula, o su número fiscal, una palabra entre corchetes lo sustituye antes de guardar nada, como [tél.]. Un programa los reconoce por su forma y no reconoce otros: un nombre o una dirección postal quedan tal como los escriba.",
        ),
        (
            "Sus derechos",
            "Puede modificar sus respuestas durante 24 horas y retirar su opinión en cualquier momento con el resguardo que muestra el formulario. Sin él, nadie puede saber qué opinión es la suya.",
        ),
        (
            "La clave que evita duplicados",
            "Durante 72 horas se guardan aparte una huella de cada envío y su hora, para que un doble clic o un nuevo intento no cuente dos veces. Después se borran.",
        ),
    ],
};
