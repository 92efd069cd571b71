//! Modern Standard Arabic. Written from right to left, with the digits 0 to 9, as in the Maghreb.

use super::{Counted, FormTexts, Texts, each};
use crate::draft::FieldErrorCode;
use crate::questionnaire::{Help, Malfunction, Quality, Question, Reached, Satisfaction, Screen};

pub(super) static TEXTS: Texts = Texts {
    title: "أُبدي رأيي",
    screen: each!(|screen: Screen| match screen {
        Screen::Satisfaction => "رأيكم",
        Screen::Clarity => "الوضوح والسهولة",
        Screen::Help => "المساعدة",
        Screen::Malfunctions => "الأعطال",
        Screen::Comment => "التعليق",
    }),
    question: each!(|question: Question| match question {
        Question::Satisfaction => "بشكل عام، كيف جرت الأمور؟",
        Question::Clarity => "ما رأيكم في المعلومات والتعليمات المقدَّمة؟",
        Question::Ease => "هل كان إنجاز هذه المعاملة سهلًا؟",
        Question::HelpTried => "خلال إنجاز المعاملة، هل حاولتم الحصول على المساعدة بإحدى الوسائل التالية؟",
        Question::HelpTriedOther => "بأي وسيلة أخرى؟",
        Question::HelpReached => "عندما طلبتم المساعدة، هل تمكنتم من التواصل مع الإدارة؟",
        Question::HelpQuality => "كيف تقيّمون جودة المساعدة التي تلقيتموها من الإدارة؟",
        Question::Malfunctions => "هل واجهتم عطلًا؟",
        Question::MalfunctionsOther => "ما العطل الآخر؟",
        Question::Comment => "هل ترغبون في إضافة شيء؟",
    }),
    satisfaction: each!(|choice: Satisfaction| match choice {
        Satisfaction::PasBien => "بشكل غير جيد",
        Satisfaction::Moyen => "بشكل متوسط",
        Satisfaction::TresBien => "بشكل جيد جدًا",
    }),
    clarity_ends: ["غير واضحة إطلاقًا", "واضحة جدًا"],
    ease_ends: ["صعب جدًا", "سهل جدًا"],
    help: each!(|choice: Help| match choice {
        Help::Guichet => "لدى شباك الإدارة",
        Help::Telephone => "عبر الهاتف مع الإدارة",
        Help::Email => "عبر البريد الإلكتروني مع الإدارة",
        Help::Chat => "عبر الدردشة مع الإدارة",
        Help::Relative => "شخص مقرَّب",
        Help::Association => "جمعية",
        Help::Websites => "مواقع على الإنترنت",
        Help::Other => "وسائل أخرى، يُرجى تحديدها",
        Help::None => "لم أحتج إلى مساعدة",
    }),
    reached: each!(|choice: Reached| match choice {
        Reached::Oui => "نعم",
        Reached::Non => "لا",
    }),
    quality: each!(|choice: Quality| match choice {
        Quality::TresMauvaise => "سيئة جدًا",
        Quality::Mauvaise => "سيئة",
        Quality::Moyenne => "لا جيدة ولا سيئة",
        Quality::Bonne => "جيدة",
        Quality::Excellente => "ممتازة",
    }),
    malfunction: each!(|choice: Malfunction| match choice {
        Malfunction::Broken => "صفحة أو زر لم يعمل",
        Malfunction::Slow => "كانت الخدمة بطيئة أو غير متاحة",
        Malfunction::SignIn => "لم أتمكن من تسجيل الدخول",
        Malfunction::Document => "لم أتمكن من إرفاق وثيقة",
        Malfunction::KnownData => "طُلبت مني معلومة موجودة لدى الإدارة من قبل",
        Malfunction::Device => "لم يكن العرض مناسبًا لجهازي",
        Malfunction::Accessibility => "لم يكن استعمال الخدمة ممكنًا بأدوات إمكانية الوصول التي أستعملها",
        Malfunction::Other => "عطل آخر، يُرجى تحديده",
        Malfunction::None => "لا شيء",
    }),
    form: FormTexts {
        loading: "جارٍ تحميل الاستمارة…",
        language: "اللغة",
        step: "المرحلة {step} من {steps}",
        required: "(إلزامي)",
        several: "يمكن اختيار عدة إجابات.",
        optional: "ما يلي اختياري: أجيبوا عما تشاؤون، أو تابعوا.",
        send: "إرسال رأيي",
        next: "متابعة",
        back: "رجوع",
        finish: "إنهاء",
        finish_now: "إنهاء الآن",
        close: "إغلاق",
        retry: "إعادة المحاولة",
        anonymous: "اختياري ودون كشف الهوية: لا ملفات تعريف ارتباط ولا عنوان محفوظ. تستعمل الإدارة إجاباتكم لتحسين هذه \
                    المعاملة (مهمة ذات مصلحة عامة).",
        privacy: "بياناتكم: المسؤول والآجال والحقوق",
        comment_notice: "لا يكشف تعليقكم هويتكم وستقرؤه الإدارة. لا تكتبوا فيه أي شيء شخصي: لا اسم ولا رقم ملف ولا بيانات \
                         اتصال. إذا احتجتم إلى رد، فتوجهوا إلى المصلحة المعنية.",
        personal: "يبدو هذا عنوانًا أو رقمًا شخصيًا: من الأفضل حذفه. إذا تم التعرّف عليه عند الإرسال فسيُخفى.",
        remaining: Counted(
            "لم يبق أي حرف.|بقي حرف واحد.|بقي حرفان.|بقيت {count} أحرف.|بقي {count} حرفًا.|بقي {count} حرف.",
        ),
        overrun: Counted(
            "لا حروف زائدة.|حرف واحد زائد.|حرفان زائدان.|{count} أحرف زائدة.|{count} حرفًا زائدًا.|{count} حرف زائد.",
        ),
        too_long: "هذا النص أطول مما ينبغي: عدد أحرفه {length}، والحد الأقصى {max}.",
        errors_title: "ما يجب تصحيحه للمتابعة",
        satisfaction_missing: "اختاروا إحدى الإجابات الثلاث.",
        answer_refused: "تعذر حفظ هذه الإجابة: يُرجى تغييرها.",
        sending: "جارٍ الحفظ…",
        slow: "يستغرق الأمر وقتًا أطول من المعتاد. انتظروا قليلًا: لن يضيع شيء مما كتبتموه.",
        speechless: "تعذر تحميل هذه اللغة: حاولوا مرة أخرى بعد قليل.",
        unreachable: "تعذر الاتصال بالخدمة. لن يضيع شيء: سيُرسل رأيكم فور عودة الاتصال. أبقوا هذه الصفحة مفتوحة.",
        limited: "تصل آراء كثيرة من شبكتكم. لن يضيع شيء: سيُرسل رأيكم تلقائيًا {when}.",
        in_a_while: "بعد قليل",
        in_seconds: Counted(
            "الآن|بعد ثانية واحدة|بعد ثانيتين|بعد {count}\u{a0}ثوانٍ|بعد {count}\u{a0}ثانية|بعد {count}\u{a0}ثانية",
        ),
        in_minutes: Counted(
            "الآن|بعد دقيقة واحدة|بعد دقيقتين|بعد {count}\u{a0}دقائق|بعد {count}\u{a0}دقيقة|بعد {count}\u{a0}دقيقة",
        ),
        server_failed: "تواجه الخدمة مشكلة من جهتها. لن يضيع شيء: سيُرسل رأيكم تلقائيًا. أبقوا هذه الصفحة مفتوحة.",
        closed: "لم تعد الآراء تُجمع هنا. لم يُحفظ رأيكم.",
        unknown: "هذه المعاملة غير معروفة لدى خدمتنا. لم يُحفظ رأيكم؛ يُرجى إبلاغ المصلحة التي جئتم منها.",
        expired: "لم يعد تعديل هذا الرأي ممكنًا هنا. ما حُفظ يبقى محفوظًا؛ أما تعديلكم الأخير فلم يُحفظ.",
        refused: "لم تقبل الخدمة هذا الإرسال. إجاباتكم ما زالت هنا؛ إذا تكرر ذلك، فيُرجى إبلاغ المصلحة التي جئتم منها.",
        too_late: "تعذر إرسال رأيكم في الوقت المناسب ولم يعد محفوظًا هنا. لإبدائه، أرسلوه من جديد.",
        withdrawal_waits: "لم يُسحب رأيكم بعد. ستُعاد المحاولة تلقائيًا: أبقوا هذه الصفحة مفتوحة.",
        withdrawal_failed: "تعذر سحب هذا الرأي هنا. حاولوا باستعمال الإيصال في صفحة السحب.",
        delivered: "حُفظ رأيكم الآن.",
        receipt: "حُفظ رأيكم. الإيصال:",
        thanks_title: "شكرًا، لقد حُفظ رأيكم",
        thanks: "يُحتسب رأيكم في النتائج المنشورة لهذه المعاملة ويساعد الإدارة على تحسينها.",
        receipt_label: "الإيصال",
        receipt_help: "احتفظوا به تحسبًا لتغيير رأيكم: فهو يتيح سحبه في أي وقت، ولا يكشف شيئًا عنكم.",
        withdraw: "سحب رأيي",
        withdraw_title: "هل تريدون سحب رأيكم؟",
        withdraw_text: "ستُمحى إجاباتكم ولن تُحتسب بعد ذلك. لا يمكن التراجع عن هذا.",
        withdraw_confirm: "نعم، سحبه",
        withdraw_keep: "لا، الاحتفاظ به",
        withdrawn_title: "لقد سُحب رأيكم",
        withdrawn: "مُحيت إجاباتكم ولم تعد تُحتسب.",
    },
};

/// What is wrong with a field, and what to do.
pub(super) fn field_error(code: FieldErrorCode) -> &'static str {
    match code {
        FieldErrorCode::Required => "الإجابة ضرورية هنا.",
        FieldErrorCode::UnknownField => "هذا الحقل غير موجود.",
        FieldErrorCode::DuplicateField => "هذا الحقل مكرر.",
        FieldErrorCode::WrongType => "هذه القيمة ليست من النوع المنتظر.",
        FieldErrorCode::UnknownChoice => "هذه القيمة ليست من الخيارات المتاحة.",
        FieldErrorCode::DuplicateChoice => "هذا الخيار مكرر.",
        FieldErrorCode::ExclusiveChoice => {
            "الإجابة الأخيرة تستبعد الإجابات الأخرى: ألغوا تحديدها أو تحديد الأخرى."
        }
        FieldErrorCode::ConditionNotMet => "هذا السؤال غير مطروح بالنظر إلى الإجابات الأخرى.",
        FieldErrorCode::TooLong { .. } => TEXTS.form.too_long,
        FieldErrorCode::Malformed => "هذه القيمة غير مكتوبة كما هو منتظر.",
    }
}
