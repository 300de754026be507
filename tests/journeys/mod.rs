//! Journeys through the real doors.

mod across_agencies;
mod collective;
mod documents;
mod emergency;
mod revocation;
mod sharing;
mod time;
