//! Making a network: authority, certificates, keys, configuration.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use chrono::{DateTime, Datelike as _, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::city::Agency;
use crate::config::{Config, FILE, Role};

/// Leaves are good for two years, the authority for ten.
const LEAF_YEARS: i32 = 2;
const AUTHORITY_YEARS: i32 = 10;

/// Why a network could not be made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is one already.
    #[error("{0} holds a network already; nothing was changed. Choose another folder")]
    Exists(String),
    /// A file or folder cannot be written.
    #[error("cannot write {path}: {source}")]
    Io {
        /// What.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A certificate could not be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A key could not be made.
    #[error("cannot make a key: {0}")]
    Key(String),
}

/// Makes a network in `folder` and answers its configuration. Keys are readable
/// by this user only. Refuses a folder that holds one already.
pub fn make(
    folder: &Path,
    agencies: Vec<Agency>,
    first_port: u16,
    now: DateTime<Utc>,
) -> Result<Config, InitError> {
    if folder.join(FILE).exists() {
        return Err(InitError::Exists(folder.display().to_string()));
    }
    private_folder(folder)?;
    let authority = Authority::new(now)?;
    private_folder(&folder.join("certs"))?;
    write(
        &folder.join("certs/ca.pem"),
        authority.pem.as_bytes(),
        0o644,
    )?;
    write(
        &folder.join("certs/ca.key"),
        authority.key.as_bytes(),
        0o600,
    )?;
    for role in Role::ALL.into_iter().chain([Role::Web]) {
        let hosts = ["localhost".to_owned(), format!("casenet-{}", role.name())];
        authority.issue(folder, &format!("roles/{}", role.name()), &hosts)?;
    }
    for agency in &agencies {
        authority.issue(folder, &format!("agencies/{}", agency.id), &[])?;
    }
    authority.issue(folder, "clients/cli", &[])?;
    authority.issue(folder, "clients/web", &[])?;
    private_folder(&folder.join("keys"))?;
    let mut key = [0; 32];
    SystemRandom::new()
        .fill(&mut key)
        .map_err(|_| InitError::Key("no randomness".to_owned()))?;
    write(&folder.join("keys/network.key"), &key, 0o600)?;
    let log_key = tlog::SigningKey::generate().map_err(|e| InitError::Key(e.to_string()))?;
    write(&folder.join("keys/log.pk8"), &log_key, 0o600)?;

    let port = |at: u16| if first_port == 0 { 0 } else { first_port + at };
    let others = Role::ALL.into_iter().filter(|role| *role != Role::Gateway);
    let listen = std::iter::once(Role::Gateway)
        .chain(others)
        .chain([Role::Web])
        .zip(0..)
        .map(|(role, at)| (role, format!("127.0.0.1:{}", port(at))))
        .collect();
    let config = Config {
        listen,
        limits: gateway::Limits::default(),
        referrals: casebook::Terms::default(),
        policies: None,
        webhooks: casebook::WebhookSettings::default(),
        prove_policies: true,
        log_origin: "casenet/yiwu".to_owned(),
        agencies,
        folder: folder.to_owned(),
    };
    let text = toml::to_string_pretty(&config).map_err(|e| InitError::Key(e.to_string()))?;
    write(&folder.join(FILE), text.as_bytes(), 0o600)?;
    Ok(config)
}

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    key: String,
    now: DateTime<Utc>,
}

impl Authority {
    fn new(now: DateTime<Utc>) -> Result<Self, InitError> {
        let mut params = CertificateParams::new(Vec::new())?;
        params
            .distinguished_name
            .push(DnType::CommonName, "casenet network authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        valid(&mut params, now, AUTHORITY_YEARS);
        let key = KeyPair::generate()?;
        let pem = params.self_signed(&key)?.pem();
        let secret = key.serialize_pem();
        Ok(Self {
            issuer: Issuer::new(params, key),
            pem,
            key: secret,
            now,
        })
    }

    /// A certificate for `spiffe://casenet/{name}`, with its key beside it.
    fn issue(&self, folder: &Path, name: &str, hosts: &[String]) -> Result<(), InitError> {
        let mut params = CertificateParams::new(hosts.to_vec())?;
        params.distinguished_name.push(DnType::CommonName, name);
        params
            .subject_alt_names
            .push(SanType::URI(format!("spiffe://casenet/{name}").try_into()?));
        let mut usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        if !hosts.is_empty() {
            let here = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
            params.subject_alt_names.push(SanType::IpAddress(here));
            usages.push(ExtendedKeyUsagePurpose::ServerAuth);
        }
        params.extended_key_usages = usages;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        valid(&mut params, self.now, LEAF_YEARS);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let folder = folder.join("certs").join(name);
        private_folder(&folder)?;
        write(
            &folder.join("cert.pem"),
            certificate.pem().as_bytes(),
            0o644,
        )?;
        write(
            &folder.join("key.pem"),
            key.serialize_pem().as_bytes(),
            0o600,
        )
    }
}

fn valid(params: &mut CertificateParams, now: DateTime<Utc>, years: i32) {
    // A day before, for clocks that are behind.
    let from = now - chrono::TimeDelta::days(1);
    let date = |at: DateTime<Utc>, years: i32| {
        let month = u8::try_from(at.month()).unwrap_or(1);
        // The 29th exists in every month that has a 28th only in leap years.
        let day = u8::try_from(at.day().min(28)).unwrap_or(1);
        rcgen::date_time_ymd(at.year() + years, month, day)
    };
    params.not_before = date(from, 0);
    params.not_after = date(now, years);
}

fn private_folder(folder: &Path) -> Result<(), InitError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| InitError::Io {
            path: folder.display().to_string(),
            source,
        })
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), InitError> {
    let open = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path);
    open.and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    })
    .map_err(|source| InitError::Io {
        path: path.display().to_string(),
        source,
    })
}
