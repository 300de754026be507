//! The spine of the record: parties, claims, referrals, grants, consents, timeline
