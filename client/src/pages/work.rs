//! My work: what needs me now.

use axum::response::Response;
use maud::{Markup, html};
use proto::v1 as pb;

use super::{cases, number, referral};
use crate::live;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::{Reader, Visit};

/// Events of the feed that are shown.
const NEWS: i32 = 30;
/// Referrals that are shown; the rest are on their own page.
const SHOWN: usize = 8;

/// The page: referrals to answer, one's cases, what waits for review, news.
pub(crate) async fn show(visit: Visit) -> Result<Response, Trouble> {
    let line = visit.line().await?;
    let mark = live::mark(&line).await?;
    let inbox = pb::ListReferralsRequest {
        r#box: pb::ReferralBox::Inbox as i32,
        open_only: true,
        page_size: 200,
        ..Default::default()
    };
    let cases_asked = pb::ListCasesRequest {
        page_size: 10,
        ..Default::default()
    };
    let reviews = pb::ListBreakGlassRequest {
        unreviewed_only: true,
        page_size: 20,
        ..Default::default()
    };
    let (mut referrals, mut all, mut openings, mut feeds) = (
        line.referrals(),
        line.cases(),
        line.break_glass(),
        line.feeds(),
    );
    let (inbox, my_cases, reviews, news) = tokio::join!(
        referrals.list_referrals(inbox),
        all.list_cases(cases_asked),
        openings.list_break_glass(reviews),
        newest(&mut feeds, mark),
    );
    let inbox = inbox?.into_inner().referrals;
    let my_cases = my_cases?.into_inner().cases;
    let reviews = reviews
        .map(|answer| answer.into_inner().break_glass)
        .unwrap_or_default();
    let to_review = reviews
        .iter()
        .filter(|one| one.agency != visit.agency())
        .count();
    let news = news?;

    let reader = &visit.reader;
    let title = visit.t("work.title");
    // What waits for an answer comes before what is in hand.
    let mut first = inbox.clone();
    first.sort_by_key(|referral| !waits_for_answer(referral));
    first.truncate(SHOWN);
    let to_answer = inbox.iter().filter(|r| waits_for_answer(r)).count();
    let register = html! { a.button.primary href="/cases/new" { (visit.t("cases.register")) } };
    let content = html! {
            (page::heading(title, &register))
            div.counts {
                (count(to_answer, visit.t("work.to_answer"), "/referrals/inbox"))
                (count(inbox.len() - to_answer, visit.t("work.in_hand"), "/referrals/inbox"))
                (count(to_review, visit.t("work.to_review"), "/emergency"))
            }
            div.two {
                div.main {
                    section.card {
                        h2 { (visit.t("work.inbox")) }
                        @if inbox.is_empty() { (page::nothing(visit.t("work.inbox_none"))) }
                        (referral::rows(reader, &first, true))
                        @if inbox.len() > first.len() {
                            p { a href="/referrals/inbox" { (visit.t("work.all_referrals")) } }
                        }
                    }
                    section.card {
                        h2 { (visit.t("work.cases")) }
                        @if my_cases.is_empty() { (page::nothing(visit.t("cases.none"))) }
                        (cases::table(reader, &my_cases))
                        p { a href="/cases" { (visit.t("work.all_cases")) } }
                    }
                }
                div.side {
                    section.card {
                        h2 { (visit.t("work.news")) }
                        @if news.is_empty() { (page::nothing(visit.t("work.news_none"))) }
                        ol.news { @for (event, times) in together(&news) { (told(reader, event, times)) } }
                    }
                }
            }
    };
    let content = live::region("work", "/work", mark, None, &content);
    Ok(page::ok(&visit, title, &content))
}

/// It is ours to accept or not.
fn waits_for_answer(referral: &pb::Referral) -> bool {
    referral
        .allowed_events
        .iter()
        .any(|event| event == "accept")
}

type Feeds = pb::feed_service_client::FeedServiceClient<crate::line::Wire>;

/// The newest events, newest first.
async fn newest(feeds: &mut Feeds, head: u64) -> Result<Vec<pb::FeedEvent>, Trouble> {
    let shown = u64::try_from(NEWS).unwrap_or_default();
    if head == 0 {
        return Ok(Vec::new());
    }
    let last = pb::ListFeedRequest {
        cursor: head.saturating_sub(shown),
        page_size: NEWS,
    };
    let mut events = feeds.list_feed(last).await?.into_inner().events;
    // A feed shorter than a page, read from its acknowledged cursor, may be old.
    events.retain(|event| event.cursor + shown > head);
    events.reverse();
    Ok(events)
}

fn count(number: usize, words: &str, address: &str) -> Markup {
    html! { a.count href=(address) { span.figure.zero[number == 0] { (number) } span { (words) } } }
}

/// The same thing on the same case, time after time, is one line.
fn together(news: &[pb::FeedEvent]) -> Vec<(&pb::FeedEvent, usize)> {
    let mut lines: Vec<(&pb::FeedEvent, usize)> = Vec::new();
    for event in news {
        let same = lines.iter_mut().find(|(first, _)| {
            first.kind == event.kind && first.case == event.case && first.reason == event.reason
        });
        match same {
            Some((_, times)) => *times += 1,
            None => lines.push((event, 1)),
        }
    }
    lines
}

fn told(reader: &Reader, event: &pb::FeedEvent, times: usize) -> Markup {
    html! {
        li {
            p.act { (reader.language.code("feed", &event.kind))
                @if times > 1 { span.times { " ×" (times) } }
                @if !event.reason.is_empty() { span.outcome { (reader.language.code("feed_reason", &event.reason.replace('-', "_"))) } } }
            p.meta {
                a href=(address(event)) {
                    @if event.case.is_empty() { (reader.t("work.about")) } @else { (number(&event.case)) }
                } " · "
                (super::timeline::minute(reader, event.at.as_ref()))
            }
        }
    }
}

/// The page of what an event is about.
fn address(event: &pb::FeedEvent) -> String {
    let about = |kind: &str| event.resource.contains(kind);
    if about("/referrals/") {
        super::referral_address(&event.resource)
    } else if about("/breakGlassGrants/") {
        "/emergency".to_owned()
    } else if event.resource.starts_with("agreements/") {
        "/agreements".to_owned()
    } else if about("/webhooks/") {
        "/webhooks".to_owned()
    } else {
        format!("/cases/{}", number(&event.case))
    }
}
