//! The labour bureau's files: inspection, arbitration, work injury
