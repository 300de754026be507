//! One state of access: all who can stand so, every method, all that leaves.

use std::collections::BTreeSet;
use std::sync::Arc;

use casenet::city::{Agency, Kind};
use proto::v1 as pb;
use tokio_stream::StreamExt as _;

use super::ears::{self, Log};
use super::line::{Left, Line};
use super::plant::{self, Planted, UNION};
use super::requests::{self, Asked, Filling};
use super::stand::{self, BYSTANDERS, Caller, State};
use crate::matrix::READERS;
use crate::receiver::Receiver;
use crate::world::World;

/// Methods by which a caller takes access that the design offers to it: what
/// they can give at most is what they are held against.
const WIDENING: [&str; 7] = [
    "AcceptReferral",
    "ReopenReferral",
    "OpenBreakGlass",
    "ReceiveComplaint",
    "ReceiveArbitrationApplication",
    "ReceiveInjuryApplication",
    "FileSuit",
];

/// Methods that end the caller's session or its webhook: called when the others
/// have been.
const LAST: [&str; 3] = ["RefreshSession", "SignOut", "DeleteWebhook"];

/// A caller with its line and the case that it calls about.
struct Swept {
    caller: Caller,
    line: Line,
    planted: Arc<Planted>,
}

/// What a caller was answered, and what it may have been.
struct Heard {
    who: String,
    left: Vec<Left>,
    found: BTreeSet<usize>,
    leaks: Vec<String>,
}

/// Sweeps the contract as everybody who can stand so to a case.
pub async fn sweep(state: State) {
    let log = Log::listen();
    let folder = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start(folder.path()).await;
    let settings = casebook::WebhookSettings {
        allow_private: true,
        ca: Some(receiver.ca.clone()),
    };
    let world = World::configured(agencies(), |config| {
        config.webhooks = settings;
        config.limits.calls_at_once = 1_000_000;
    })
    .await;
    let mut secrets = Vec::new();
    let hooked: Vec<String> = READERS
        .iter()
        .chain(&BYSTANDERS)
        .map(|(agency, _)| (*agency).to_owned())
        .collect();
    for agency in &hooked {
        secrets.extend(ears::hook(&world, &receiver, agency).await);
    }
    let swept = stand_so(&world, state).await;
    secrets.extend(swept.iter().filter_map(|one| one.line.token().cloned()));

    let mut heard = read(&world, &swept, state).await;
    // Who may see a mark found it: the sweep has eyes.
    for (one, heard) in swept.iter().zip(&heard) {
        let allowed = stand::allowed(&one.planted.marks, &one.caller, state);
        let missed = names(&one.planted, allowed.difference(&heard.found));
        assert!(missed.is_empty(), "{state:?} {}: {missed:?}", heard.who);
    }
    heard.extend(write(&swept, state).await);

    let mut leaks: Vec<String> = heard.iter().flat_map(|one| one.leaks.clone()).collect();
    let marks = &swept[0].planted.marks;
    let posted = ears::posted(&world, &mut receiver, &hooked).await;
    assert!(!posted.is_empty(), "nothing was posted");
    for post in &posted {
        let found = marks.found(post);
        let told = names(&swept[0].planted, &found);
        leaks.extend((!told.is_empty()).then(|| format!("posted: {told:?}")));
    }
    leaks.extend(logged(&world, &swept[0].planted, &log, &secrets));
    let calls: usize = heard.iter().map(|one| one.left.len()).sum();
    let taken = heard.iter().flat_map(|one| &one.left);
    let taken = taken.filter(|left| left.taken).count();
    assert!(leaks.is_empty(), "{state:?}:\n{}", leaks.join("\n"));
    assert!(calls > 2_000 && taken > 100, "{calls} calls, {taken} taken");
}

fn agencies() -> Vec<Agency> {
    let mut agencies = crate::matrix::agencies();
    agencies.push(Agency {
        id: BYSTANDERS[0].0.into(),
        kind: Kind::Other,
        services: Vec::new(),
        ..agencies[0].clone()
    });
    agencies
}

