//! Values of fields that no agency would mean.

use proto::v1 as pb;
use proto::{Date, Money};
use tonic::Code;

use host::Refused;

use super::cases_of;
use crate::world::{World, refused, registration};

/// Each of these changes makes a registration that is refused for this field;
/// after all of them the union has no case.
async fn refuses_each<T: std::fmt::Debug + Clone>(
    field: &str,
    values: &[T],
    put: impl Fn(&mut pb::RegisterCaseRequest, T),
) {
    let world = World::together().await;
    let union = world.agency("yiwu-union");
    for value in values {
        let mut request = registration("测试工友");
        put(&mut request, value.clone());
        let answer = union.cases().register_case(request).await;
        let status = answer.expect_err(&format!("{field} = {value:?} was taken"));
        refused(&status, Code::InvalidArgument, "INVALID_ARGUMENT");
        let told = Refused::read(&status);
        let fields: Vec<_> = told.violations.iter().map(|(named, _)| named).collect();
        assert_eq!(fields, [field], "{value:?}");
    }
    assert!(cases_of(&world, "yiwu-union").await.is_empty());
}

#[tokio::test]
async fn every_character_that_hides_or_turns_text_is_refused_in_a_name() {
    let deceptive = [
        '\u{202a}',
        '\u{202b}',
        '\u{202c}',
        '\u{202d}',
        '\u{202e}',
        '\u{2066}',
        '\u{2067}',
        '\u{2068}',
        '\u{2069}',
        '\u{200e}',
        '\u{200f}',
        '\u{061c}',
        '\u{200b}',
        '\u{200d}',
        '\u{2060}',
        '\u{feff}',
        '\u{00ad}',
        '\u{0}',
        '\u{7}',
        '\u{1b}',
        '\u{e0041}',
    ];
    refuses_each("workers[0].name", &deceptive, |request, found| {
        request.workers[0].name = format!("虞{found}某");
    })
    .await;
}

#[tokio::test]
async fn text_that_turns_is_refused_in_the_employers_name_and_the_title() {
    refuses_each(
        "employment.employer_name",
        &["义乌\u{202e}厂"],
        |request, name| {
            request.employment.as_mut().unwrap().employer_name = name.into();
        },
    )
    .await;
    refuses_each("title_zh", &["案\u{2066}件"], |request, title| {
        request.title_zh = title.into();
    })
    .await;
}

#[tokio::test]
async fn dates_outside_the_calendar() {
    let day = |year, month, day| Date { year, month, day };
    let dates = [
        day(2025, 2, 29),
        day(2026, 13, 1),
        day(2026, 4, 31),
        day(2026, -1, 1),
        day(2026, 0, 3),
        day(0, 1, 1),
        day(i32::MAX, 1, 1),
    ];
    refuses_each("employment.started", &dates, |request, date| {
        request.employment.as_mut().unwrap().started = Some(date);
    })
    .await;
}

#[tokio::test]
async fn money_that_is_negative_foreign_or_not_whole_fen() {
    let sum = |currency: &str, units, nanos| Money {
        currency_code: currency.into(),
        units,
        nanos,
    };
    let sums = [
        sum("CNY", i64::MIN, 0),
        sum("CNY", 0, -10_000_000),
        sum("CNY", 1, -10_000_000),
        sum("CNY", i64::MAX, 0),
        sum("CNY", 1, 1),
        sum("CNY", 1, 1_000_000_000),
        sum("USD", 1, 0),
        sum("", 1, 0),
    ];
    refuses_each("claims[0].amount", &sums, |request, money| {
        request.claims[0].amount = Some(money);
    })
    .await;
}

#[tokio::test]
async fn identity_numbers_that_only_look_like_one() {
    let numbers = [
        "330782187006150070",   // another check digit than X
        "33078218700230007X",   // the 30th of February
        "33078218700615007",    // 17 characters
        "33078218700615007XX",  // 19
        "３３078218700615007X", // full-width digits
    ];
    refuses_each("workers[0].identity_number", &numbers, |request, number| {
        request.workers[0].identity_number = number.into();
    })
    .await;
}

#[tokio::test]
async fn a_refusal_does_not_quote_what_somebody_typed() {
    let world = World::together().await;
    let mut request = registration("测试工友");
    request.workers[0].identity_number = "330782187006150070".into();
    let union = world.agency("yiwu-union");
    let status = union.cases().register_case(request).await.unwrap_err();
    let told = format!("{status:?} {:?}", Refused::read(&status).violations);
    assert!(!told.contains("330782187006150070"), "{told}");
}

#[tokio::test]
async fn a_name_of_ten_kibibytes_in_chinese_stores_nothing() {
    let name = "甲".repeat(10 * 1024 / "甲".len());
    refuses_each("workers[0].name", &[name], |request, name| {
        request.workers[0].name = name;
    })
    .await;
}
