use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use riposte_tenant::{Config, Entry, ManualClock, Pace, Tenant};
use serde_json::Value;

pub(crate) const DESKTOP: &str = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
pub(crate) const DESKTOP_NAME: &str = "desktop-39g9tgl.contoso.example";
pub(crate) const OFFLINE: &str = "laptop-travel-12.contoso.example";
pub(crate) const LINUX: &str = "lnx-build-03.contoso.example";
/// What `World::act` sends as the hash of a file.
pub(crate) const FILE: &str = "87662bc3d60e4200ceaf7aae249d1c343f4b83c9";

/// A running tenant and one client of it, who has a token.
pub(crate) struct World {
    pub(crate) tenant: Tenant,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) client: Client,
    pub(crate) token: Mutex<String>,
    url: String,
}

/// One answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u64>,
    pub(crate) text: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let retry_after = response.headers().get("retry-after").map(|v| v.to_str().unwrap().parse().unwrap());
        Self { status: response.status().as_u16(), retry_after, text: response.text().await.unwrap() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The status and the code of an error answer, having checked its form.
    pub(crate) fn error(&self) -> (u16, String) {
        let error = &self.json()["error"];
        assert!(error["message"].is_string(), "{}", self.text);
        assert!(error["target"].is_string(), "{}", self.text);
        (self.status, error["code"].as_str().unwrap().to_owned())
    }

    pub(crate) fn field(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap().to_owned()
    }
}

pub(crate) fn client() -> Client {
    // Only HTTP is spoken here, but the client will not be built without a provider. A second install is refused.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

impl World {
    /// A tenant whose actions end at once and whose limits are off.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let clock = Arc::new(ManualClock::default());
        let mut config =
            Config { clock: clock.clone(), pace: Pace::instant(), rate_limits: false, ..Config::default() };
        change(&mut config);
        let tenant = Tenant::start(([127, 0, 0, 1], 0).into(), config).await.unwrap();
        let url = tenant.url();
        let world = Self { tenant, clock, client: client(), token: Mutex::default(), url };
        world.renew().await;
        world
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub(crate) fn inject(&self, fault: &str) {
        self.tenant.inject(fault.parse().unwrap());
    }

    pub(crate) async fn renew(&self) {
        let answer = self.ask_token(&token_path(), &token_form()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        *self.token.lock().unwrap() = answer.field("access_token");
    }

    pub(crate) async fn ask_token(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        Answer::of(self.client.post(self.url(path)).form(form).send().await.unwrap()).await
    }

    /// A call with the token, which may fail to be answered.
    pub(crate) async fn try_call(
        &self,
        method: Method,
        path: &str,
        body: Option<&str>,
    ) -> reqwest::Result<Answer> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_owned());
        }
        Ok(Answer::of(request.send().await?).await)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let token = self.token.lock().unwrap().clone();
        self.client.request(method, self.url(path)).bearer_auth(token)
    }

    /// A POST of something that is no JSON.
    pub(crate) async fn send(&self, path: &str, kind: &str, body: String) -> Answer {
        let request = self.request(Method::POST, path).header("content-type", kind).body(body);
        Answer::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.try_call(Method::GET, path, None).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        self.try_call(Method::POST, path, Some(body)).await.unwrap()
    }

    pub(crate) async fn act(&self, device: &str, operation: &str) -> Answer {
        let body = r#"{"Comment":"why","ScanType":"Quick","IsolationType":"Full","Sha1":"87662bc3d60e4200ceaf7aae249d1c343f4b83c9"}"#;
        self.post(&format!("/api/machines/{device}/{operation}"), body).await
    }

    /// Opens an action and gives its id.
    pub(crate) async fn open(&self, device: &str, operation: &str) -> String {
        let answer = self.act(device, operation).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.field("id")
    }

    pub(crate) async fn status(&self, action: &str) -> String {
        self.get(&format!("/api/machineactions/{action}")).await.field("status")
    }

    pub(crate) fn last(&self) -> Entry {
        self.tenant.log().pop().unwrap()
    }
}

/// Two seconds Pending, three InProgress, five for the slow kinds.
pub(crate) fn steady() -> Pace {
    let s = |n| Duration::from_secs(n)..=Duration::from_secs(n);
    Pace { pending: s(2), quick: s(3), slow: s(5) }
}

pub(crate) fn token_path() -> String {
    format!("/{}/oauth2/v2.0/token", Config::default().tenant_id)
}

pub(crate) fn token_form() -> [(&'static str, &'static str); 4] {
    [
        ("client_id", "00001111-aaaa-2222-bbbb-3333cccc4444"),
        ("client_secret", "simulated-secret"),
        ("grant_type", "client_credentials"),
        ("scope", "https://api.securitycenter.microsoft.com/.default"),
    ]
}
