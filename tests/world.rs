//! A whole network in this process: real TLS, real stores on disk, one clock
//! that the test sets. Agencies are actors.

use std::sync::Arc;

use casenet::city;
use casenet::client::Client;
use casenet::config::{Config, Role};
use casenet::network::Running;
use chrono::{DateTime, Utc};
use host::tls::ClientIdentity;
use host::{Refused, SetClock};
use proto::Money;
use proto::v1 as pb;
use proto::v1::{AgencyKind, ReferralKind, Section};
use tonic::{Code, Status};

pub struct World {
    pub config: Config,
    pub clock: SetClock,
    running: Option<Running>,
    pub gateway: String,
    folder: tempfile::TempDir,
}

/// Certificates begin a day before this, and the clock of TLS is the real one.
pub fn now() -> DateTime<Utc> {
    host::Clock::now(&host::SystemClock)
}

impl World {
    pub async fn together() -> Self {
        Self::with(city::yiwu()).await
    }

    pub async fn with(agencies: Vec<city::Agency>) -> Self {
        Self::configured(agencies, |_| {}).await
    }

    /// The same with a configuration of the test's own.
    pub async fn configured(
        agencies: Vec<city::Agency>,
        configure: impl FnOnce(&mut Config),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = casenet::init::make(folder.path(), agencies, 0, now()).unwrap();
        configure(&mut config);
        let clock = SetClock::at(now());
        let running = Running::start(&config, &Role::ALL, Arc::new(clock.clone()))
            .await
            .unwrap();
        let gateway = running.gateway().unwrap().to_string();
        Self {
            config,
            clock,
            running: Some(running),
            gateway,
            folder,
        }
    }

    /// Stops and starts again on the same folder.
    pub async fn restart(&mut self) {
        self.running.take().unwrap().stop().await;
        let running = Running::start(&self.config, &Role::ALL, Arc::new(self.clock.clone()))
            .await
            .unwrap();
        self.gateway = running.gateway().unwrap().to_string();
        self.running = Some(running);
    }

