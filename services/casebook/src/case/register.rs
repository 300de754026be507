//! Registering: every value is checked, every wrong field named at once, and
//! nothing is stored unless all are right.

use chrono::{Datelike, NaiveDate};
use host::{Refusal, parse};
use law::codes::{
    credit_code::CreditCode,
    fen::{Band, Fen},
    mobile::Mobile,
    region::Region,
    resident_id::{ResidentId, Sex},
};
use proto::v1 as pb;
use proto::v1::CaseStage;

/// Workers that a case names at most; a larger group gives its number.
const WORKERS_MAX: usize = 200;
const CLAIMS_MAX: usize = 50;
const NAME_CHARS: usize = 100;
const TITLE_CHARS: usize = 200;
const ADDRESS_CHARS: usize = 300;
const NOTE_CHARS: usize = 4_000;

/// A request whose every value is right.
pub(crate) struct Registration {
    /// Where the case is docketed, six digits.
    pub(crate) district: String,
    /// The spine's fields of the new record, without name and number.
    pub(crate) facts: pb::Case,
}

/// Checks a registration. INVALID_ARGUMENT names each wrong field.
pub(crate) fn parse(
    request: &pb::RegisterCaseRequest,
    today: NaiveDate,
) -> Result<Registration, Refusal> {
    let mut wrong = Wrong::default();
    if request.workers.is_empty() && request.worker_count == 0 {
        wrong.add("workers", "name at least one worker, or give worker_count");
    }
    checked(request, today, wrong)
}

/// Checks what the workers of a matter have in common; nobody is named yet.
pub(crate) fn parse_matter(
    request: &pb::CreateMatterRequest,
    today: NaiveDate,
) -> Result<Registration, Refusal> {
    let common = pb::RegisterCaseRequest {
        district: request.district.clone(),
        employment: request.employment.clone(),
        claims: request.claims.clone(),
        title_zh: request.title_zh.clone(),
        title_en: request.title_en.clone(),
        ..pb::RegisterCaseRequest::default()
    };
    let mut registration = checked(&common, today, Wrong::default())?;
    registration.facts.collective = true;
    Ok(registration)
}

fn checked(
    request: &pb::RegisterCaseRequest,
    today: NaiveDate,
    mut wrong: Wrong,
) -> Result<Registration, Refusal> {
    let district = wrong.note(district(&request.district)).unwrap_or_default();
    if request.workers.len() > WORKERS_MAX {
        wrong.add(
            "workers",
            "are more than 200; name some and give worker_count",
        );
    }
    if request.claims.is_empty() {
        wrong.add("claims", "give at least one claim");
    }
    if request.claims.len() > CLAIMS_MAX {
        wrong.add("claims", "are more than 50");
    }
    let mut facts = pb::Case::default();
    for (at, worker) in request.workers.iter().take(WORKERS_MAX).enumerate() {
        add_worker(&mut facts, at, worker, today, &mut wrong);
    }
    for (at, given) in request.claims.iter().take(CLAIMS_MAX).enumerate() {
        facts.claims.extend(claim(at, given, &mut wrong));
    }
    facts.employment = request
        .employment
        .as_ref()
        .map(|given| employment(given, &mut wrong));
    facts.injury = request
        .injury
        .as_ref()
        .map(|given| injury(given, &mut wrong));
    let title_zh = wrong.note(parse::optional_text(
        "title_zh",
        &request.title_zh,
        TITLE_CHARS,
    ));
    let title_en = wrong.note(parse::optional_text(
        "title_en",
        &request.title_en,
        TITLE_CHARS,
    ));
    wrong.none()?;

    let named = u32::try_from(facts.identities.len()).unwrap_or(u32::MAX);
    facts.summary = Some(pb::Summary {
        stage: CaseStage::Open as i32,
        dispute_kind: facts
            .claims
            .first()
            .map(|claim| claim.kind.clone())
            .unwrap_or_default(),
        amount_band: total_band(&facts.claims),
        district: district.clone(),
        workers: named.max(request.worker_count),
        title_zh: title_zh.unwrap_or_default(),
        title_en: title_en.unwrap_or_default(),
        ..pb::Summary::default()
    });
    facts.statistics = Some(coded(&facts, &district, today));
    Ok(Registration { district, facts })
}

