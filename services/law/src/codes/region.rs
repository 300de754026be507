//! Administrative divisions, GB/T 2260: six digits, two each for province,
//! prefecture and county.
//!
//! Codes change: Yiwu alone has had four. Whoever was registered under an old
//! code carries it in the resident id for life, while an address has only the
//! code of today. Hence two questions, [`Region::was_ever_valid`] and
//! [`Region::is_current_address`].
//!
//! The tables hold all provinces but only the counties of the network's own
//! places. **Any other code in a known province is taken as plausible** and
//! answers yes to both questions: refusing a worker because a table is short
//! would be the worse mistake.

use std::fmt;

/// Province-level divisions, GB/T 2260-2007, with their names.
pub const PROVINCES: [(u32, &str); 34] = [
    (11, "北京市"),
    (12, "天津市"),
    (13, "河北省"),
    (14, "山西省"),
    (15, "内蒙古自治区"),
    (21, "辽宁省"),
    (22, "吉林省"),
    (23, "黑龙江省"),
    (31, "上海市"),
    (32, "江苏省"),
    (33, "浙江省"),
    (34, "安徽省"),
    (35, "福建省"),
    (36, "江西省"),
    (37, "山东省"),
    (41, "河南省"),
    (42, "湖北省"),
    (43, "湖南省"),
    (44, "广东省"),
    (45, "广西壮族自治区"),
    (46, "海南省"),
    (50, "重庆市"),
    (51, "四川省"),
    (52, "贵州省"),
    (53, "云南省"),
    (54, "西藏自治区"),
    (61, "陕西省"),
    (62, "甘肃省"),
    (63, "青海省"),
    (64, "宁夏回族自治区"),
    (65, "新疆维吾尔自治区"),
    (71, "台湾省"),
    (81, "香港特别行政区"),
    (82, "澳门特别行政区"),
];

/// One code, what it named, and whether it still does.
struct Entry {
    code: u32,
    name: &'static str,
    retired: bool,
}

/// Yiwu and the places its workers come from; years are those of the yearly
/// tables of the Ministry of Civil Affairs, 1980–2019 (github.com/cn/GB2260).
const KNOWN: [Entry; 10] = [
    current(330_000, "浙江省"),
    current(330_700, "金华市"),
    // Yiwu: county 1980–1984, county 1985–1987, city 1988–1994, since 1995.
    retired(332_425, "义乌县"),
    retired(330_725, "义乌县"),
    retired(339_007, "义乌市"),
    current(330_782, "义乌市"),
    current(330_824, "开化县"),
    current(341_125, "定远县"),
    current(361_123, "玉山县"),
    current(361_124, "铅山县"),
];

/// Codes, from and to, that no table ever held: Jinhua (3307) numbers its
/// county-level cities from 81 and has four.
const NEVER_ASSIGNED: (u32, u32) = (330_785, 330_799);

const fn current(code: u32, name: &'static str) -> Entry {
    let retired = false;
    Entry {
        code,
        name,
        retired,
    }
}

const fn retired(code: u32, name: &'static str) -> Entry {
    let retired = true;
    Entry {
        code,
        name,
        retired,
    }
}

/// Why a text is not a division code.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum RegionError {
    /// Not six characters.
    #[error("{characters} characters instead of 6")]
    Length {
        /// How many there are.
        characters: usize,
    },
    /// Something else than a digit 0–9.
    #[error("no digit at character {position}")]
    Digit {
        /// Which character, from 1.
        position: usize,
    },
    /// The first two digits are no province.
    #[error("characters 1 and 2 are not the code of a province")]
    Province,
}

/// A division code whose province is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    code: u32,
    province: &'static str,
}

