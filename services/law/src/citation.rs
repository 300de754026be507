//! Where a rule comes from: a law and its article.

use serde::Serialize;

/// A place in a text of law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Citation {
    /// The law's name in Chinese.
    pub law_zh: String,
    /// The law's name in English.
    pub law_en: String,
    /// "27(3)": article and paragraph; empty where it is not known.
    pub article: String,
    /// The text was at hand and was read. Otherwise it is shown with †.
    pub checked: bool,
}

impl Citation {
    /// 《劳动争议调解仲裁法》第27条第3款.
    #[must_use]
    pub fn zh(&self) -> String {
        let place = match self.article.split_once('(') {
            Some((article, paragraph)) => {
                format!("第{article}条第{}款", paragraph.trim_end_matches(')'))
            }
            None if self.article.is_empty() => String::new(),
            None => format!("第{}条", self.article),
        };
        // A title that holds a title takes single marks inside (GB/T 15834).
        let law = self.law_zh.replace('《', "〈").replace('》', "〉");
        format!("《{law}》{place}{}", self.mark())
    }

    /// Labour Dispute Mediation and Arbitration Law Art. 27(3).
    #[must_use]
    pub fn en(&self) -> String {
        let place = if self.article.is_empty() {
            String::new()
        } else {
            format!(" Art. {}", self.article)
        };
        format!("{}{place}{}", self.law_en, self.mark())
    }

    fn mark(&self) -> &'static str {
        if self.checked { "" } else { "†" }
    }
}