fn district(code: &str) -> Result<String, Refusal> {
    let region = Region::parse(code).map_err(|e| Refusal::invalid("district", e.to_string()))?;
    if !region.is_current_address() {
        return Err(Refusal::invalid(
            "district",
            "is no district of today (GB/T 2260)",
        ));
    }
    Ok(code.to_owned())
}

fn add_worker(
    facts: &mut pb::Case,
    at: usize,
    given: &pb::NewWorker,
    today: NaiveDate,
    wrong: &mut Wrong,
) {
    let field = |name: &str| format!("workers[{at}].{name}");
    let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
    let name = wrong.note(parse::text(&field("name"), &given.name, NAME_CHARS));
    let origin = wrong.note(parse::optional_text(
        &field("origin"),
        &given.origin,
        NAME_CHARS,
    ));
    let service = parse::optional_text(
        &field("service_address"),
        &given.service_address,
        ADDRESS_CHARS,
    );
    let home = parse::optional_text(&field("home_address"), &given.home_address, ADDRESS_CHARS);
    let (service, home) = (wrong.note(service), wrong.note(home));
    let id = (!given.identity_number.is_empty()).then(|| {
        ResidentId::parse(&given.identity_number, today)
            .map_err(|e| Refusal::invalid(field("identity_number"), e.to_string()))
    });
    let id = id.and_then(|parsed| wrong.note(parsed));
    let mobile = (!given.mobile.is_empty()).then(|| {
        Mobile::parse(&given.mobile).map_err(|e| Refusal::invalid(field("mobile"), e.to_string()))
    });
    let mobile = mobile.and_then(|parsed| wrong.note(parsed));
    let this_year = u32::try_from(today.year()).unwrap_or(0);
    if given.birth_year != 0
        && !(this_year.saturating_sub(120)..=this_year).contains(&given.birth_year)
    {
        wrong.add(
            field("birth_year"),
            "is no year in which a living worker was born",
        );
    }

    facts.identities.push(pb::WorkerIdentity {
        worker: number,
        pseudonym: pseudonym(at),
        name: name.unwrap_or_default(),
        sex: id.as_ref().map_or(given.sex, |id| match id.sex() {
            Sex::Female => pb::Sex::Female as i32,
            Sex::Male => pb::Sex::Male as i32,
        }),
        birth_year: id
            .as_ref()
            .and_then(|id| u32::try_from(id.birth_date().year()).ok())
            .unwrap_or(given.birth_year),
        origin: origin.unwrap_or_default(),
    });
    if let Some(id) = id {
        let digits = id.number();
        facts.identity_numbers.push(pb::IdentityNumber {
            worker: number,
            last_four: digits
                .get(digits.len().saturating_sub(4)..)
                .unwrap_or_default()
                .to_owned(),
            number: digits.to_owned(),
        });
    }
    let contact = pb::Contact {
        worker: number,
        service_address: service.unwrap_or_default(),
        mobile: mobile
            .map(|mobile| mobile.e164().to_owned())
            .unwrap_or_default(),
        home_address: home.unwrap_or_default(),
    };
    let has_contact = !(contact.service_address.is_empty()
        && contact.mobile.is_empty()
        && contact.home_address.is_empty());
    if has_contact {
        facts.contacts.push(contact);
    }
}

/// 工友甲 / Worker A, and by number when the stems run out.
fn pseudonym(at: usize) -> String {
    const STEMS: [char; 10] = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'];
    let letter = u8::try_from(at)
        .ok()
        .filter(|at| *at < 10)
        .map(|at| char::from(b'A' + at));
    match (STEMS.get(at), letter) {
        (Some(stem), Some(letter)) => format!("工友{stem} / Worker {letter}"),
        _ => format!("工友{0} / Worker {0}", at + 1),
    }
}

fn claim(at: usize, given: &pb::Claim, wrong: &mut Wrong) -> Option<pb::Claim> {
    let field = |name: &str| format!("claims[{at}].{name}");
    let kind = wrong.note(parse::code(&field("kind"), &given.kind));
    let amount = wrong.note(parse::money(&field("amount"), given.amount.as_ref()));
    let qualifier = wrong.note(parse::optional_code(&field("qualifier"), &given.qualifier));
    let note = wrong.note(parse::optional_text(
        &field("note"),
        &given.note,
        NOTE_CHARS,
    ));
    let amount = amount?;
    Some(pb::Claim {
        kind: kind?,
        amount_band: amount.as_ref().map(band).unwrap_or_default(),
        amount,
        qualifier: qualifier?,
        note: note?,
    })
}

