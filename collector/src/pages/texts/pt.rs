//! Portuguese.

use super::PageTexts;

pub(super) static TEXTS: PageTexts = PageTexts {
    error: "Erro",
    status: "Código",
    wrong_parameters: "Corrija estes parâmetros no endereço, ou volte à página e escolha de novo.",
    withdraw: "Retirar a minha opinião",
    withdraw_detail: "A sua opinião e as respetivas respostas serão apagadas e deixarão de contar nas médias. O comprovativo é suficiente: não sabemos de quem vem uma opinião. As edições já publicadas não mudam.",
    receipt: "Comprovativo",
    receipt_hint: "16 letras e algarismos, mostrados no fim do formulário, como 7K3M-9QX2-0B4T-HZ8R.",
    receipt_misspelt: "Isto não é um comprovativo: são precisos 16 caracteres, letras e algarismos. Verifique o que anotou.",
    receipt_unknown: "Nenhuma opinião tem este comprovativo. Talvez já tenha sido retirada; se não, verifique cada carácter.",
    withdrawn: "A sua opinião foi retirada",
    withdrawn_detail: "Foi apagada, com todas as respostas, e já não conta. Pode fechar esta página.",
    withdrawal_noted: "O seu pedido está registado",
    withdrawal_noted_detail: "Se alguma opinião tiver este comprovativo, será apagada em breve, com todas as respostas, e deixará de contar. Não tem de fazer mais nada e pode fechar esta página.",
    privacy: "O que fazemos com as suas respostas",
    privacy_sections: [
        (
            "O que é guardado",
            "O botão «Je donne mon avis» («Dou a minha opinião») recolhe a sua opinião, em francês «avis», sobre um procedimento da administração francesa, em francês «démarche». São guardados as suas respostas, o dia, a língua do formulário, o procedimento, o botão e a página de onde veio (sem o que se segue ao ponto de interrogação nem os números de processo). Nada mais: nem endereço, nem navegador, nem identificador, nem hora junto às suas respostas.",
        ),
        (
            "O que não é guardado",
            "Não é instalado nenhum cookie e ninguém é seguido. O endereço da sua ligação serve, apenas em memória, para travar os envios em massa; nunca é escrito. Quando envia a sua opinião, as suas respostas ficam no separador do seu navegador (sessionStorage) até terminar, e nunca mais tempo do que o separador.",
        ),
        (
            "Para que servem",
            "A administração lê os comentários para corrigir o seu procedimento. As médias por procedimento são públicas. Não escreva nada de pessoal: um comentário não recebe resposta.",
        ),
        (
            "O que é ocultado",
            "Se os seus textos contiverem um endereço de correio eletrónico, um número de telefone, de segurança social, de conta (IBAN), de cartão bancário ou de matrícula, ou o seu número fiscal, uma palavra entre parênteses retos substitui-o antes de qualquer registo, como [tél.]. Um programa reconhece-os pela forma e não reconhece outros: um nome ou um endereço postal ficam tal como os escrever.",
        ),
        (
            "Os seus direitos",
            "Pode alterar as suas respostas durante 24 horas e retirar a sua opinião a qualquer momento com o comprovativo mostrado pelo formulário. Sem ele, ninguém pode saber qual das opiniões é a sua.",
        ),
        (
            "A chave que evita duplicados",
            "Durante 72 horas, uma impressão digital de cada envio e a sua hora são guardadas à parte, para que um duplo clique ou uma nova tentativa não conte duas vezes. Depois são apagadas.",
        ),
    ],
};