/// Everybody who can stand so, standing so, on one case; former leads on a case
/// each.
async fn stand_so(world: &World, state: State) -> Vec<Swept> {
    let mut standing = Vec::new();
    if state == State::FormerLead {
        for (at, reader) in READERS.into_iter().enumerate() {
            if stand::is_possible(reader.1, state) {
                let planted = Arc::new(plant::plant(world, reader.0).await);
                stand::bring(world, &planted, reader, state).await;
                standing.push((reader, Some(at), planted));
            }
        }
    } else {
        let planted = Arc::new(plant::plant(world, UNION).await);
        for (at, reader) in READERS.into_iter().enumerate() {
            stand::bring(world, &planted, reader, state).await;
            standing.push((reader, Some(at), Arc::clone(&planted)));
        }
    }
    let planted = Arc::clone(&standing[0].2);
    standing.extend(BYSTANDERS.map(|bystander| (bystander, None, Arc::clone(&planted))));
    if state == State::Expired {
        world.clock.advance(chrono::TimeDelta::days(2));
    }
    // A person of the first agency: what it may see, they may.
    let person = (standing[0].0, standing[0].1, planted);
    let is_person = standing.iter().map(|_| false).chain([true]);
    let is_person: Vec<bool> = is_person.collect();
    standing.push(person);
    let mut swept = Vec::new();
    for (((agency, _), reader, planted), person) in standing.into_iter().zip(is_person) {
        let caller = Caller {
            agency,
            person,
            reader,
            names: stand::names(world, &planted.case, agency).await,
        };
        let line = Line::of(world, &caller).await;
        swept.push(Swept {
            caller,
            line,
            planted,
        });
    }
    swept
}

/// Everything that reads, streams while something happens among it.
async fn read(world: &World, swept: &[Swept], state: State) -> Vec<Heard> {
    let methods = requests::every_method();
    let mut heard = Vec::new();
    let opened = swept.iter().map(|one| open_streams(one, &methods));
    let opened = futures::future::join_all(opened).await;
    let mut cases = BTreeSet::new();
    for one in swept {
        if cases.insert(&one.planted.case) {
            happen(world, &one.planted).await;
        }
    }
    let all = swept.iter().zip(opened).map(|(one, opened)| async {
        let opened = opened.into_iter().map(super::line::Open::drain);
        let mut left = futures::future::join_all(opened).await;
        for asked in methods.iter().filter(|asked| asked.method.reads) {
            let fillings = [Filling::Empty, Filling::Names, Filling::Plausible];
            left.extend(ask(one, asked, &fillings).await);
        }
        let allowed = stand::allowed(&one.planted.marks, &one.caller, state);
        judge(one, left, &allowed)
    });
    heard.extend(futures::future::join_all(all).await);
    heard
}

/// Everything that changes something.
async fn write(swept: &[Swept], state: State) -> Vec<Heard> {
    let mut methods = requests::every_method();
    methods.retain(|asked| !asked.method.reads);
    // What acts on a referral or consent may end the caller's access.
    methods.sort_by_key(|asked| {
        let is_last = LAST.iter().any(|name| asked.ends_with(name));
        (is_last, asked.is_about_a_part())
    });
    let widens = |asked: &Asked| WIDENING.iter().any(|name| asked.ends_with(name));
    let (widening, others): (Vec<_>, Vec<_>) = methods.into_iter().partition(widens);
    assert_eq!(widening.len(), WIDENING.len());
    let mut heard = Vec::new();
    for (round, methods) in [others, widening].iter().enumerate() {
        let all = swept.iter().map(|one| async move {
            let mut left = Vec::new();
            for asked in methods {
                // An empty request is about no case, however one stands to it.
                let fillings = match state {
                    State::NoGrant | State::Working => [Filling::Empty, Filling::Plausible],
                    _ => [Filling::Plausible; 2],
                };
                left.extend(ask(one, asked, &fillings).await);
            }
            let marks = &one.planted.marks;
            let allowed = match round {
                0 => stand::allowed(marks, &one.caller, state),
                _ => stand::reachable(marks, &one.caller, state),
            };
            judge(one, left, &allowed)
        });
        heard.extend(futures::future::join_all(all).await);
    }
    heard
}

