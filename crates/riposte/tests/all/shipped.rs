//! The playbooks of `playbooks/`: each is run to its end against a simulated tenant of its own, and what it did there is
//! counted on every device, so that what it did to the wrong one is seen too.

mod cases;
mod hooks;
mod text;

use crate::service::Service;
use crate::support::{Practice, Scratch, repository};
use cases::{CASES, Case};
use riposte_actions::catalogue;
use riposte_defender::{Client, Cloud, Connection, Credential, Isolate, IsolationType};
use riposte_playbook::{Playbook, Style, load_all};
use riposte_tenant::{Config, HuntingAnswer};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

/// Every device of a simulated tenant, by what the cases call it.
pub(crate) const DEVICES: [(&str, &str); 6] = [
    ("desktop", "1e5bc9d7e413ddd7902c2932e418702b84d0cc07"),
    ("laptop", "ce014ef4e2632f760f56e07eaa45e46c9bd6628e"),
    ("server", "595c81d3ccc996fd47e178fb683dfac9dbaf5c4d"),
    // It is not online.
    ("travel", "b492328ece5da18082a21d46b36bff27e0466a92"),
    ("linux", "cde59fa362ae5f360d67b22d748dc2c6ba683281"),
    ("front", "87d9e4b94b6766ea02455ff02d030d5f621bfa6e"),
];

/// How many tenants and runs there are at once.
const AT_ONCE: usize = 4;

