//! What a document is, found out from its content: its name says nothing that
//! can be relied on.

use host::Refusal;

/// Bytes at the beginning that tell what it is.
pub(crate) const HEAD_BYTES: usize = 8 * 1024;

/// Kinds that are evidence in practice: papers, pictures, recordings, chats.
/// Nothing that a browser would run.
const ACCEPTED: [&str; 16] = [
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/heif",
    "image/tiff",
    "audio/mpeg",
    "audio/x-wav",
    "audio/amr",
    "audio/m4a",
    "audio/ogg",
    "video/mp4",
    "video/quicktime",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/msword",
];

/// The content type. INVALID_ARGUMENT if it is none that is accepted.
pub(crate) fn sniff(head: &[u8]) -> Result<String, Refusal> {
    let known = infer::get(head).map(|kind| kind.mime_type());
    match known {
        Some(kind) if ACCEPTED.contains(&kind) => Ok(kind.to_owned()),
        None if is_plain_text(head) => Ok("text/plain".to_owned()),
        _ => Err(Refusal::invalid(
            "data",
            "is of no kind that is kept: papers (PDF, Word, Excel, plain text), pictures (PNG, \
             JPEG, WebP, HEIF, TIFF), recordings (MP3, WAV, AMR, M4A, OGG), video (MP4, MOV)",
        )),
    }
}

/// Text that no browser could take for a page.
fn is_plain_text(head: &[u8]) -> bool {
    // The head may end in the middle of a character.
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            let (valid, _) = head.split_at(error.valid_up_to());
            std::str::from_utf8(valid).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    !text.is_empty() && !text.contains(is_control) && !text.contains('<')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::sniff;

    #[test]
    fn papers_pictures_and_text_are_known_by_their_content() {
        assert_eq!(sniff(b"%PDF-1.7\n%abc").unwrap(), "application/pdf");
        assert_eq!(
            sniff(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap(),
            "image/png"
        );
        assert_eq!(sniff("工资表 2026\n".as_bytes()).unwrap(), "text/plain");
        let cut = "工资".as_bytes();
        assert_eq!(sniff(&cut[..5]).unwrap(), "text/plain");
    }

    #[test]
    fn what_a_browser_or_a_machine_would_run_is_refused() {
        let html = b"<!DOCTYPE html><script>1</script>";
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>";
        for content in [
            &html[..],
            &svg[..],
            b"MZ\x90\0\x03",
            b"\x7fELF\x02\x01",
            b"#!/bin/sh\0",
            b"",
        ] {
            assert!(sniff(content).is_err(), "{content:?}");
        }
    }
}