impl Region {
    /// Reads six digits that begin with a province's code.
    ///
    /// # Errors
    /// [`RegionError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, RegionError> {
        let characters = text.chars().count();
        if characters != 6 {
            return Err(RegionError::Length { characters });
        }
        let mut code = 0;
        for (position, character) in (1..).zip(text.chars()) {
            let digit = character.to_digit(10);
            code = code * 10 + digit.ok_or(RegionError::Digit { position })?;
        }
        let (_, province) = PROVINCES
            .into_iter()
            .find(|(province, _)| *province == code / 10_000)
            .ok_or(RegionError::Province)?;
        Ok(Self { code, province })
    }

    /// The name of the province, in Chinese.
    #[must_use]
    pub fn province_zh(&self) -> &'static str {
        self.province
    }

    /// The name of the division itself, in Chinese, if the table has it.
    #[must_use]
    pub fn name_zh(&self) -> Option<&'static str> {
        self.entry().map(|entry| entry.name)
    }

    /// Whether an address may carry this code today: not a retired one, not
    /// one that was never assigned. Codes outside the table pass.
    #[must_use]
    pub fn is_current_address(&self) -> bool {
        let retired = self.entry().is_some_and(|entry| entry.retired);
        self.was_ever_valid() && !retired
    }

    /// Whether a resident id may begin with this code: any that was valid at
    /// some time. Codes outside the table pass.
    #[must_use]
    pub fn was_ever_valid(&self) -> bool {
        let (first, last) = NEVER_ASSIGNED;
        !(first..=last).contains(&self.code)
    }

    fn entry(&self) -> Option<&'static Entry> {
        KNOWN.iter().find(|entry| entry.code == self.code)
    }
}

impl fmt::Display for Region {
    /// The six digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.code)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::{KNOWN, PROVINCES, Region, RegionError};

    fn region(code: &str) -> Region {
        Region::parse(code).unwrap()
    }

    #[test]
    fn an_address_in_yiwu_has_only_the_code_of_today() {
        assert!(region("330782").is_current_address());
        for old in ["332425", "330725", "339007"] {
            assert!(!region(old).is_current_address(), "{old}");
        }
    }

    #[test]
    fn all_four_codes_of_yiwu_were_valid_once() {
        for code in ["332425", "330725", "339007", "330782"] {
            assert!(region(code).was_ever_valid(), "{code}");
            assert!(region(code).name_zh().unwrap().starts_with("义乌"));
        }
    }

    #[test]
    fn a_code_that_was_never_assigned_is_neither_address_nor_origin() {
        assert!(!region("330799").was_ever_valid());
        assert!(!region("330799").is_current_address());
    }

    #[test]
    fn the_places_of_the_network_are_known_by_name() {
        for (code, name, province) in [
            ("330000", "浙江省", "浙江省"),
            ("330700", "金华市", "浙江省"),
            ("330824", "开化县", "浙江省"),
            ("341125", "定远县", "安徽省"),
            ("361123", "玉山县", "江西省"),
            ("361124", "铅山县", "江西省"),
        ] {
            assert_eq!(region(code).name_zh(), Some(name));
            assert_eq!(region(code).province_zh(), province);
            assert!(region(code).is_current_address());
            assert_eq!(region(code).to_string(), code);
        }
    }

    #[test]
    fn an_unknown_county_of_a_known_province_is_plausible() {
        let unknown = region("510824");
        assert_eq!(unknown.name_zh(), None);
        assert_eq!(unknown.province_zh(), "四川省");
        assert!(unknown.was_ever_valid() && unknown.is_current_address());
    }

    #[test]
    fn each_refusal_says_what_is_wrong_and_where() {
        for (text, error) in [
            ("", RegionError::Length { characters: 0 }),
            ("33078", RegionError::Length { characters: 5 }),
            ("3307820", RegionError::Length { characters: 7 }),
            ("33O782", RegionError::Digit { position: 3 }),
            ("33078２", RegionError::Digit { position: 6 }),
            ("-30782", RegionError::Digit { position: 1 }),
            ("990782", RegionError::Province),
            ("000000", RegionError::Province),
        ] {
            assert_eq!(Region::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn no_code_stands_twice_in_a_table() {
        assert!(PROVINCES.is_sorted_by(|a, b| a.0 < b.0));
        for (at, entry) in KNOWN.iter().enumerate() {
            assert!(KNOWN[..at].iter().all(|other| other.code != entry.code));
            assert!(region(&entry.code.to_string()).was_ever_valid());
        }
    }
}