fn band(amount: &proto::Money) -> String {
    Fen::new(parse::fen(amount))
        .map(|fen| Band::of(fen).code().to_owned())
        .unwrap_or_default()
}

fn total_band(claims: &[pb::Claim]) -> String {
    let sums: Vec<i64> = claims
        .iter()
        .filter_map(|c| c.amount.as_ref())
        .map(parse::fen)
        .collect();
    if sums.is_empty() {
        return String::new();
    }
    let total = sums
        .iter()
        .fold(0_i64, |total, sum| total.saturating_add(*sum));
    Fen::new(total)
        .map(|fen| Band::of(fen).code().to_owned())
        .unwrap_or_default()
}

fn employment(given: &pb::Employment, wrong: &mut Wrong) -> pb::Employment {
    let field = |name: &str| format!("employment.{name}");
    let text = |name: &str, value: &str, most| parse::optional_text(&field(name), value, most);
    let credit_code = if given.credit_code.is_empty() {
        Some(String::new())
    } else {
        let parsed = CreditCode::parse(&given.credit_code);
        let parsed = parsed.map_err(|e| Refusal::invalid(field("credit_code"), e.to_string()));
        wrong.note(parsed).map(|code| code.as_str().to_owned())
    };
    let started = parse::optional_date(&field("started"), given.started.as_ref());
    let ended = parse::optional_date(&field("ended"), given.ended.as_ref());
    pb::Employment {
        employer_kind: wrong
            .note(parse::optional_code(
                &field("employer_kind"),
                &given.employer_kind,
            ))
            .unwrap_or_default(),
        employer_name: wrong
            .note(text("employer_name", &given.employer_name, TITLE_CHARS))
            .unwrap_or_default(),
        credit_code: credit_code.unwrap_or_default(),
        post: wrong
            .note(text("post", &given.post, NAME_CHARS))
            .unwrap_or_default(),
        started: wrong.note(started).flatten(),
        ended: wrong.note(ended).flatten(),
        written_contract: given.written_contract,
        note: wrong
            .note(text("note", &given.note, NOTE_CHARS))
            .unwrap_or_default(),
    }
}

fn injury(given: &pb::Injury, wrong: &mut Wrong) -> pb::Injury {
    let kind = wrong.note(parse::optional_code("injury.kind", &given.kind));
    let date = wrong.note(parse::optional_date("injury.date", given.date.as_ref()));
    let text = |name: &str, value: &str| parse::optional_text(name, value, NOTE_CHARS);
    pb::Injury {
        kind: kind.unwrap_or_default(),
        date: date.flatten(),
        diagnosis: wrong
            .note(text("injury.diagnosis", &given.diagnosis))
            .unwrap_or_default(),
        description: wrong
            .note(text("injury.description", &given.description))
            .unwrap_or_default(),
    }
}

fn coded(facts: &pb::Case, district: &str, today: NaiveDate) -> pb::CodedFacts {
    pb::CodedFacts {
        claim_kinds: facts
            .claims
            .iter()
            .map(|claim| claim.kind.clone())
            .collect(),
        amount_band: total_band(&facts.claims),
        prefecture: district.get(..4).unwrap_or_default().to_owned(),
        employer_kind: facts
            .employment
            .as_ref()
            .map(|employment| employment.employer_kind.clone())
            .unwrap_or_default(),
        year: u32::try_from(today.year()).unwrap_or(0),
    }
}

/// Wrong fields, gathered.
#[derive(Default)]
struct Wrong {
    refusal: Option<Refusal>,
}

impl Wrong {
    fn add(&mut self, field: impl Into<String>, description: &str) {
        let field = field.into();
        self.refusal = Some(match self.refusal.take() {
            Some(refusal) => refusal.and_invalid(field, description),
            None => Refusal::invalid(field, description),
        });
    }

    /// The value, or nothing and its fault noted.
    fn note<T>(&mut self, parsed: Result<T, Refusal>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(refusal) => {
                for (field, description) in refusal.violations {
                    self.add(field, &description);
                }
                None
            }
        }
    }

    fn none(self) -> Result<(), Refusal> {
        self.refusal.map_or(Ok(()), Err)
    }
}
