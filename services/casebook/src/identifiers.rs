//! What a text gives away: where identifiers of a case stand in it, also when
//! they are written with spaces, other widths or separators between the
//! characters. Positions only; what the identifiers are stays here.

use proto::internal::v1::Finding;
use proto::v1 as pb;

/// Endings of an employer's name that tell nothing by themselves.
const FORMS: [&str; 7] = [
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "分公司",
    "集团",
    "公司",
    "厂",
];

/// Shortest text that counts as an identifier, in characters.
const CHARS_MIN: usize = 2;

/// Where the text identifies somebody of the case, in order.
pub(crate) fn find(facts: &pb::Case, text: &str) -> Vec<Finding> {
    let plain = Plain::of(text);
    let mut findings: Vec<Finding> = identifiers(facts)
        .into_iter()
        .flat_map(|(kind, identifier)| plain.find(kind, &identifier))
        .collect();
    findings.sort_by_key(|finding| (finding.start, std::cmp::Reverse(finding.length)));
    findings.dedup();
    findings
}

fn identifiers(facts: &pb::Case) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    for person in &facts.identities {
        all.push(("worker name", person.name.clone()));
        let name: Vec<char> = person.name.chars().collect();
        if name.len() > CHARS_MIN {
            all.push(("worker name", name.iter().skip(1).collect()));
        }
    }
    all.extend(
        facts
            .identity_numbers
            .iter()
            .map(|id| ("resident id", id.number.clone())),
    );
    for contact in &facts.contacts {
        all.push((
            "mobile number",
            contact.mobile.trim_start_matches("+86").to_owned(),
        ));
        all.push(("address", contact.service_address.clone()));
        all.push(("address", contact.home_address.clone()));
    }
    if let Some(employment) = &facts.employment {
        all.push(("employer name", employment.employer_name.clone()));
        all.push(("employer name", core_of(&employment.employer_name)));
        all.push(("credit code", employment.credit_code.clone()));
    }
    if let Some(summary) = &facts.summary {
        all.push(("docket number", summary.number.clone()));
    }
    // A published alias such as 虞某 is made not to identify.
    all.retain(|(_, identifier)| {
        let plain: Vec<char> = Plain::of(identifier).chars;
        plain.len() >= CHARS_MIN && !plain.contains(&'某')
    });
    all
}

/// An employer's name without what every company's name ends in.
fn core_of(name: &str) -> String {
    let mut core = name.trim();
    while let Some(rest) = FORMS.iter().find_map(|form| core.strip_suffix(form)) {
        core = rest;
    }
    core.to_owned()
}

/// A text in plain characters, each with its place in the original.
struct Plain {
    chars: Vec<char>,
    places: Vec<u32>,
}

impl Plain {
    fn of(text: &str) -> Self {
        let mut plain = Self {
            chars: Vec::new(),
            places: Vec::new(),
        };
        for (place, c) in text.chars().enumerate() {
            let narrow = match c {
                '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
                other => other,
            };
            if is_separator(narrow) {
                continue;
            }
            for lower in narrow.to_lowercase() {
                plain.chars.push(lower);
                plain.places.push(u32::try_from(place).unwrap_or(u32::MAX));
            }
        }
        plain
    }

    fn find(&self, kind: &str, identifier: &str) -> Vec<Finding> {
        let wanted = Self::of(identifier).chars;
        let mut findings = Vec::new();
        for (at, window) in self.chars.windows(wanted.len()).enumerate() {
            if window != wanted {
                continue;
            }
            let (Some(start), Some(end)) =
                (self.places.get(at), self.places.get(at + wanted.len() - 1))
            else {
                continue;
            };
            findings.push(Finding {
                kind: kind.to_owned(),
                start: *start,
                length: end - start + 1,
            });
        }
        findings
    }
}

/// What can stand between two characters of a name without breaking it.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '-' | '_' | '.' | '·' | '•' | '・' | '*' | '/' | '|' | '—' | '–'
        )
        || matches!(
            c,
            '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}'
        )
}

#[cfg(test)]
mod tests {
    use proto::v1 as pb;

    use super::find;

    fn facts() -> pb::Case {
        pb::Case {
            identities: vec![pb::WorkerIdentity {
                name: "欧阳测试".into(),
                ..Default::default()
            }],
            identity_numbers: vec![pb::IdentityNumber {
                number: "33078218700615007X".into(),
                ..Default::default()
            }],
            contacts: vec![pb::Contact {
                mobile: "+8619900000000".into(),
                ..Default::default()
            }],
            employment: Some(pb::Employment {
                employer_name: "义乌测试电梯有限公司".into(),
                ..Default::default()
            }),
            ..Default::default()
        }
    }

    #[test]
    fn tricks_of_writing_do_not_hide_an_identifier() {
        for text in [
            "工人欧阳测试说",
            "欧 阳·测 试",
            "欧\u{200b}阳测试",
            "身份证３３０７８２１８７００６１５００７ｘ",
            "330782-18700615-007x",
            "电话 199 0000 0000",
            "义乌测试电梯公司拖欠工资",
            "测 试 欧-阳-测-试",
        ] {
            assert!(!find(&facts(), text).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_identifies_nobody_passes_and_positions_are_of_the_original() {
        assert!(find(&facts(), "一名电梯安装工从高处坠落，工会介入。").is_empty());
        let found = find(&facts(), "工人欧 阳测试");
        assert_eq!((found[0].start, found[0].length), (2, 5));
    }

    #[test]
    fn a_published_alias_is_no_identifier() {
        let alias = pb::Case {
            identities: vec![pb::WorkerIdentity {
                name: "虞某".into(),
                ..Default::default()
            }],
            ..Default::default()
        };
        assert!(find(&alias, "虞某从高处坠落").is_empty());
    }
}
