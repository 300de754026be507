//! What stands in which column.

/// Headings, and where in a row their values stand.
pub(super) type Columns = &'static [(&'static str, &'static str)];

/// Lists: the method, the answer's field, and the columns.
pub(super) const LISTS: [(&str, &str, Columns); 13] = [
    ("CaseService/ListCases", "cases", CASES),
    ("ReferralService/ListReferrals", "referrals", REFERRALS),
    ("ReferralService/ReferToPool", "referrals", REFERRALS),
    ("MatterService/ReferMatter", "referrals", REFERRALS),
    ("MatterService/ListMatterCases", "cases", CASES),
    (
        "ConsentService/ListConsents",
        "consents",
        &[
            ("consent", "/name"),
            ("for", "/purpose"),
            ("recipients", "/recipients"),
            ("kinds", "/recipientKinds"),
            ("sections", "/sections"),
            ("until", "/validUntil"),
            ("withdrawn", "/withdrawnAt"),
        ],
    ),
    (
        "BreakGlassService/ListBreakGlass",
        "breakGlass",
        &[
            ("opening", "/name"),
            ("by", "/agency"),
            ("why", "/reason"),
            ("from", "/openedAt"),
            ("until", "/validUntil"),
            ("review by", "/reviewBy"),
            ("verdict", "/verdict"),
        ],
    ),
    (
        "AgreementService/ListAgreements",
        "agreements",
        &[
            ("agreement", "/name"),
            ("proposed by", "/proposer"),
            ("to", "/partner"),
            ("state", "/state"),
            ("sections", "/sections"),
            ("days", "/accessDays"),
            ("onward", "/onward"),
            ("until", "/validUntil"),
        ],
    ),
    (
        "FeedService/ListFeed",
        "events",
        &[
            ("cursor", "/cursor"),
            ("what", "/kind"),
            ("about", "/resource"),
            ("when", "/at"),
            ("reason", "/reason"),
        ],
    ),
    (
        "WebhookService/ListWebhooks",
        "webhooks",
        &[
            ("webhook", "/name"),
            ("to", "/url"),
            ("kinds", "/kinds"),
            ("state", "/state"),
            ("cursor", "/cursor"),
            ("failed", "/attempts"),
            ("next attempt", "/nextAttemptAt"),
            ("dead letters", "/deadLetters"),
        ],
    ),
    (
        "WebhookService/ListDeadLetters",
        "deadLetters",
        &[
            ("cursor", "/event/cursor"),
            ("what", "/event/kind"),
            ("about", "/event/resource"),
            ("given up", "/givenUpAt"),
            ("attempts", "/attempts"),
            ("failure", "/lastFailure/code"),
            ("status", "/lastFailure/httpStatus"),
            ("again", "/redelivering"),
        ],
    ),
    (
        "DirectoryService/ListAgencies",
        "agencies",
        &[
            ("agency", "/name"),
            ("kind", "/kind"),
            ("name", "/displayNameZh"),
            ("suspended", "/suspended"),
            ("services", "/services"),
        ],
    ),
    (
        "DisclosureService/ListDisclosures",
        "records",
        &[
            ("no.", "/index"),
            ("when", "/at"),
            ("agency", "/agency"),
            ("user", "/user"),
            ("for", "/purpose"),
            ("outcome", "/outcome"),
            ("in full", "/sections"),
            ("in part", "/sectionsInPart"),
            ("refused", "/refusal"),
        ],
    ),
];

const CASES: Columns = &[
    ("case", "/name"),
    ("kind", "/summary/disputeKind"),
    ("sum", "/summary/amountBand"),
    ("stage", "/summary/stage"),
    ("lead", "/summary/lead"),
    ("title", "/summary/titleZh"),
];

const REFERRALS: Columns = &[
    ("referral", "/name"),
    ("kind", "/kind"),
    ("from", "/fromAgency"),
    ("to", "/toAgency"),
    ("state", "/state"),
    ("answer by", "/respondBy"),
    ("you may now", "/allowedEvents"),
];