    /// The network's present moment.
    pub fn clock_now(&self) -> DateTime<Utc> {
        host::Clock::now(&self.clock)
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The agency's own system.
    pub fn agency(&self, id: &str) -> Client {
        let identity = ClientIdentity::new(self.config.agency_files(id));
        Client::new(&self.gateway, &identity).unwrap()
    }

    /// A program that people sign in with.
    pub fn person(&self) -> Client {
        let identity = ClientIdentity::new(self.config.client_files());
        Client::new(&self.gateway, &identity).unwrap()
    }

    pub async fn register(&self, agency: &str) -> pb::Case {
        let request = registration("测试工友甲");
        self.agency(agency)
            .cases()
            .register_case(request)
            .await
            .unwrap()
            .into_inner()
    }

    /// The worker consents that agencies of these kinds receive these sections.
    pub async fn consent(
        &self,
        through: &str,
        case: &str,
        kinds: &[AgencyKind],
        sections: &[Section],
    ) -> pb::Consent {
        let consent = pb::Consent {
            purpose: "representation".into(),
            recipient_kinds: kinds.iter().map(|kind| *kind as i32).collect(),
            sections: sections.iter().map(|section| *section as i32).collect(),
            evidence_sha256: vec![7; 32],
            ..Default::default()
        };
        let request = pb::GrantConsentRequest {
            parent: case.into(),
            consent: Some(consent),
            request_id: String::new(),
        };
        self.agency(through)
            .consents()
            .grant_consent(request)
            .await
            .unwrap()
            .into_inner()
    }

    pub async fn draft(
        &self,
        from: &str,
        case: &str,
        referral: pb::Referral,
    ) -> Result<pb::Referral, Status> {
        let request = pb::CreateReferralRequest {
            parent: case.into(),
            referral: Some(referral),
            ..Default::default()
        };
        Ok(self
            .agency(from)
            .referrals()
            .create_referral(request)
            .await?
            .into_inner())
    }

    pub async fn send(&self, from: &str, name: &str) -> Result<pb::Referral, Status> {
        let request = pb::SendReferralRequest {
            name: name.into(),
            ..Default::default()
        };
        Ok(self
            .agency(from)
            .referrals()
            .send_referral(request)
            .await?
            .into_inner())
    }

    pub async fn accept(&self, by: &str, name: &str) -> Result<pb::Referral, Status> {
        let request = pb::AcceptReferralRequest {
            name: name.into(),
            ..Default::default()
        };
        Ok(self
            .agency(by)
            .referrals()
            .accept_referral(request)
            .await?
            .into_inner())
    }

    pub async fn get(&self, by: &str, case: &str) -> Result<pb::Case, Status> {
        let request = pb::GetCaseRequest {
            name: case.into(),
            ..Default::default()
        };
        Ok(self
            .agency(by)
            .cases()
            .get_case(request)
            .await?
            .into_inner())
    }

    /// From draft to accepted, with a conflict check where the law asks for one.
    pub async fn share(&self, from: &str, case: &str, referral: pb::Referral) -> pb::Referral {
        let to = referral
            .to_agency
            .trim_start_matches("agencies/")
            .to_owned();
        let drafted = self.draft(from, case, referral).await.unwrap();
        self.send(from, &drafted.name).await.unwrap();
        if to.ends_with("-law") {
            let check = pb::CheckConflictRequest {
                parent: case.into(),
                referral: drafted.name.clone(),
                ..Default::default()
            };
            self.agency(&to)
                .lawfirm()
                .check_conflict(check)
                .await
                .unwrap();
        }
        self.accept(&to, &drafted.name).await.unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // The folder goes with the world; a network that is still up would
        // write into it.
        if let Some(running) = self.running.take() {
            drop(running);
        }
    }
}

pub fn yuan(units: i64) -> Option<Money> {
    Some(Money {
        currency_code: "CNY".into(),
        units,
        nanos: 0,
    })
}

pub fn registration(name: &str) -> pb::RegisterCaseRequest {
    pb::RegisterCaseRequest {
        district: "330782".into(),
        workers: vec![pb::NewWorker {
            name: name.into(),
            identity_number: "33078218700615007X".into(),
            mobile: "19900000000".into(),
            service_address: "义乌市测试路1号".into(),
            home_address: "开化县测试村2号".into(),
            ..Default::default()
        }],
        employment: Some(pb::Employment {
            employer_name: "义乌测试电梯有限公司".into(),
            employer_kind: "services".into(),
            ..Default::default()
        }),
        claims: vec![pb::Claim {
            kind: "unpaid_wages".into(),
            amount: yuan(12_345),
            ..Default::default()
        }],
        injury: Some(pb::Injury {
            diagnosis: "测试诊断".into(),
            ..Default::default()
        }),
        title_zh: "测试案件".into(),
        title_en: "Test case".into(),
        ..Default::default()
    }
}

/// A referral that rests on a consent.
pub fn on_consent(kind: ReferralKind, to: &str, scope: &[Section], consent: &str) -> pb::Referral {
    pb::Referral {
        kind: kind as i32,
        to_agency: format!("agencies/{to}"),
        service_code: "test_service".into(),
        purpose: "work on it".into(),
        consent: consent.into(),
        scope: scope.iter().map(|section| *section as i32).collect(),
        contribute: true,
        ..Default::default()
    }
}

/// A referral that rests on a statutory duty.
pub fn on_duty(to: &str, scope: &[Section]) -> pb::Referral {
    pb::Referral {
        consent: String::new(),
        legal_basis: "PIPL-13-3".into(),
        ..on_consent(ReferralKind::Assist, to, scope, "")
    }
}

pub fn refused(status: &Status, code: Code, reason: &str) {
    let refused = Refused::read(status);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (code, reason),
        "{status:?}"
    );
}