async fn ask(one: &Swept, asked: &Asked, fillings: &[Filling]) -> Vec<Left> {
    let mut left = Vec::new();
    if !asked.method.streams {
        let requests = fillings
            .iter()
            .flat_map(|filling| asked.requests(&one.caller, *filling));
        for request in requests.collect::<BTreeSet<_>>() {
            left.push(one.line.call(&asked.method.path, request).await);
        }
    }
    left
}

async fn open_streams(one: &Swept, methods: &[Asked]) -> Vec<super::line::Open> {
    let mut opened = Vec::new();
    for asked in methods.iter().filter(|asked| asked.method.streams) {
        for filling in [Filling::Empty, Filling::Names] {
            for request in asked.requests(&one.caller, filling) {
                opened.push(one.line.open(&asked.method.path, request).await);
            }
        }
    }
    opened
}

/// The lead writes a note, and has seen it on a stream of its own.
async fn happen(world: &World, planted: &Planted) {
    let lead = world.agency(UNION);
    let watch = pb::WatchCaseRequest {
        name: planted.case.clone(),
        after: 0,
    };
    let mut stream = lead.cases().watch_case(watch).await.unwrap().into_inner();
    let note = planted.streamed.as_str().unwrap();
    let append = pb::AppendNoteRequest {
        parent: planted.case.clone(),
        entry: Some(pb::Entry {
            note: note.to_owned(),
            ..Default::default()
        }),
        request_id: String::new(),
    };
    lead.cases().append_note(append).await.unwrap();
    loop {
        let message = stream.next().await.unwrap().unwrap();
        if message.entry.unwrap().note == note {
            break;
        }
    }
}

/// What stands in the answers, and what should not.
fn judge(one: &Swept, left: Vec<Left>, allowed: &BTreeSet<usize>) -> Heard {
    let who = format!(
        "{}{}",
        one.caller.agency,
        if one.caller.person { " (a person)" } else { "" }
    );
    let mut all = BTreeSet::new();
    let mut leaks = Vec::new();
    for answer in &left {
        let found = one.planted.marks.found(&answer.bytes);
        // Feeds and webhooks carry names, whoever reads them.
        let is_bare = ["FeedService", "WebhookService"]
            .iter()
            .any(|service| answer.path.contains(service));
        let too_much: Vec<_> = found
            .iter()
            .filter(|mark| is_bare || !allowed.contains(mark))
            .collect();
        if !too_much.is_empty() {
            let names = names(&one.planted, too_much);
            leaks.push(format!("{} let {who} see {names:?}", answer.path));
        }
        all.extend(found);
    }
    Heard {
        who,
        left,
        found: all,
        leaks,
    }
}

fn names<'a>(planted: &Planted, marks: impl IntoIterator<Item = &'a usize>) -> Vec<String> {
    let mark = |at: &usize| {
        let mark = &planted.marks.all[*at];
        format!("{} {:?}", mark.name, mark.places)
    };
    marks.into_iter().map(mark).collect()
}

/// What the log should not have said.
fn logged(world: &World, planted: &Planted, log: &Log, secrets: &[String]) -> Vec<String> {
    let said = log.said();
    let text = String::from_utf8_lossy(&said);
    assert!(text.contains("GetCase"), "the log was not heard");
    let mut told = names(planted, &planted.marks.found(&said));
    let key = std::fs::read(world.config.network_key()).unwrap();
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    if said.windows(key.len()).any(|window| window == key) {
        told.push("the network's key".to_owned());
    }
    let fixed = ["whsec_", "PRIVATE KEY", "Bearer ", requests::PASSWORD, &hex];
    for secret in secrets.iter().map(String::as_str).chain(fixed) {
        assert!(secret.len() > 5);
        told.extend(text.contains(secret).then(|| secret.to_owned()));
    }
    told.iter().map(|what| format!("logged: {what}")).collect()
}
