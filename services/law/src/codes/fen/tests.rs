#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{Band, Fen, FenError};

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}

#[test]
fn figures_and_capitals_are_those_of_the_documents() {
    for (amount, figure, capitals) in [
        (9_240_000, "92,400.00", "玖万贰仟肆佰元整"),
        (140_950, "1,409.50", "壹仟肆佰零玖元伍角整"),
        (1_640_902, "16,409.02", "壹万陆仟肆佰零玖元零贰分"),
        (10_000_053, "100,000.53", "壹拾万元伍角叁分"),
        (7, "0.07", "柒分"),
        (0, "0.00", "零元整"),
        (1_124_000_000, "11,240,000.00", "壹仟壹佰贰拾肆万元整"),
    ] {
        assert_eq!(fen(amount).to_string(), figure);
        assert_eq!(fen(amount).capitals(), capitals);
        assert_eq!(Fen::parse(&figure.replace(',', "")), Ok(fen(amount)));
    }
}

#[test]
fn a_run_of_zeros_is_one_zero_in_words() {
    for (amount, capitals) in [
        (10, "壹角整"),
        (1_000, "壹拾元整"),
        (100_100, "壹仟零壹元整"),
        (101_000, "壹仟零壹拾元整"),
        (1_000_100, "壹万零壹元整"),
        (1_001_000, "壹万零壹拾元整"),
        (10_200_000, "壹拾万贰仟元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (10_000_000_000, "壹亿元整"),
        (10_010_000_000, "壹亿零壹拾万元整"),
        (10_200_005_000, "壹亿零贰佰万零伍拾元整"),
        (100_000_000_000_000, "壹万亿元整"),
        (100_000_100_000_000, "壹万亿零壹佰万元整"),
    ] {
        assert_eq!(fen(amount).capitals(), capitals, "{amount}");
    }
}

#[test]
fn the_largest_amount_can_be_written() {
    let largest = fen(i64::MAX);
    assert_eq!(largest.to_string(), "92,233,720,368,547,758.07");
    assert_eq!(Fen::parse("92233720368547758.07"), Ok(largest));
    assert_eq!(
        largest.capitals(),
        "玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零柒分"
    );
}

#[test]
fn each_refusal_says_what_is_wrong_and_where() {
    let character = |position| FenError::Character { position };
    let decimals = |digits| FenError::Decimals { digits };
    for (text, error) in [
        ("", FenError::Empty),
        (".5", FenError::Empty),
        ("-1", FenError::Negative),
        ("-0.01", FenError::Negative),
        ("+1", character(1)),
        ("1,409.50", character(2)),
        ("1e3", character(2)),
        ("¥5", character(1)),
        (" 5", character(1)),
        ("5元", character(2)),
        ("１", character(1)),
        ("1.2.3", character(4)),
        ("1.-2", character(3)),
        ("NaN", character(1)),
        ("1.", decimals(0)),
        ("1.234", decimals(3)),
        ("1.500", decimals(3)),
        ("92233720368547758.08", FenError::TooLarge),
        ("99999999999999999999", FenError::TooLarge),
    ] {
        assert_eq!(Fen::parse(text), Err(error), "{text:?}");
    }
    assert_eq!(Fen::new(-1), Err(FenError::Negative));
}

#[test]
fn one_decimal_is_jiao() {
    assert_eq!(Fen::parse("1409.5"), Ok(fen(140_950)));
    assert_eq!(Fen::parse("0.05"), Ok(fen(5)));
    assert_eq!(Fen::parse("0"), Ok(fen(0)));
}

#[test]
fn money_on_the_wire_comes_back_the_same() {
    for amount in [0, 1, 99, 100, 140_950, i64::MAX] {
        let (units, nanos) = fen(amount).to_money();
        assert_eq!(Fen::from_money(units, nanos), Ok(fen(amount)));
    }
    assert_eq!(fen(140_950).to_money(), (1_409, 500_000_000));
}

#[test]
fn money_that_is_no_whole_positive_fen_is_refused() {
    for (units, nanos, error) in [
        (-1, 0, FenError::Negative),
        (0, -10_000_000, FenError::Negative),
        (i64::MIN, i32::MIN, FenError::Negative),
        (0, 1_000_000_000, FenError::NanosRange),
        (0, i32::MAX, FenError::NanosRange),
        (0, 1, FenError::BrokenFen),
        (0, 10_000_001, FenError::BrokenFen),
        (i64::MAX, 0, FenError::TooLarge),
        (i64::MAX / 100, 80_000_000, FenError::TooLarge),
    ] {
        assert_eq!(Fen::from_money(units, nanos), Err(error), "{units} {nanos}");
    }
}

#[test]
fn bands_meet_without_gap_or_overlap() {
    for (yuan, below, at) in [
        (5_000, "under-5k", "5k-20k"),
        (20_000, "5k-20k", "20k-50k"),
        (50_000, "20k-50k", "50k-200k"),
        (200_000, "50k-200k", "200k-1m"),
    ] {
        assert_eq!(Band::of(fen(yuan * 100 - 1)).code(), below);
        assert_eq!(Band::of(fen(yuan * 100)).code(), at);
    }
    assert_eq!(Band::of(fen(0)).code(), "under-5k");
    assert_eq!(Band::of(fen(100_000_000)).code(), "200k-1m");
    assert_eq!(Band::of(fen(100_000_001)).code(), "over-1m");
    assert_eq!(Band::of(fen(i64::MAX)).code(), "over-1m");
}
