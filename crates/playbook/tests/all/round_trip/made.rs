//! Playbooks that load, made from a list of choices: fewer and smaller choices make a smaller playbook.

use serde_json::{Map, Value, json};

/// What a made playbook may call.
pub(super) const OTHER: &str = "name: other
inputs: { level: { enum: [Low, High], default: Low }, names: { type: array, items: { type: string } } }
steps:
  - { id: all, set: { names: '${{ inputs.names }}', level: '${{ inputs.level }}' } }
outputs: { names: '${{ steps.all.output.names }}' }
";

/// Most levels of steps inside of steps.
const MAX_DEPTH: u8 = 3;

/// Texts that another type, or the end of a text, could be read from.
const TEXTS: [&str; 20] = [
    "x",
    "",
    " ",
    "yes",
    "null",
    "~",
    "0x1F",
    "1e3",
    "007",
    "2026-11-26",
    "a: b",
    "# no comment",
    "- x",
    "two\nlines\n",
    "\u{e9}\u{1F600}",
    "tab\there",
    "'\"\\",
    "{ a }",
    "$${{ run.id }}",
    "&a *a !a",
];

const DEVICE: &str = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";

/// Numbers to choose by; behind the last there are only zeros.
pub(super) struct Choices(std::vec::IntoIter<u8>);

impl Choices {
    pub(super) fn new(choices: Vec<u8>) -> Choices {
        Choices(choices.into_iter())
    }

    /// Less than `end`.
    fn below(&mut self, end: u8) -> u8 {
        self.0.next().unwrap_or(0) % end
    }

    fn chance(&mut self) -> bool {
        self.below(4) == 3
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::from(self.0.next().unwrap_or(0)) % of.len()].clone()
    }
}

/// What can be read where a step stands.
#[derive(Clone, Default)]
struct Readable {
    /// Steps that have ended, by their ids.
    steps: Vec<String>,
    /// Items of the loops around.
    items: Vec<String>,
    in_handler: bool,
}

struct Maker<'c> {
    choices: &'c mut Choices,
    /// Steps so far.
    number: u32,
    /// Where `stop` would hide how a run ended.
    may_stop: bool,
}

pub(super) fn playbook(choices: &mut Choices) -> Value {
    let mut maker = Maker { choices, number: 0, may_stop: true };
    let mut file = Map::new();
    let mut put = |key: &str, value: Value| file.insert(key.to_owned(), value);
    put("name", json!("made"));
    put("inputs", inputs());
    if maker.choices.chance() {
        put("description", json!(maker.text()));
    }
    if maker.choices.chance() {
        put("triggers", maker.triggers());
    }
    if maker.choices.chance() {
        put("concurrency", maker.concurrency());
    }
    if maker.choices.chance() {
        put("defaults", json!({ "timeout": "40m", "retry": { "attempts": 2 } }));
    }
    let mut readable = Readable::default();
    put("steps", maker.steps(&mut readable, MAX_DEPTH));
    maker.may_stop = false;
    for handler in ["on_failure", "always"] {
        if maker.choices.chance() {
            let inside = &mut Readable { in_handler: handler == "on_failure", ..readable.clone() };
            put(handler, maker.steps(inside, 1));
            readable.steps.append(&mut inside.steps.split_off(readable.steps.len()));
        }
    }
    if maker.choices.chance() {
        put("outputs", maker.values(&readable));
    }
    Value::Object(file)
}

