//! Which step is legal when, as tables: the courts' and the procuratorates'.

mod court;
mod procuratorate;

pub(crate) use court::{CourtStep, State, court};
pub(crate) use procuratorate::{Matter, MatterStep, procuratorate};

/// Names for people: states as the contract calls them in lower snake case,
/// steps as the methods are called. One list, so that name and wire value
/// cannot part.
macro_rules! states {
    ($(#[$about:meta])* $name:ident of $wire:path { $($state:ident $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name { $($state,)* }

        impl $name {
            /// The state on the wire; `None` for one that is not set.
            pub(crate) fn of(wire: $wire) -> Option<Self> {
                $(if wire == <$wire>::$state { return Some(Self::$state); })*
                None
            }

            /// As it stands on the wire.
            pub(crate) fn to_wire(self) -> $wire {
                match self { $(Self::$state => <$wire>::$state,)* }
            }
        }

        impl host::Named for $name {
            fn name(self) -> &'static str {
                match self { $(Self::$state => $text,)* }
            }
        }
    };
}

macro_rules! steps {
    ($(#[$about:meta])* $name:ident { $($step:ident,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name { $($step,)* }

        impl host::Named for $name {
            fn name(self) -> &'static str {
                match self { $(Self::$step => stringify!($step),)* }
            }
        }
    };
}

pub(crate) use {states, steps};
