//! What the worker is told, in plain words: who learns of the case, and what
//! (个人信息保护法 Art. 17, 23).

use chrono::{DateTime, Utc};
use host::Refusal;
use host::clock::to_timestamp;
use proto::internal::v1::StoredNotice;
use proto::names::CaseChild;
use proto::v1 as pb;
use proto::v1::Section;
use store::Draft;

use crate::case::Case;
use crate::{directory, keys};

/// A notice in the making.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(crate) kind: &'static str,
    pub(crate) agencies: Vec<String>,
    pub(crate) sections: Vec<i32>,
    pub(crate) at: DateTime<Utc>,
}

impl Notice {
    /// Numbers it, words it and puts it beside the case.
    pub(crate) fn put(self, draft: &mut Draft, case: &mut Case) -> Result<(), Refusal> {
        let number = case.next_notice();
        let child = CaseChild {
            case: case.name().clone(),
            collection: "notices",
            id: format!("n{number:06}"),
        };
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        for agency in &self.agencies {
            let (name_zh, name_en) = directory::display_names(draft, agency)?;
            zh.push(name_zh);
            en.push(name_en);
        }
        let notice = pb::Notice {
            name: child.to_string(),
            kind: self.kind.to_owned(),
            text_zh: text_zh(self.kind, &zh.join("、"), &self.sections),
            text_en: text_en(self.kind, &en.join(", "), &self.sections),
            agencies: self.agencies,
            sections: self.sections,
            at: Some(to_timestamp(self.at)),
            ..pb::Notice::default()
        };
        let lead = case.label().lead.clone();
        case.tell(&lead, "notice.due", &notice.name, self.kind, self.at);
        draft.put(
            &keys::child(&child),
            &StoredNotice {
                notice: Some(notice),
            },
        );
        Ok(())
    }
}

fn text_zh(kind: &str, agencies: &str, sections: &[i32]) -> String {
    let sections = words(sections, |section| in_words(section).0, "、");
    match kind {
        "asked" => format!(
            "我们已请{agencies}帮助办理您的案件。在其答复之前，其只能看到案件概况（纠纷类型、金额区间、地区），看不到您的姓名和联系方式。"
        ),
        "handed_over" => format!(
            "您的案件现由{agencies}承办。其可以看到：{sections}。如您不同意，可随时通过任何参与机构撤回同意。"
        ),
        "widened" => format!("{agencies}现在还可以看到您案件中的：{sections}。您可随时撤回同意。"),
        "break_glass" => format!(
            "因紧急情况，{agencies}临时查阅了您案件中的：{sections}，最长三小时。承办机构和监督机构已被告知，并将审查是否正当。"
        ),
        "ended" => format!("{agencies}不再能查看您的案件。其此前依法完成的工作仍保留在案卷中。"),
        "reopened" => {
            format!("{agencies}重新开始办理您的案件，可以看到：{sections}。您可随时撤回同意。")
        }
        _ => format!(
            "{agencies}现在参与办理您的案件，可以看到：{sections}。您可随时通过任何参与机构撤回同意。"
        ),
    }
}

fn text_en(kind: &str, agencies: &str, sections: &[i32]) -> String {
    let sections = words(sections, |section| in_words(section).1, ", ");
    match kind {
        "asked" => format!(
            "We have asked {agencies} to help with your case. Until they answer they see only what \
             it is about (kind of dispute, range of the sum, district), not your name or how to \
             reach you."
        ),
        "handed_over" => format!(
            "Your case is now handled by {agencies}. They see: {sections}. If you do not agree, you \
             can withdraw your consent at any time through any agency that takes part."
        ),
        "widened" => format!(
            "{agencies} now also see of your case: {sections}. You can withdraw your consent at any \
             time."
        ),
        "break_glass" => format!(
            "In an emergency {agencies} opened of your case: {sections}, for three hours at most. \
             The agency in charge and the supervisors have been told and will review whether it \
             was justified."
        ),
        "ended" => format!(
            "{agencies} can no longer see your case. What they lawfully did before stays in the \
             file."
        ),
        "reopened" => format!(
            "{agencies} work on your case again and see: {sections}. You can withdraw your consent \
             at any time."
        ),
        _ => format!(
            "{agencies} now work on your case and see: {sections}. You can withdraw your consent at \
             any time through any agency that takes part."
        ),
    }
}

fn words(sections: &[i32], word: impl Fn(Section) -> &'static str, joint: &str) -> String {
    let known = sections
        .iter()
        .filter_map(|number| Section::try_from(*number).ok());
    known.map(word).collect::<Vec<_>>().join(joint)
}

/// A section in the words of a person who has never seen the contract.
fn in_words(section: Section) -> (&'static str, &'static str) {
    match section {
        Section::Identity => ("您的姓名和基本情况", "your name and who you are"),
        Section::IdentityNumber => ("您的身份证号", "your identity card number"),
        Section::Contact => ("您的联系方式", "how to reach you"),
        Section::Employment => ("用人单位和工作情况", "your employer and your work"),
        Section::Claims => ("您的诉求", "what you claim"),
        Section::Injury => ("您的伤情和医疗情况", "your injury and health"),
        Section::Evidence => ("证据材料", "your evidence"),
        Section::Timeline => ("办理经过", "what has happened so far"),
        Section::UnionFile => ("工会调解材料", "the union's mediation file"),
        Section::CounselFile => ("律师办案情况", "your lawyer's file"),
        Section::Privileged => ("律师保密材料", "your lawyer's confidential notes"),
        Section::InspectionFile => ("劳动监察材料", "the labour inspection file"),
        Section::ArbitrationFile => ("仲裁材料", "the arbitration file"),
        Section::CourtFile => ("法院材料", "the court file"),
        Section::Publicity => ("可公开的匿名内容", "the anonymous account for the public"),
        Section::Statistics => ("不含个人信息的统计数据", "figures without your name"),
        Section::Sharing => ("转介和同意记录", "who shares your case"),
        Section::Summary | Section::Unspecified | Section::Open => {
            ("案件概况", "what the case is about")
        }
    }
}
