//! Journeys through the real doors.

mod across_agencies;
