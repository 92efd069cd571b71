//! Portuguese of Portugal.

use super::{Counted, FormTexts, Texts, each};
use crate::draft::FieldErrorCode;
use crate::questionnaire::{Help, Malfunction, Quality, Question, Reached, Satisfaction, Screen};

pub(super) static TEXTS: Texts = Texts {
    title: "Dou a minha opinião",
    screen: each!(|screen: Screen| match screen {
        Screen::Satisfaction => "A sua opinião",
        Screen::Clarity => "Clareza e facilidade",
        Screen::Help => "Ajuda",
        Screen::Malfunctions => "Falhas",
        Screen::Comment => "Comentário",
    }),
    question: each!(|question: Question| match question {
        Question::Satisfaction => "De um modo geral, como correu?",
        Question::Clarity => "O que achou das informações e das instruções fornecidas?",
        Question::Ease => "Este procedimento foi fácil de fazer?",
        Question::HelpTried => {
            "Durante o procedimento, tentou obter ajuda por algum dos seguintes meios?"
        }
        Question::HelpTriedOther => "Por que outro meio?",
        Question::HelpReached => "Quando procurou ajuda, conseguiu contactar a administração?",
        Question::HelpQuality => "Como avalia a qualidade da ajuda que obteve da administração?",
        Question::Malfunctions => "Encontrou alguma falha?",
        Question::MalfunctionsOther => "Que outra falha?",
        Question::Comment => "Deseja dizer-nos mais alguma coisa?",
    }),
    satisfaction: each!(|choice: Satisfaction| match choice {
        Satisfaction::PasBien => "Mal",
        Satisfaction::Moyen => "Mais ou menos",
        Satisfaction::TresBien => "Muito bem",
    }),
    clarity_ends: ["Nada claras", "Muito claras"],
    ease_ends: ["Muito difícil", "Muito fácil"],
    help: each!(|choice: Help| match choice {
        Help::Guichet => "Ao balcão, com a administração",
        Help::Telephone => "Por telefone, com a administração",
        Help::Email => "Por correio eletrónico, com a administração",
        Help::Chat => "Por chat, com a administração",
        Help::Relative => "Uma pessoa próxima",
        Help::Association => "Uma associação",
        Help::Websites => "Sítios na Internet",
        Help::Other => "Outros (indique quais)",
        Help::None => "Não precisei de ajuda",
    }),
    reached: each!(|choice: Reached| match choice {
        Reached::Oui => "Sim",
        Reached::Non => "Não",
    }),
    quality: each!(|choice: Quality| match choice {
        Quality::TresMauvaise => "Muito má",
        Quality::Mauvaise => "Má",
        Quality::Moyenne => "Nem boa nem má",
        Quality::Bonne => "Boa",
        Quality::Excellente => "Excelente",
    }),
    malfunction: each!(|choice: Malfunction| match choice {
        Malfunction::Broken => "Uma página ou um botão não funcionava",
        Malfunction::Slow => "O serviço estava lento ou indisponível",
        Malfunction::SignIn => "Não consegui identificar-me",
        Malfunction::Document => "Não consegui anexar um documento",
        Malfunction::KnownData => "Pediram-me uma informação que a administração já tem",
        Malfunction::Device => "A apresentação não se adaptava ao meu dispositivo",
        Malfunction::Accessibility => {
            "O serviço não podia ser utilizado com as minhas ferramentas de acessibilidade"
        }
        Malfunction::Other => "Outra (indique qual)",
        Malfunction::None => "Nenhuma",
    }),
    form: FormTexts {
        loading: "A carregar o formulário…",
        language: "Língua",
        step: "Passo {step} de {steps}",
        required: "(obrigatório)",
        several: "Pode escolher várias respostas.",
        optional: "O que se segue é facultativo: responda ao que quiser ou avance.",
        send: "Enviar a minha opinião",
        next: "Continuar",
        back: "Voltar",
        finish: "Concluir",
        finish_now: "Concluir agora",
        close: "Fechar",
        retry: "Tentar novamente",
        anonymous: "Facultativo e anónimo: sem cookies e sem guardar qualquer endereço. As suas respostas servem para a \
                    administração melhorar este procedimento (missão de interesse público).",
        privacy: "Os seus dados: responsável, prazos e direitos",
        comment_notice: "O seu comentário é anónimo e será lido pela administração. Não escreva nada de pessoal: nem nome, \
                         nem número de processo, nem contactos. Se precisar de uma resposta, dirija-se ao serviço.",
        personal: "Parece um endereço ou número pessoal: é melhor retirá-lo. Se for reconhecido no envio, será ocultado.",
        remaining: Counted("Resta {count} carácter.|Restam {count} caracteres."),
        overrun: Counted("{count} carácter a mais.|{count} caracteres a mais."),
        too_long: "Este texto é demasiado longo: tem {length} caracteres e o máximo é {max}.",
        errors_title: "A corrigir para continuar",
        satisfaction_missing: "Escolha uma das três respostas.",
        answer_refused: "Não foi possível guardar esta resposta: altere-a.",
        sending: "A guardar…",
        slow: "Está a demorar mais do que o habitual. Aguarde mais um pouco: nada do que escreveu se perde.",
        speechless: "Não foi possível carregar esta língua: tente de novo dentro de momentos.",
        unreachable: "Não há ligação ao serviço. Nada se perde: o envio será feito assim que a ligação voltar. Mantenha esta \
                      página aberta.",
        limited: "Estão a chegar muitas opiniões da sua rede. Nada se perde: a sua opinião será enviada automaticamente dentro de {when}.",
        in_a_while: "instantes",
        in_seconds: Counted("{count}\u{a0}segundo|{count}\u{a0}segundos"),
        in_minutes: Counted("{count}\u{a0}minuto|{count}\u{a0}minutos"),
        server_failed: "O serviço está com um problema. Nada se perde: a sua opinião será enviada automaticamente. Mantenha esta página aberta.",
        closed: "Aqui já não se recolhem opiniões. A sua não foi guardada.",
        unknown: "O nosso serviço não conhece este procedimento. A sua opinião não foi guardada; comunique-o ao serviço de \
                  onde veio.",
        expired: "Esta opinião já não pode ser alterada aqui. O que estava guardado continua guardado; a sua última alteração \
                  não.",
        refused: "O serviço não aceitou este envio. As suas respostas continuam aqui; se voltar a acontecer, comunique-o ao \
                  serviço de onde veio.",
        too_late: "A sua opinião não pôde ser enviada a tempo e já não está guardada aqui. Para a dar, envie-a de novo.",
        withdrawal_waits: "A sua opinião ainda não foi retirada. Será tentado de novo automaticamente: mantenha esta página aberta.",
        withdrawal_failed: "Não foi possível retirar esta opinião aqui. Tente com o seu comprovativo, na página de retirada.",
        delivered: "A sua opinião já está guardada.",
        receipt: "Opinião guardada. O seu comprovativo:",
        thanks_title: "Obrigado, a sua opinião está guardada",
        thanks: "Conta para os resultados públicos deste procedimento e ajuda a administração a melhorá-lo.",
        receipt_label: "O seu comprovativo",
        receipt_help: "Guarde-o para o caso de mudar de ideias: permite retirar a sua opinião a qualquer momento e não diz \
                       nada sobre si.",
        withdraw: "Retirar a minha opinião",
        withdraw_title: "Retirar a sua opinião?",
        withdraw_text: "As suas respostas serão apagadas e deixarão de contar. É definitivo.",
        withdraw_confirm: "Sim, retirar",
        withdraw_keep: "Não, manter",
        withdrawn_title: "A sua opinião foi retirada",
        withdrawn: "As suas respostas foram apagadas e já não contam.",
    },
};

/// What is wrong with a field, and what to do.
pub(super) fn field_error(code: FieldErrorCode) -> &'static str {
    match code {
        FieldErrorCode::Required => "É necessária uma resposta.",
        FieldErrorCode::UnknownField => "Este campo não existe.",
        FieldErrorCode::DuplicateField => "Este campo está repetido.",
        FieldErrorCode::WrongType => "Este valor não é do tipo esperado.",
        FieldErrorCode::UnknownChoice => "Este valor não é nenhuma das opções.",
        FieldErrorCode::DuplicateChoice => "Esta opção está repetida.",
        FieldErrorCode::ExclusiveChoice => {
            "A última resposta exclui as outras: desmarque-a ou desmarque as outras."
        }
        FieldErrorCode::ConditionNotMet => "Esta pergunta não se coloca, tendo em conta as outras respostas.",
        FieldErrorCode::TooLong { .. } => TEXTS.form.too_long,
        FieldErrorCode::Malformed => "Este valor não está escrito como esperado.",
    }
}
