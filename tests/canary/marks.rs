//! Marks: values that stand nowhere else. Each says in which sections it may be
//! found, by the design and not by the contract's annotations, which are held
//! against it (`fields`).

use std::collections::{BTreeSet, HashMap};

use proto::v1::Section;
use serde_json::{Value, json};

/// A section in which a mark stands, and whether in its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub section: Section,
    pub part: bool,
}

/// Shown to those who see all of the section.
pub fn whole(section: Section) -> Place {
    Place {
        section,
        part: false,
    }
}

/// Shown also to those who see the section in part.
pub fn part(section: Section) -> Place {
    Place {
        section,
        part: true,
    }
}

/// One value. Where it stands nowhere it is for the lead and its author.
#[derive(Debug)]
pub struct Mark {
    pub name: String,
    pub places: Vec<Place>,
    /// Where it stands in a contribution that its author put into another
    /// section: the list that holds the contribution has to be seen as well.
    pub behind: Option<Place>,
    /// Who always reads it, being its author: an id; empty: nobody.
    pub author: String,
}

/// Every mark of a case. Two cases have the same ones.
#[derive(Default)]
pub struct Marks {
    pub all: Vec<Mark>,
    author: String,
    behind: Option<Place>,
    needles: Needles,
}

/// Bytes that show a mark.
struct Needles {
    by_head: HashMap<[u8; 6], Vec<(Vec<u8>, usize)>>,
    /// Two bytes that one begins with, as a number: most bytes are none of them.
    begun: Vec<bool>,
}

impl Marks {
    /// What is planted from now on is this agency's contribution; of nobody's
    /// where the id is empty.
    pub fn by(&mut self, author: &str) -> &mut Self {
        author.clone_into(&mut self.author);
        self
    }

    /// What is planted from now on stands in a list of this place; `None`: in
    /// the section's own.
    pub fn behind(&mut self, place: Option<Place>) {
        self.behind = place;
    }

    /// A text, which is also a code.
    pub fn text<const N: usize>(&mut self, places: [Place; N]) -> Value {
        json!(self.word(&places))
    }

    /// An address on the web.
    pub fn url(&mut self, place: Place) -> Value {
        json!(format!("https://example.org/{}", self.word(&[place])))
    }

    /// A sum of money.
    pub fn sum<const N: usize>(&mut self, places: [Place; N]) -> Value {
        let units = 731_000_000 + 1_013 * self.all.len() as u64;
        let mut wire = vec![0x10];
        let mut rest = units;
        while rest >= 0x80 {
            wire.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        wire.push(rest as u8);
        let mark = self.add(format!("sum {units}"), &places);
        self.needles.add(wire, mark);
        self.needles.add(units.to_string().into(), mark);
        json!({"currencyCode": "CNY", "units": units})
    }

    /// A hash, as JSON has bytes.
    pub fn hash(&mut self, place: Place) -> Value {
        use base64::Engine as _;
        let digest = ring::digest::digest(
            &ring::digest::SHA256,
            format!("mark {}", self.all.len()).as_bytes(),
        );
        let bytes = digest.as_ref().to_vec();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let base64 = base64::engine::general_purpose::STANDARD.encode(&bytes);
        let mark = self.add(format!("hash {hex}"), &[place]);
        self.needles.add(bytes, mark);
        self.needles.add(hex.into(), mark);
        self.needles.add(base64.clone().into(), mark);
        json!(base64)
    }

    /// A value that has a form of its own; `shown` is how it shows, where that
    /// is not as it was given.
    pub fn given(&mut self, value: &str, shown: &[u8], place: Place) -> Value {
        let mark = self.add(value.to_owned(), &[place]);
        let shown = if shown.is_empty() {
            value.as_bytes()
        } else {
            shown
        };
        self.needles.add(shown.to_vec(), mark);
        json!(value)
    }

    fn word(&mut self, places: &[Place]) -> String {
        let section = places.first().map_or("desk".to_owned(), |place| {
            proto::section::name(place.section).replace('-', "_")
        });
        let word = format!("mkq{:03}x{section}", self.all.len());
        let mark = self.add(word.clone(), places);
        self.needles.add(word.clone().into(), mark);
        word
    }

    fn add(&mut self, name: String, places: &[Place]) -> usize {
        self.all.push(Mark {
            name,
            places: places.to_vec(),
            behind: self.behind,
            author: self.author.clone(),
        });
        self.all.len() - 1
    }

    /// The marks that stand in these bytes.
    pub fn found(&self, bytes: &[u8]) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for (at, two) in bytes.windows(2).enumerate() {
            if self.needles.begun[usize::from(two[0]) << 8 | usize::from(two[1])] {
                found.extend(self.needles.at(&bytes[at..]));
            }
        }
        found
    }
}

impl Default for Needles {
    fn default() -> Self {
        Self {
            by_head: HashMap::new(),
            begun: vec![false; 1 << 16],
        }
    }
}

impl Needles {
    fn add(&mut self, needle: Vec<u8>, mark: usize) {
        let head = needle[..6].try_into().unwrap();
        self.begun[usize::from(needle[0]) << 8 | usize::from(needle[1])] = true;
        self.by_head.entry(head).or_default().push((needle, mark));
    }

    /// The marks that these bytes begin with.
    fn at<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let head: Option<[u8; 6]> = bytes.get(..6).and_then(|head| head.try_into().ok());
        let known = head.and_then(|head| self.by_head.get(&head));
        let begins = known.into_iter().flatten();
        begins.filter_map(|(needle, mark)| bytes.starts_with(needle).then_some(*mark))
    }
}
