//! A city in one command: made, filled with the published cases, shown, and
//! left running.

use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, presets};
use host::SystemClock;
use indicatif::{ProgressBar, ProgressStyle};
use proto::section;
use proto::v1::{self as pb, Section, Withheld};

use crate::city;
use crate::config::{Config, FILE, Role};
use crate::network::Running;
use crate::replay::{self, CaseFile, Cast, Report};
use crate::web::Pages;

/// What is asked of a demo.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Keep the city here; else in a folder that goes with the demo.
    pub data: Option<PathBuf>,
    /// Replay the case files of this folder instead of the shipped ones.
    pub cases: Option<PathBuf>,
    /// Stop after the replay.
    pub exit: bool,
    /// Print one JSON object and nothing else.
    pub json: bool,
}

/// What can go wrong in a demo; each says what to do.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The columns of the picture: agency and heading.
const COLUMNS: [(&str, &str); 7] = [
    ("yiwu-union", "工会\nunion"),
    ("hongyi-law", "律所\nfirm"),
    ("yiwu-labour", "人社\nlabour"),
    ("yiwu-court", "法院\ncourt"),
    ("yiwu-procuratorate", "检察\nprocur."),
    ("yiwu-daily", "媒体\nmedia"),
    ("chengxin-law", "他所\nother"),
];

/// Makes a city, replays the cases, shows what each agency sees of one, and
/// stays up until it is interrupted. Answers whether every step was replayed.
pub async fn run(options: Options) -> Result<bool, Failure> {
    let temporary = tempfile::Builder::new().prefix("casenet-demo-").tempdir()?;
    let folder = options
        .data
        .clone()
        .unwrap_or_else(|| temporary.path().join("city"));
    let files = match &options.cases {
        Some(folder) => read_cases(folder)?,
        None => replay::shipped()?,
    };
    let config = open_city(&folder)?;
    let network = Running::start(&config, &Role::ALL, Arc::new(SystemClock)).await?;
    let address = network
        .gateway()
        .ok_or("the gateway does not listen")?
        .to_string();
    let cast = Cast::new(&config, &address)?;
    let people = sign_in(&config, &cast).await?;
    let pages = match Pages::can_start(&config) {
        true => Some(Pages::start(&config, &address, Arc::new(SystemClock)).await?),
        false => None,
    };

    let progress = progress(files.len(), options.json);
    let report = replay::replay(&cast, &files, |file| {
        progress.set_message(file.title_en.clone());
        progress.inc(1);
    })
    .await?;
    progress.finish_and_clear();

    if options.json {
        print(&format!("{}\n", serde_json::to_string_pretty(&report)?))?;
    } else {
        print(&summary(&report))?;
        if let Some((_, case)) = report.names.first() {
            print(&side_by_side(&cast, case).await?)?;
        }
    }
    if !options.exit {
        let site = pages.as_ref().map(|pages| pages.address);
        let invitation = how_to_go_on(&folder, &address, site, &people);
        if options.json {
            // Standard output holds the one JSON object.
            std::io::stderr().write_all(invitation.as_bytes())?;
        } else {
            print(&invitation)?;
        }
        tokio::signal::ctrl_c().await?;
    }
    if let Some(pages) = pages {
        pages.stop().await;
    }
    network.stop().await;
    Ok(report.steps_not_replayed.is_empty())
}

/// The city in the folder, made if there is none.
fn open_city(folder: &Path) -> Result<Config, Failure> {
    if folder.join(FILE).exists() {
        return Ok(Config::read(folder)?);
    }
    let now = host::Clock::now(&SystemClock);
    Ok(crate::init::make(folder, city::yiwu(), 0, now)?)
}

/// Every case file of a folder, in the order of their names.
fn read_cases(folder: &Path) -> Result<Vec<CaseFile>, Failure> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    if paths.is_empty() {
        return Err(format!("{} holds no *.json case file", folder.display()).into());
    }
    let read = |path: PathBuf| -> Result<CaseFile, Failure> {
        let text = fs::read_to_string(&path)?;
        CaseFile::parse(&text).map_err(|error| format!("{}: {error}", path.display()).into())
    };
    paths.into_iter().map(read).collect()
}

/// A caseworker of an agency and what it takes to sign in.
struct Person {
    user: String,
    password: String,
}

/// One caseworker for each agency, with a password made for this run, signed in.
async fn sign_in(config: &Config, cast: &Cast) -> Result<Vec<Person>, Failure> {
    let ids = host::SystemIds::new();
    let mut people = Vec::new();
    for agency in &config.agencies {
        let Some(system) = cast.client(&agency.id) else {
            continue;
        };
        let password = host::Ids::fresh(&ids)?;
        // A city that is opened again has its people already.
        let user_id = format!("desk-{}", host::Ids::fresh(&ids)?.get(20..).unwrap_or("a"));
        let request = pb::CreateUserRequest {
            user_id: user_id.clone(),
            display_name: format!("{} 值班 / desk", agency.zh),
            password: password.clone(),
        };
        let user = system
            .identity()
            .create_user(request)
            .await?
            .into_inner()
            .name;
        let sign_in = pb::SignInRequest {
            user: user.clone(),
            password: password.clone(),
        };
        let session = system.identity().sign_in(sign_in).await?.into_inner();
        let person = system.clone().with_token(&session.token);
        let known = person
            .identity()
            .who_am_i(pb::WhoAmIRequest {})
            .await?
            .into_inner();
        if known.user != user {
            return Err(format!("signed in as {user}, but the gateway sees {}", known.user).into());
        }
        people.push(Person { user, password });
    }
    Ok(people)
}