/// Each has a default, so that whatever starts a run may leave it out.
fn inputs() -> Value {
    json!({
        "device": { "type": "string", "pattern": "^[0-9a-f]{40}$", "default": DEVICE, "description": "which" },
        "level": { "enum": ["Low", "High"], "default": "Low" },
        "names": { "type": "array", "items": { "type": "string", "maxLength": 9 }, "maxItems": 5, "default": ["a"] },
        "count": { "type": ["integer", "null"], "minimum": 1, "maximum": 9, "default": null },
        "ratio": { "type": "number", "minimum": 0.5, "default": 1.5 },
        "at": { "type": "string", "format": "date-time", "default": "2026-11-26T03:00:00Z" },
        "sure": { "type": "boolean", "default": false },
        "more": {
            "type": "object",
            "properties": { "a": { "type": "string" }, "b": {} },
            "required": ["a"],
            "default": { "a": "no", "c": [1] },
        },
        "shut": {
            "type": "object",
            "properties": { "a": { "type": "string", "default": "no" } },
            "additionalProperties": false,
            "default": {},
        },
    })
}

impl Maker<'_> {
    fn text(&mut self) -> &'static str {
        self.choices.one(&TEXTS)
    }

    fn duration(&mut self) -> &'static str {
        self.choices.one(&["1s", "500ms", "1m30s", "5m", "1h30m", "2d", "1h"])
    }

    fn triggers(&mut self) -> Value {
        let mut triggers = Vec::new();
        for number in 0..=self.choices.below(3) {
            let trigger =
                if self.choices.below(2) == 0 { self.webhook(number) } else { self.schedule(number) };
            triggers.push(trigger);
        }
        Value::Array(triggers)
    }

    fn webhook(&mut self, number: u8) -> Value {
        let secret = json!({ "credential": "hook" });
        let auth = [
            json!("none"),
            json!({ "bearer": { "token": secret } }),
            json!({ "standard_webhooks": { "secret": secret } }),
            json!({ "hmac_sha256": { "secret": secret, "header": "X-Signature" } }),
        ];
        let mut webhook = Map::new();
        webhook.insert("webhook".to_owned(), json!(format!("hook-{number}")));
        webhook.insert("auth".to_owned(), self.choices.one(&auth));
        if self.choices.chance() {
            webhook.insert("each".to_owned(), json!("$.value[*]"));
        }
        if self.choices.chance() {
            let bind = json!({ "device": "$.machineId", "level": { "path": "$['sev']", "optional": true } });
            webhook.insert("bind".to_owned(), bind);
        }
        if self.choices.chance() {
            webhook.insert("if".to_owned(), json!("inputs.level == \"High\""));
        }
        if self.choices.chance() {
            webhook.insert("dedupe".to_owned(), json!({ "key": "inputs.device", "window": self.duration() }));
        }
        Value::Object(webhook)
    }

    fn schedule(&mut self, number: u8) -> Value {
        let times = ["@daily", "*/5 * * * *", "0 3 * * MON-FRI", "15 0 1,15 2 *"];
        let mut schedule = Map::new();
        let mut put = |key: &str, value: Value| schedule.insert(key.to_owned(), value);
        put("schedule", json!(self.choices.one(&times)));
        if self.choices.chance() {
            put("timezone", json!(self.choices.one(&["Europe/Paris", "UTC", "America/St_Johns"])));
        }
        if self.choices.chance() {
            put("missed", json!(self.choices.one(&["skip", "once", "all"])));
        }
        if self.choices.chance() {
            put("overlap", json!(self.choices.one(&["skip", "queue", "allow"])));
        }
        if self.choices.chance() {
            put("jitter", json!("1m30s"));
        }
        // So that no two start the same.
        put("inputs", json!({ "names": [number.to_string()] }));
        Value::Object(schedule)
    }

    fn concurrency(&mut self) -> Value {
        let mut concurrency = json!({ "key": "inputs.device + trigger.name" });
        if self.choices.chance() {
            concurrency["limit"] = json!(self.choices.below(9) + 1);
        }
        if self.choices.chance() {
            concurrency["when_full"] = json!(self.choices.one(&["queue", "skip"]));
        }
        concurrency
    }

    /// A list of steps. `readable` grows by those of them that have ended behind the list.
    fn steps(&mut self, readable: &mut Readable, depth: u8) -> Value {
        let count = 1 + self.choices.below(4);
        Value::Array((0..count).map(|_| self.step(readable, depth)).collect())
    }

    fn step(&mut self, readable: &mut Readable, depth: u8) -> Value {
        self.number += 1;
        let id = (!self.choices.chance()).then(|| format!("s{}", self.number));
        let condition = self.choices.chance().then(|| self.condition(readable));
        let mut step = match self.choices.below(if depth == 0 { 7 } else { 11 }) {
            0 => json!({ "set": self.values(readable) }),
            1 | 2 => self.action(readable),
            3 => json!({ "wait": self.duration() }),
            4 => {
                json!({ "wait": { "until": self.choices.one(&["inputs.at", "timestamp(run.started_at)"]) } })
            }
            5 => self.call(readable),
            6 if self.may_stop && self.choices.chance() => json!({ "stop": self.message(readable) }),
            6 => json!({ "fail": self.message(readable) }),
            7 => self.block(readable, depth),
            8 => self.parallel(readable, depth),
            _ => self.for_each(readable, depth),
        };
        let ends_by_itself = step.get("wait").is_some();
        let mut put = |key: &str, value: Value| step.as_object_mut().unwrap().insert(key.to_owned(), value);
        if let Some(condition) = condition {
            put("if", condition);
        }
        if !ends_by_itself && self.choices.chance() {
            put("timeout", json!(self.duration()));
        }
        if self.choices.chance() {
            put("on_error", json!(self.choices.one(&["fail", "continue"])));
        }
        if let Some(id) = id {
            put("id", json!(id));
            readable.steps.push(id);
        }
        step
    }

    fn action(&mut self, readable: &Readable) -> Value {
        let machine = self.choices.one(&[json!(DEVICE), json!("${{ inputs.device }}")]);
        let mut step = match self.choices.below(4) {
            0 => json!({ "action": "defender.get_machine", "with": { "machine_id": machine } }),
            1 => {
                let with = json!({
                    "machine_id": machine,
                    "comment": self.message(readable),
                    "isolation_type": self.choices.one(&["Full", "Selective"]),
                });
                let mut step = json!({ "action": "defender.isolate_machine", "with": with });
                if self.choices.chance() {
                    step["await"] = json!(self.choices.one(&["completed", "accepted"]));
                }
                step
            }
            2 => {
                let with = json!({
                    "machine_id": machine,
                    "tags": ["yes", self.message(readable)],
                    "owner": { "name": "${{ inputs.level }}" },
                });
                json!({ "action": "defender.tag_machine", "with": with })
            }
            _ => {
                json!({ "action": "http.request", "with": { "url": "https://x", "json": self.value(readable, 2) } })
            }
        };
        if self.choices.chance() {
            let on = self.choices.one(&[json!(["throttled"]), json!(["unavailable"])]);
            step["retry"] = json!({ "attempts": 1 + self.choices.below(100), "factor": 1.5, "on": on });
        }
        if self.choices.chance() {
            step["retry"] =
                json!({ "initial": "1s", "max": "1h30m", "jitter": self.choices.one(&["none", "equal"]) });
        }
        if self.choices.chance() {
            step["select"] = json!("$.tags[?@ != 'x']");
        }
        step
    }

    fn call(&mut self, readable: &Readable) -> Value {
        let mut with = Map::new();
        with.insert("names".to_owned(), json!(["x", self.message(readable)]));
        if self.choices.chance() {
            with.insert("level".to_owned(), json!("${{ inputs.level }}"));
        }
        json!({ "call": "other", "with": with })
    }

    fn block(&mut self, readable: &mut Readable, depth: u8) -> Value {
        let mut block = json!({ "steps": self.steps(readable, depth - 1) });
        for handler in ["on_failure", "always"] {
            if self.choices.chance() {
                let before = self.may_stop;
                self.may_stop &= handler == "on_failure";
                let known = readable.steps.len();
                let inside = &mut Readable { in_handler: handler == "on_failure", ..readable.clone() };
                block[handler] = self.steps(inside, depth - 1);
                readable.steps.append(&mut inside.steps.split_off(known));
                self.may_stop = before;
            }
        }
        block
    }

    fn parallel(&mut self, readable: &mut Readable, depth: u8) -> Value {
        let (mut branches, mut ended) = (Vec::new(), Vec::new());
        for _ in 0..=self.choices.below(3) {
            let inside = &mut readable.clone();
            branches.push(json!({ "steps": self.steps(inside, depth - 1) }));
            ended.append(&mut inside.steps.split_off(readable.steps.len()));
        }
        readable.steps.append(&mut ended);
        let mut step = json!({ "parallel": branches });
        if self.choices.chance() {
            step["max"] = json!(1 + self.choices.below(4));
        }
        step
    }

    fn for_each(&mut self, readable: &Readable, depth: u8) -> Value {
        let item = format!("i{}", self.number);
        let inside = &mut readable.clone();
        inside.items.push(item.clone());
        let mut step = json!({
            "for_each": self.choices.one(&["inputs.names", "inputs.names.map(n, n + \"x\")", "[\"one\", \"two\"]"]),
            "as": item,
            "steps": self.steps(inside, depth - 1),
        });
        if self.choices.chance() {
            step["outputs"] = self.values(inside);
        }
        if self.choices.chance() {
            step["max"] = json!(1 + self.choices.below(9));
        }
        if self.choices.chance() {
            step["on_item_error"] = json!(self.choices.one(&["stop", "continue"]));
        }
        step
    }

    fn condition(&mut self, readable: &Readable) -> Value {
        match (self.choices.below(4), readable.steps.last()) {
            (0, _) => json!(true),
            (1, Some(step)) => json!(format!("steps.{step}.status != \"failed\"")),
            (2, _) => json!("size(inputs.names) > 1 && inputs.level in [\"High\"]"),
            _ => json!("!inputs.sure"),
        }
    }

    /// An expression that gives a text.
    fn expression(&mut self, readable: &Readable) -> String {
        let mut known =
            vec!["run.id".to_owned(), "inputs.level".to_owned(), "string(inputs.ratio)".to_owned()];
        known.extend(readable.steps.iter().map(|step| format!("steps.{step}.status")));
        known.extend(readable.items.iter().cloned());
        known.extend(readable.in_handler.then(|| "failure.error.message".to_owned()));
        self.choices.one(&known)
    }

    fn message(&mut self, readable: &Readable) -> Value {
        match self.choices.below(3) {
            0 => json!(self.text()),
            1 => json!(format!("${{{{ {} }}}}", self.expression(readable))),
            _ => json!(format!("{}: ${{{{{}}}}}{}", self.text(), self.expression(readable), self.text())),
        }
    }

    fn value(&mut self, readable: &Readable, depth: u8) -> Value {
        match self.choices.below(if depth == 0 { 6 } else { 8 }) {
            0 | 1 => self.message(readable),
            2 => json!(self.choices.one(&[0, 1, -7, 9_007_199_254_740_993_i64, i64::MIN])),
            3 => json!(self.choices.one(&[0.5, -1e300, 1e-7])),
            4 => json!(self.choices.one(&[Some(true), Some(false), None])),
            5 => json!("${{ { \"all\": inputs.more, \"some\": [inputs.count] } }}"),
            6 => Value::Array((0..self.choices.below(3)).map(|_| self.value(readable, depth - 1)).collect()),
            _ => json!({ "no": self.value(readable, depth - 1), "a b": self.value(readable, depth - 1) }),
        }
    }

    fn values(&mut self, readable: &Readable) -> Value {
        let mut values = json!({ "z": self.value(readable, 2) });
        if self.choices.chance() {
            values["a"] = self.value(readable, 1);
        }
        values
    }
}
