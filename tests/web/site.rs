//! A network with its pages, and people who can sign in.

use std::collections::BTreeMap;
use std::sync::Arc;

use casenet::city;
use casenet::web::Pages;
use http::Method;
use proto::v1 as pb;

use crate::rest::http1::{Answer, Caller};
use crate::world::World;

pub const PASSWORD: &str = "correct horse battery";

pub struct Site {
    pub world: World,
    pub pages: Pages,
}

impl Site {
    pub async fn open() -> Self {
        let world = World::together().await;
        let pages = Pages::start(&world.config, &world.gateway, Arc::new(world.clock.clone()))
            .await
            .unwrap();
        for agency in city::yiwu() {
            let request = pb::CreateUserRequest {
                user_id: "desk".into(),
                display_name: "desk".into(),
                password: PASSWORD.into(),
            };
            let system = world.agency(&agency.id);
            system.identity().create_user(request).await.unwrap();
        }
        Self { world, pages }
    }

    /// Somebody with a browser, who has no cookie yet.
    pub fn visitor(&self) -> Visitor {
        let address = self.pages.address.to_string();
        let caller = Caller::new(&address, &self.world.config, "yiwu-union");
        Visitor {
            caller: caller.without_certificate(),
            cookies: BTreeMap::new(),
        }
    }

    /// Somebody of that agency, signed in.
    pub async fn signed_in(&self, agency: &str) -> Visitor {
        let mut visitor = self.visitor();
        let answer = visitor.sign_in(agency, PASSWORD).await;
        assert_eq!(answer.status, 303, "{}", text(&answer));
        visitor
    }
}

/// A browser as far as these tests need one: it keeps cookies.
#[derive(Clone)]
pub struct Visitor {
    pub caller: Caller,
    pub cookies: BTreeMap<String, String>,
}

pub fn text(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.to_vec()).unwrap()
}

/// The key that a page's forms carry.
pub fn form_key(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"form_key\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

impl Visitor {
    fn with_cookies(&self) -> Caller {
        let all: Vec<_> = self
            .cookies
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        self.caller.clone().with("cookie", &all.join("; "))
    }

    fn keep(&mut self, answer: &Answer) {
        for value in answer.headers.get_all("set-cookie") {
            let pair = value.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.with_cookies().get(path).await;
        self.keep(&answer);
        answer
    }

    /// Posts exactly these fields.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_from(path, fields, "same-origin").await
    }

    /// The same from a page of another site.
    pub async fn post_from(&mut self, path: &str, fields: &[(&str, &str)], site: &str) -> Answer {
        let encode =
            |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
        let body: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let caller = self
            .with_cookies()
            .with("content-type", "application/x-www-form-urlencoded")
            .with("sec-fetch-site", site);
        let answer = caller.call(Method::POST, path, Some(body.join("&"))).await;
        self.keep(&answer);
        answer
    }

    /// Posts with the key of a page just read.
    pub async fn submit(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let shown = self.get(page).await;
        let key = form_key(&text(&shown));
        let mut all = vec![("form_key", key.as_str())];
        all.extend_from_slice(fields);
        self.post(path, &all).await
    }

    pub async fn sign_in(&mut self, agency: &str, password: &str) -> Answer {
        let fields = [("agency", agency), ("user", "desk"), ("password", password)];
        self.submit("/sign-in", "/sign-in", &fields).await
    }
}
