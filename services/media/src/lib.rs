//! The publicity desk: proposal, consent, anonymised draft, publication