pub(crate) fn progress(cases: usize, quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(cases as u64);
    let style = ProgressStyle::with_template("replaying {bar:24} {pos}/{len}  {wide_msg}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

pub(crate) fn summary(report: &Report) -> String {
    let mut text = format!(
        "\n  {} published cases, {} steps: {} replayed through the gateway in {:.1} s\n  \
         {} by an agency's own method, {} as entries of the timeline, {} not replayed\n  \
         {} refusals that had to be, {} entries in the disclosure log\n",
        report.cases,
        report.steps,
        report.steps_replayed,
        report.elapsed_s,
        report.steps_by_method,
        report.steps_replayed - report.steps_by_method,
        report.steps_not_replayed.len(),
        report.refusals_expected,
        report.disclosures,
    );
    for missed in &report.steps_not_replayed {
        text.push_str(&format!(
            "  not replayed: {} step {}: {}\n",
            missed.case, missed.seq, missed.why
        ));
    }
    text
}

/// What each agency can see of one case, and why not more.
async fn side_by_side(cast: &Cast, case: &str) -> Result<String, Failure> {
    let mut seen = Vec::new();
    for (agency, _) in COLUMNS {
        let client = cast.client(agency).ok_or("an agency is missing")?;
        let get = pb::GetCaseRequest {
            name: case.to_owned(),
            ..Default::default()
        };
        seen.push(
            client
                .cases()
                .get_case(get)
                .await
                .ok()
                .map(tonic::Response::into_inner),
        );
    }
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic);
    let heading = |text: &str| Cell::new(text).add_attribute(Attribute::Bold);
    table.set_header(
        std::iter::once(heading("section")).chain(COLUMNS.iter().map(|(_, name)| heading(name))),
    );
    for section in section::ALL
        .into_iter()
        .filter(|section| *section != Section::Sharing)
    {
        let cell = |seen: &Option<pb::Case>| {
            Cell::new(mark(seen.as_ref(), section)).set_alignment(CellAlignment::Center)
        };
        table.add_row(
            std::iter::once(Cell::new(section::name(section))).chain(seen.iter().map(cell)),
        );
    }
    let mut text = format!("\n  What each agency sees of {case}\n{table}\n");
    text.push_str("  ● full   ◐ in part   ◆ its own file in full, others' in part or not   ○ withheld\n  · to this agency the case does not exist\n\n  Why withheld:\n");
    let mut told: Vec<&Withheld> = Vec::new();
    for withheld in seen
        .iter()
        .flatten()
        .filter_map(|case| case.disclosure.as_ref())
        .flat_map(|d| &d.withheld)
    {
        if !told.iter().any(|known| known.rule == withheld.rule) {
            told.push(withheld);
        }
    }
    told.sort_by(|a, b| a.rule.cmp(&b.rule));
    for withheld in told {
        text.push_str(&format!(
            "  {:24} {}\n  {:24} {}\n  {:24} {}\n",
            withheld.rule, withheld.reason_zh, "", withheld.reason_en, "", withheld.law
        ));
    }
    Ok(text)
}

fn mark(case: Option<&pb::Case>, section: Section) -> &'static str {
    let Some(case) = case else { return "·" };
    let withheld = case
        .disclosure
        .iter()
        .flat_map(|disclosure| &disclosure.withheld);
    match withheld
        .into_iter()
        .find(|withheld| withheld.section() == section)
    {
        None => "●",
        Some(_) if has_own_file(case, section) => "◆",
        Some(withheld) if withheld.in_part => "◐",
        Some(_) => "○",
    }
}

/// A file that shows although its section is withheld is the agency's own: only
/// its author reads the steps that are legal now.
fn has_own_file(case: &pb::Case, section: Section) -> bool {
    match section {
        Section::UnionFile => case
            .union_files
            .iter()
            .any(|file| !file.legal_steps.is_empty()),
        Section::CounselFile => case
            .counsel_files
            .iter()
            .any(|file| !file.legal_steps.is_empty()),
        Section::InspectionFile => case
            .inspection_files
            .iter()
            .any(|file| file.opened_at.is_some()),
        Section::ArbitrationFile => case
            .arbitration_files
            .iter()
            .any(|file| file.opened_at.is_some()),
        Section::CourtFile => case.court_files.iter().any(|file| file.opened_at.is_some()),
        _ => false,
    }
}

fn how_to_go_on(
    folder: &Path,
    address: &str,
    site: Option<SocketAddr>,
    people: &[Person],
) -> String {
    let folder = folder.display();
    let mut text = format!("\n  The city is up: gateway {address}, data in {folder}\n");
    if let Some(site) = site {
        text.push_str(&format!(
            "\n  Open https://localhost:{} in a browser. Its certificate is of this city's own\n  \
             authority: let the browser trust {folder}/certs/ca.pem, or go past its warning.\n",
            site.port()
        ));
    }
    text.push_str("\n  Sign-ins (this run only):\n");
    for person in people {
        text.push_str(&format!("    {:52} {}\n", person.user, person.password));
    }
    text.push_str(&format!(
        "\n  Try, in another terminal:\n\
         \x20   casenet case list --data {folder} --gateway {address} --agency yiwu-union\n\
         \x20   casenet case show 330782-2026-000001 --data {folder} --gateway {address} --agency yiwu-court\n\
         \x20   casenet disclosure list 330782-2026-000001 --data {folder} --gateway {address} --agency yiwu-labour\n\n\
         \x20 Ctrl-C ends it.\n"
    ));
    text
}

/// Standard output belongs to what was asked for; a reader that has gone is no
/// error.
fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