/// The files of the shipped playbooks, in order.
fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(repository("playbooks"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    files
}

/// The shipped playbooks, checked together.
fn playbooks() -> Vec<Arc<Playbook>> {
    let read = |path: PathBuf| (path.display().to_string(), std::fs::read_to_string(path).unwrap());
    let loaded = load_all(files().into_iter().map(read).collect(), &catalogue());
    loaded
        .into_iter()
        .map(|loaded| {
            assert!(loaded.report.is_empty(), "{}", loaded.report.render(Style::Plain));
            loaded.playbook.unwrap()
        })
        .collect()
}

#[test]
fn every_shipped_playbook_is_called_like_its_file_and_has_a_case() {
    let tried: BTreeSet<&str> = CASES.iter().map(|case| case.playbook).collect();
    let playbooks = playbooks();
    let shipped: BTreeSet<&str> = playbooks.iter().map(|playbook| playbook.name.as_str()).collect();
    assert_eq!(tried, shipped);
    let named: BTreeSet<String> =
        files().iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(named, shipped.into_iter().map(str::to_owned).collect());
}

#[test]
fn every_shipped_playbook_does_what_it_says_and_nothing_else() {
    let (waiting, wrong) = (Mutex::new(CASES.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().next();
                    let Some(case) = next else { return };
                    if let Err(what) = try_out(case) {
                        wrong.lock().unwrap().push(format!("{}, {}: {what}", case.playbook, case.when));
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// One playbook's tenant, the chat beside it, and its folder.
struct World {
    practice: Practice,
    chat: Service,
    scratch: Scratch,
    config: String,
}

impl World {
    fn new(case: &Case) -> World {
        let columns = vec![("DeviceId".to_owned(), "String".to_owned())];
        let queries = case.hunts.iter().map(|(query, found)| HuntingAnswer {
            query: (*query).to_owned(),
            columns: columns.clone(),
            results: found.iter().map(|name| json!({ "DeviceId": id_of(name) })).collect(),
        });
        let practice = Practice::with(Config { queries: queries.collect(), ..Config::default() });
        let scratch = Scratch::new();
        let config = practice.config(&scratch);
        let chat = Service::new();
        let secret = scratch.write("chat.secret", "T0/B0/0123456789").display().to_string();
        let text = std::fs::read_to_string(&config).unwrap() + &chat.connection(&secret);
        std::fs::write(&config, text).unwrap();
        World { practice, chat, scratch, config }
    }

    /// Runs a playbook and gives the run, and what was said.
    fn run(&self, how: &str, playbook: &str, inputs: &[String], event: Option<&str>) -> (Value, String) {
        let file = repository(&format!("playbooks/{playbook}.yaml"));
        let mut arguments = vec!["run", &file, how, "--config", &self.config, "--output", "json"];
        for input in inputs {
            arguments.extend(["--input", input]);
        }
        let event = event.map(repository);
        arguments.extend(event.iter().flat_map(|event| ["--event", event]));
        let output = self.scratch.riposte(&arguments).timeout(Duration::from_secs(120)).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (serde_json::from_slice(&output.stdout).unwrap_or(Value::Null), said)
    }

    /// What was done so far, each with the device that it was done to.
    fn done(&self) -> Vec<String> {
        let effects = self.practice.tenant.effects();
        effects.iter().map(|effect| format!("{} {}", effect.kind, name_of(&effect.device))).collect()
    }

    /// The devices for which something is true.
    fn devices(&self, is: impl Fn(&str) -> Option<bool>) -> Vec<&'static str> {
        DEVICES.iter().filter(|(_, id)| is(id).unwrap()).map(|(name, _)| *name).collect()
    }

    /// Isolates a device as somebody else would: without the marker of a run.
    fn isolate_by_hand(&self, device: &str) {
        let config = Config::default();
        let url = self.practice.tenant.url();
        let credential =
            Credential::ClientSecret { client_id: config.client_id, secret: config.client_secret.into() };
        let cloud = Cloud::Custom { endpoint: url.clone(), authority: url };
        let client = Client::new(Connection::new(cloud, config.tenant_id, credential)).unwrap();
        let isolate = Isolate {
            machine_id: id_of(device).to_owned(),
            comment: "by hand".to_owned(),
            isolation_type: Some(IsolationType::Full),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(client.send(&isolate, Duration::from_secs(60))).unwrap();
    }

    /// A text of the table, with `{desktop}` and the like replaced by ids, `{action}` by the newest machine action's, and
    /// `{chat}` by where the chat is.
    fn filled(&self, text: &str) -> String {
        let text = text.replace("{chat}", &self.chat.host);
        let text = DEVICES.iter().fold(text, |text, (name, id)| text.replace(&format!("{{{name}}}"), id));
        if !text.contains("{action}") {
            return text;
        }
        let effects = self.practice.tenant.effects();
        text.replace("{action}", &effects.last().unwrap().action)
    }
}

fn id_of(name: &str) -> &'static str {
    DEVICES.iter().find(|(known, _)| *known == name).unwrap().1
}

fn name_of(id: &str) -> &str {
    match id {
        "" => "tenant",
        id => DEVICES.iter().find(|(_, known)| *known == id).unwrap().0,
    }
}

/// Runs one case and compares. An error is what is not as it should be.
fn try_out(case: &Case) -> Result<(), String> {
    let world = World::new(case);
    for device in case.isolated_by_hand {
        world.isolate_by_hand(device);
    }
    for (playbook, inputs) in case.before {
        let inputs: Vec<String> = inputs.iter().map(|input| world.filled(input)).collect();
        let (run, said) = world.run("--yes", playbook, &inputs, None);
        if run["status"] != "succeeded" {
            return Err(format!("{playbook}, which comes before, is {}\n{said}", run["status"]));
        }
    }
    let before = world.done().len();
    let inputs: Vec<String> = case.inputs.iter().map(|input| world.filled(input)).collect();
    let (rehearsed, said) = world.run("--dry-run", case.playbook, &inputs, case.event);
    if world.done().len() != before || !world.chat.seen().is_empty() {
        return Err(format!("a dry run did {:?}\n{said}", world.done().split_off(before)));
    }
    if rehearsed["calls"].as_array().is_none_or(|calls| calls.is_empty() && !case.does.is_empty()) {
        return Err(format!(
            "a dry run told of {}, and a run does {:?}\n{said}",
            rehearsed["calls"], case.does
        ));
    }
    let (run, said) = world.run("--yes", case.playbook, &inputs, case.event);

    if run["status"] != case.status {
        return Err(format!("the run's status is {}, not {}\n{said}", run["status"], case.status));
    }
    let mut done = world.done().split_off(before);
    done.sort();
    let mut wanted: Vec<&str> = case.does.to_vec();
    wanted.sort_unstable();
    if done != wanted {
        return Err(format!("it did {done:?}, not {wanted:?}\n{said}"));
    }
    let tenant = &world.practice.tenant;
    let isolated = world.devices(|device| tenant.is_isolated(device));
    if isolated != case.isolated {
        return Err(format!("isolated in the end are {isolated:?}, not {:?}", case.isolated));
    }
    let restricted = world.devices(|device| tenant.is_restricted(device));
    if restricted != case.restricted {
        return Err(format!("restricted in the end are {restricted:?}, not {:?}", case.restricted));
    }
    if world.chat.seen() != case.told {
        return Err(format!("the chat was told {:?}, not {:?}", world.chat.seen(), case.told));
    }
    for (pointer, value) in case.outputs {
        let wanted: Value = serde_json::from_str(&world.filled(value)).unwrap();
        let given = run["outputs"].pointer(pointer);
        if given != Some(&wanted) {
            return Err(format!("its output {pointer} is {given:?}, not {wanted}; all: {}", run["outputs"]));
        }
    }
    Ok(())
}