/// One resource, a field a row: the service, and the rows that are shown where
/// they are set.
pub(super) const PAGES: [(&str, Columns); 4] = [
    (
        "ReferralService/",
        &[
            ("referral", "/name"),
            ("state", "/state"),
            ("because", "/statusReason"),
            ("waits for", "/waiting"),
            ("you may now", "/allowedEvents"),
            ("kind", "/kind"),
            ("from", "/fromAgency"),
            ("to", "/toAgency"),
            ("service", "/serviceCode"),
            ("purpose", "/purpose"),
            ("scope", "/scope"),
            ("may add", "/contribute"),
            ("on consent", "/consent"),
            ("on the duty", "/legalBasis"),
            ("priority", "/priority"),
            ("answer by", "/respondBy"),
            ("done by", "/fulfilBy"),
            ("access until", "/accessUntil"),
            ("sender keeps", "/residual"),
            ("part of", "/partOf"),
            ("pool", "/pool"),
            ("replaces", "/replaces"),
            ("replaced by", "/replacedBy"),
            ("conflict check clear", "/conflictCleared"),
            ("outcome", "/outcome"),
            ("sum", "/outcomeAmount"),
            ("outcome noted", "/outcomeAcknowledgedAt"),
            ("error proposed by", "/errorProposedBy"),
            ("etag", "/etag"),
        ],
    ),
    (
        "BreakGlassService/",
        &[
            ("opening", "/name"),
            ("by", "/agency"),
            ("user", "/user"),
            ("why", "/reason"),
            ("in words", "/explanation"),
            ("sections", "/sections"),
            ("from", "/openedAt"),
            ("until", "/validUntil"),
            ("review by", "/reviewBy"),
            ("verdict", "/verdict"),
            ("note", "/reviewNote"),
            ("reviewed by", "/reviewedBy"),
            ("reviewed", "/reviewedAt"),
        ],
    ),
    (
        "AgreementService/",
        &[
            ("agreement", "/name"),
            ("state", "/state"),
            ("proposed by", "/proposer"),
            ("to", "/partner"),
            ("sections", "/sections"),
            ("access days", "/accessDays"),
            ("onward", "/onward"),
            ("until", "/validUntil"),
            ("proposed", "/proposedAt"),
            ("accepted", "/acceptedAt"),
            ("ended", "/endedAt"),
        ],
    ),
    (
        "ConsentService/",
        &[
            ("consent", "/name"),
            ("for", "/purpose"),
            ("recipients", "/recipients"),
            ("kinds", "/recipientKinds"),
            ("sections", "/sections"),
            ("until", "/validUntil"),
            ("granted", "/grantedAt"),
            ("recorded by", "/recordedBy"),
            ("withdrawn", "/withdrawnAt"),
            ("through", "/withdrawnThrough"),
        ],
    ),
];

/// The course of a referral.
pub(super) const TRANSITIONS: Columns = &[
    ("no.", "/sequence"),
    ("when", "/at"),
    ("event", "/event"),
    ("to", "/to"),
    ("by", "/agency"),
    ("user", "/user"),
    ("reason", "/reason"),
];

/// Questions and answers of a referral.
pub(super) const INQUIRIES: Columns = &[
    ("asked", "/askedAt"),
    ("question", "/question"),
    ("answered", "/answeredAt"),
    ("answer", "/answer"),
    ("added", "/addedScope"),
];

/// Cases that were left out when a matter was referred.
pub(super) const NOT_REFERRED: Columns = &[
    ("not referred", "/case"),
    ("reason", "/reason"),
    ("because", "/message"),
];

/// The timeline of a case.
pub(super) const TIMELINE: Columns = &[
    ("no.", "/sequence"),
    ("date", "/date"),
    ("by", "/author"),
    ("act", "/act"),
    ("outcome", "/outcome"),
    ("sum", "/amount"),
    ("note", "/note"),
];
