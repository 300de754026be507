//! No text that identifies anybody of the case (个人信息保护法 25; 未成年人保护法
//! 103). The identifiers stay at the spine: it only says where one stands.

use host::{Desk, Refusal};
use proto::internal::v1::Finding;
use proto::names::CaseName;
use proto::v1::ErrorReason;
use tonic::Code;

/// Refuses if one of these (field, text) pairs contains an identifier of the
/// case, with one violation for each place: kind, start, length, never the
/// identifier itself.
pub(crate) async fn require(
    desk: &Desk,
    case: &CaseName,
    texts: &[(&'static str, &str)],
) -> Result<(), Refusal> {
    let mut found = Vec::new();
    for (field, text) in texts {
        let findings = desk.spine().find_identifiers(case, text).await?;
        found.extend(findings.into_iter().map(|finding| (*field, finding)));
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(identifies(&found))
    }
}

fn identifies(found: &[(&'static str, Finding)]) -> Refusal {
    let message = format!(
        "the text identifies somebody of the case in {} place(s); the violations say where: \
         remove them",
        found.len()
    );
    let refusal = Refusal::new(Code::InvalidArgument, ErrorReason::DraftIdentifies, message);
    found.iter().fold(refusal, |refusal, (field, finding)| {
        let Finding {
            kind,
            start,
            length,
        } = finding;
        refusal.and_invalid(
            *field,
            format!("{kind}, {length} characters from character {start}"),
        )
    })
}

/// An address as people read it: a name can hide behind percent signs.
pub(crate) fn readable(url: &str) -> String {
    let mut bytes = Vec::with_capacity(url.len());
    let mut rest = url.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = (*first == b'%').then(|| escaped_byte(tail)).flatten();
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() {
            tail.get(2..).unwrap_or_default()
        } else {
            tail
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn escaped_byte(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits.get(..2)?).ok()?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex {
        u8::from_str_radix(digits, 16).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn an_address_is_read_without_its_escapes() {
        assert_eq!(
            readable("https://a.cn/%E8%99%9E%e6%9f%90"),
            "https://a.cn/虞某"
        );
        assert_eq!(readable("https://a.cn/100%"), "https://a.cn/100%");
        assert_eq!(readable("%+1%4"), "%+1%4");
    }
}
