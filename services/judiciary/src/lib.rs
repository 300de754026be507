//! The court's and the procuratorate's files: suit, confirmation, payment order, enforcement
