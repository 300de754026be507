//! Letters of the union (一函两书): reminder 提示函, opinion 监督意见书,
//! recommendation 监督建议书 (浙江省工会劳动法律监督条例 21–24).

use chrono::NaiveDate;
use host::{Named as _, Refusal, parse};
use prost_types::Timestamp;
use proto::Date;
use proto::v1::{self as pb, LetterReply, UnionFile, UnionLetterKind};

use crate::day::{days_after, done_on, is_after, latest, whole};
use crate::file::{Shown, advance, chosen, next_number, reached, wrong_state};
use crate::procedure::Step;

const ADDRESSEE_CHARS_MAX: usize = 200;
const SUBJECT_CHARS_MAX: usize = 1_000;
const NOTE_CHARS_MAX: usize = 1_000;
const REPLY_DUE_DAYS_MAX: u32 = 365;

/// A letter to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    kind: UnionLetterKind,
    addressee: String,
    subject: String,
    reply_due_days: u32,
    follows: u32,
    date: Option<Date>,
    today: NaiveDate,
}

/// An answer to a letter.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    letter: u32,
    reply: LetterReply,
    note: String,
    date: Option<Date>,
}

impl Letter {
    pub(crate) fn parse(
        request: &pb::IssueLetterRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let kind = chosen("kind", request.kind, "REMINDER, OPINION, RECOMMENDATION")?;
        let reply_due_days = request.reply_due_days;
        if reply_due_days > REPLY_DUE_DAYS_MAX {
            return Err(Refusal::invalid("reply_due_days", "must be at most 365"));
        }
        if kind == UnionLetterKind::Opinion && reply_due_days == 0 {
            let missing = "must be 1 or more: an opinion letter asks for an answer";
            return Err(Refusal::invalid("reply_due_days", missing));
        }
        if kind != UnionLetterKind::Recommendation && request.follows != 0 {
            let meant = "is for a recommendation only; leave it out";
            return Err(Refusal::invalid("follows", meant));
        }
        Ok(Self {
            kind,
            addressee: parse::text("addressee", &request.addressee, ADDRESSEE_CHARS_MAX)?,
            subject: parse::text("subject", &request.subject, SUBJECT_CHARS_MAX)?,
            reply_due_days,
            follows: request.follows,
            date: done_on(request.date.as_ref(), today)?,
            today,
        })
    }

    /// Sends the letter. The timeline shows which of the three it is, not to
    /// whom or what about.
    pub(crate) fn issue(&self, file: &mut UnionFile, now: Timestamp) -> Result<Shown, Refusal> {
        reached(file, Step::IssueLetter)?;
        let follows = match self.kind {
            UnionLetterKind::Recommendation => self.opinion_it_follows(file)?,
            _ => 0,
        };
        advance(file, Step::IssueLetter)?;
        file.letters.push(pb::UnionLetter {
            number: next_number(&file.letters),
            kind: self.kind.into(),
            addressee: self.addressee.clone(),
            subject: self.subject.clone(),
            issued_on: self.date,
            reply_due_days: self.reply_due_days,
            reply_due_on: self.reply_due_on(),
            follows,
            replies: Vec::new(),
            recorded_at: Some(now),
        });
        Ok(Shown {
            act: "union_letter",
            date: self.date,
            outcome: match self.kind {
                UnionLetterKind::Unspecified => "",
                UnionLetterKind::Reminder => "reminder",
                UnionLetterKind::Opinion => "opinion",
                UnionLetterKind::Recommendation => "recommendation",
            },
            ..Shown::default()
        })
    }

    /// Nobody is to be in default for a day that is not known: counted from the
    /// latest day on which the letter can have been sent.
    fn reply_due_on(&self) -> Option<Date> {
        let sent = latest(self.date.as_ref(), self.today);
        (self.reply_due_days > 0).then(|| whole(days_after(sent, self.reply_due_days)))
    }

    /// The number of the opinion letter that opens the way to a recommendation;
    /// refuses as long as none does.
    fn opinion_it_follows(&self, file: &UnionFile) -> Result<u32, Refusal> {
        let is_meant = |letter: &&pb::UnionLetter| {
            letter.kind() == UnionLetterKind::Opinion
                && (self.follows == 0 || self.follows == letter.number)
        };
        let Some(opinion) = file.letters.iter().rev().find(is_meant) else {
            return match self.follows {
                0 => Err(wrong_state(
                    "the union's file",
                    "without an opinion letter, which a recommendation follows",
                    vec![Step::IssueLetter.name()],
                )),
                _ => Err(Refusal::invalid(
                    "follows",
                    "is no opinion letter of the file",
                )),
            };
        };
        let what = format!("opinion letter {}", opinion.number);
        let last_reply = opinion.replies.last().map(pb::UnionLetterReply::reply);
        match last_reply {
            Some(LetterReply::Accepted) => Err(wrong_state(
                &what,
                "answered and accepted",
                vec![Step::IssueLetter.name()],
            )),
            Some(_) => Ok(opinion.number),
            None if is_overdue(opinion, self.today) => Ok(opinion.number),
            None => Err(wrong_state(
                &what,
                "not answered, and there is still time to",
                vec![Step::RecordLetterReply.name()],
            )),
        }
    }
}

/// Whether the last day for the answer has passed.
fn is_overdue(letter: &pb::UnionLetter, today: NaiveDate) -> bool {
    let due = letter.reply_due_on.as_ref();
    due.is_some_and(|due| is_after(&whole(today), due))
}

/// Whether the file holds a letter that an answer can still come to.
pub(crate) fn awaits_reply(file: &UnionFile) -> bool {
    file.letters.iter().any(is_open)
}

fn is_open(letter: &pb::UnionLetter) -> bool {
    let last = letter.replies.last();
    last.is_none_or(|last| last.reply() != LetterReply::Accepted)
}

impl Reply {
    pub(crate) fn parse(
        request: &pb::RecordLetterReplyRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            letter: request.letter,
            reply: chosen("reply", request.reply, "ACCEPTED, PARTIAL, REJECTED")?,
            note: parse::optional_text("note", &request.note, NOTE_CHARS_MAX)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    /// Records the answer, which stays in the file.
    pub(crate) fn record(&self, file: &mut UnionFile, now: Timestamp) -> Result<(), Refusal> {
        reached(file, Step::RecordLetterReply)?;
        let legal = crate::file::legal_steps(file);
        let letter = file
            .letters
            .iter_mut()
            .find(|letter| letter.number == self.letter)
            .ok_or_else(|| Refusal::invalid("letter", "is no number of a letter of the file"))?;
        if !is_open(letter) {
            let what = format!("letter {}", letter.number);
            return Err(wrong_state(&what, "answered and accepted", legal));
        }
        if let (Some(issued), Some(replied)) = (&letter.issued_on, &self.date)
            && is_after(issued, replied)
        {
            let early = "must not lie before the day on which the letter was sent";
            return Err(Refusal::invalid("date", early));
        }
        letter.replies.push(pb::UnionLetterReply {
            reply: self.reply.into(),
            date: self.date,
            note: self.note.clone(),
            recorded_at: Some(now),
        });
        advance(file, Step::RecordLetterReply)
    }
}
