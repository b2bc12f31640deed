//! Data never becomes code: what looks like an expression and came from outside stays the text that it is.

use crate::stage::{Script, accepted, failure, left, playbook, read, reason, stage, stage_with, start};
use riposte_engine::{Event, EventBody, Outcome, Run, RunStatus, Standing, Store};
use riposte_model::{ErrorKind, Failure};
use serde_json::{Value, json};

/// Would give the secret, or fail, were it ever evaluated.
const TRAPS: [&str; 5] = [
    "${{ inputs.secret }}",
    "${{ 1 / 0 }}",
    "a ${{ steps.first.output }} b $${{ c",
    "inputs.secret",
    "{{ inputs.secret }} ${inputs.secret} %s ${{",
];

const SECRET: &str = "hunter2";

/// Plays a playbook with a trap as its input and in what triggered it, and holds that the secret is nowhere in the journal
/// but in the inputs.
async fn spring(script: Script, callable: &[&str], steps: &str, trap: &str) -> (Run, Vec<Event>) {
    let stage = stage_with(script, callable);
    let source = format!(
        "name: staged
inputs:
  secret: {{ type: string }}
  title: {{ type: string }}
steps:
  - {{ id: known, set: {{ length: '${{{{ size(inputs.secret) }}}}' }} }}
{steps}"
    );
    let inputs = json!({ "secret": SECRET, "title": trap });
    let (run, _) = stage.start(start(read(&source), &inputs, json!({ "title": trap, "list": [trap] }))).await;
    let events = stage.store.events(run.id()).await.unwrap();
    for event in &events[1..] {
        let text = serde_json::to_string(&event.body).unwrap();
        assert!(!text.contains(SECRET), "{trap} became code: {text}");
    }
    (run, events)
}

#[tokio::test(start_paused = true)]
async fn inputs_and_bodies_stay_text_in_set_and_in_outputs() {
    for trap in TRAPS {
        let steps = "  - { id: first, set: { alone: '${{ inputs.title }}', within: '<${{ trigger.body.title }}>', list: '${{ trigger.body.list }}' } }
  - { id: second, set: { again: '${{ steps.first.output.alone }}', joined: '${{ steps.first.output.within + inputs.title }}' } }
outputs:
  title: ${{ steps.second.output.again }}
  text: 'of ${{ inputs.title }}'
";
        let (run, _) = spring(Script::default(), &[], steps, trap).await;
        assert_eq!(
            left(&run, "first")["output"],
            json!({ "alone": trap, "within": format!("<{trap}>"), "list": [trap] })
        );
        assert_eq!(
            left(&run, "second")["output"],
            json!({ "again": trap, "joined": format!("<{trap}>{trap}") })
        );
        assert_eq!(
            json!(run.finished().unwrap().outputs),
            json!({ "title": trap, "text": format!("of {trap}") })
        );
    }
}

#[tokio::test(start_paused = true)]
async fn arguments_and_comments_stay_text_in_what_is_sent() {
    for trap in TRAPS {
        let script = Script {
            sends: [Outcome::Failed(failure(ErrorKind::Unavailable)), Outcome::Done(json!({ "seen": 1 }))]
                .into(),
            ..Script::default()
        };
        let steps = "  - id: mark
    action: world.mark
    with: { target: 'Alert ${{ inputs.title }} / ${{ trigger.body.title }}' }
    retry: { attempts: 2, initial: 1s, jitter: none }
";
        let (run, events) = spring(script, &[], steps, trap).await;
        assert_eq!(run.status(), RunStatus::Succeeded);
        let sent: Vec<_> = events
            .iter()
            .filter_map(|event| match &event.body {
                EventBody::CallIntended(intent) => Some(Value::Object(intent.arguments.clone())),
                _ => None,
            })
            .collect();
        let expected = json!({ "target": format!("Alert {trap} / {trap}") });
        assert_eq!(sent, [expected.clone(), expected], "the second attempt too");
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_action_answers_stays_text_for_the_next_one() {
    for trap in TRAPS {
        let script = Script {
            calls: [Outcome::Done(json!({ "seen": 1, "title": trap, "nodes": [{ "name": trap }] }))].into(),
            sends: [accepted()].into(),
            standings: [Ok(Standing::Succeeded(json!({ "status": trap })))].into(),
            ..Script::default()
        };
        let steps = "  - { id: look, action: world.look, select: '$.nodes[*].name' }
  - { id: strike, action: world.strike, with: { target: '${{ string(steps.look.output[0]) }}' } }
  - { id: kept, set: { target: '${{ steps.look.output[0] }}', ended: '${{ steps.strike.output }}' } }
";
        let (run, _) = spring(script, &[], steps, trap).await;
        assert_eq!(left(&run, "kept")["output"], json!({ "target": trap, "ended": { "status": trap } }));
    }
}

#[tokio::test(start_paused = true)]
async fn items_stay_text_in_turns_branches_and_what_the_loop_leaves() {
    for trap in TRAPS {
        let steps = "  - id: sweep
    for_each: 'trigger.body.list + [inputs.title]'
    as: title
    outputs: { title: '${{ title }}', inner: '${{ steps.inner.output.title }}' }
    steps:
      - parallel:
          - steps: [{ id: inner, set: { title: '-${{ title }}' } }]
          - steps: [{ id: other, if: title == inputs.title, set: { title: '${{ title }}' } }]
  - { id: kept, set: { titles: '${{ steps.sweep.output.map(one, one.item) }}' } }
";
        let (run, _) = spring(Script::default(), &[], steps, trap).await;
        let item = json!({
            "item": trap,
            "status": "succeeded",
            "outputs": { "title": trap, "inner": format!("-{trap}") }
        });
        assert_eq!(left(&run, "sweep")["output"], json!([item, item]));
        assert_eq!(left(&run, "kept")["output"], json!({ "titles": [trap, trap] }));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_given_to_a_called_playbook_and_comes_back_stays_text() {
    let echo = "name: echo
inputs:
  secret: { type: string, default: hunter2 }
  title: { type: string }
concurrency: { key: inputs.title }
steps:
  - { id: first, set: { title: '${{ inputs.title }}', length: '${{ size(inputs.secret) }}' } }
outputs:
  title: ${{ steps.first.output.title }}
  caller: ${{ trigger.body.step }}
";
    for trap in TRAPS {
        let steps = "  - { id: called, call: echo, with: { title: '${{ inputs.title }}' } }
  - { id: kept, set: { title: '${{ steps.called.output.title }}' } }
";
        let (run, _) = spring(Script::default(), &[echo], steps, trap).await;
        assert_eq!(left(&run, "called")["output"], json!({ "title": trap, "caller": "called" }));
        assert_eq!(left(&run, "kept")["output"], json!({ "title": trap }));
    }
}

#[tokio::test(start_paused = true)]
async fn messages_of_stop_and_fail_stay_text_and_so_do_those_of_called_runs() {
    let failing = "name: failing\ninputs:\n  title: { type: string }\nsteps: [{ id: no, fail: 'of ${{ inputs.title }}' }]\n";
    for trap in TRAPS {
        let (run, _) =
            spring(Script::default(), &[], "  - { id: no, fail: 'of ${{ inputs.title }}' }\n", trap).await;
        assert_eq!(reason(&run).message, format!("of {trap}"));
        let (run, _) =
            spring(Script::default(), &[], "  - { id: enough, stop: 'of ${{ inputs.title }}' }\n", trap)
                .await;
        assert_eq!(run.finished().unwrap().message.as_deref(), Some(format!("of {trap}").as_str()));
        let steps = "  - { id: called, call: failing, with: { title: '${{ inputs.title }}' } }\n";
        let (run, _) = spring(Script::default(), &[failing], steps, trap).await;
        assert!(
            reason(&run).message.starts_with(&format!("failing failed at `no`: of {trap} (run_")),
            "{}",
            reason(&run)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_provider_says_of_a_failure_stays_text_for_those_who_deal_with_it() {
    for trap in TRAPS {
        let script = Script {
            sends: [Outcome::Failed(Failure::new(ErrorKind::Forbidden, trap))].into(),
            ..Script::default()
        };
        let steps = "  - id: contain
    steps: [{ id: mark, action: world.mark }]
    on_failure: [{ id: tell, set: { why: '${{ failure.error.message }}', text: 'why: ${{ failure.error.message }}' } }]
    always: [{ id: clean, set: { why: '${{ steps.mark.?error.message.orValue(\"\") }}' } }]
  - { id: again, fail: '${{ steps.tell.?output.why.orValue(\"\") }}' }
on_failure: [{ id: last, set: { why: '${{ failure.error.message }}' } }]
";
        let (run, _) = spring(script, &[], steps, trap).await;
        assert_eq!(left(&run, "tell")["output"], json!({ "why": trap, "text": format!("why: {trap}") }));
        assert_eq!(left(&run, "clean")["output"], json!({ "why": trap }));
        assert_eq!(left(&run, "last")["output"], json!({ "why": trap }));
        assert_eq!(reason(&run).message, trap);
    }
}

#[tokio::test(start_paused = true)]
async fn conditions_compare_with_the_text_and_do_not_take_it_for_a_condition() {
    for trap in TRAPS {
        let steps = "  - { id: same, if: inputs.title == trigger.body.title, set: { n: 1 } }
  - { id: other, if: inputs.title == inputs.secret, set: { n: 1 } }
  - { id: none, if: trigger.body.title, on_error: continue, set: { n: 1 } }
";
        let (run, _) = spring(Script::default(), &[], steps, trap).await;
        assert_eq!(left(&run, "same")["status"], "succeeded");
        assert_eq!(left(&run, "other")["status"], "skipped");
        assert_eq!(left(&run, "none")["error"]["kind"], "expression");
    }
}

#[tokio::test(start_paused = true)]
async fn a_moment_that_looks_like_an_expression_is_none() {
    for trap in TRAPS.into_iter().chain(["${{ run.started_at }}", "timestamp(run.started_at)"]) {
        let (run, _) =
            spring(Script::default(), &[], "  - { id: rest, wait: { until: trigger.body.title } }\n", trap)
                .await;
        assert_eq!(reason(&run).kind, ErrorKind::Invalid);
        assert_eq!(reason(&run).message, format!("`until`: `{trap}` is no time as RFC 3339 writes it"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_of_concurrency_is_the_text() {
    let stage = stage(Script::default());
    let source = "name: limited
inputs:
  title: { type: string }
concurrency: { key: inputs.title, when_full: skip }
steps: [{ wait: 1h }]
";
    // Evaluated, all of these would be one.
    for title in ["${{ 1 + 1 }}", "${{ 2 }}", "2", "1 + 1"] {
        let new = || start(read(source), &json!({ "title": title }), Value::Null);
        stage.executor.begin(new()).await.unwrap();
        let refused = stage.executor.begin(new()).await.unwrap_err().to_string();
        assert!(refused.contains(&format!("with the key \"{title}\"")), "{refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn text_that_is_no_list_is_not_gone_through() {
    let stage = stage(Script::default());
    let steps =
        "  - { id: sweep, for_each: trigger.body, as: n, steps: [{ id: mark, action: world.mark }] }\n";
    let (run, _) = stage.start(start(playbook(steps), &json!({}), json!("${{ [1, 2] }}"))).await;
    assert_eq!(reason(&run).message, "`for_each` gives a string, not a list");
}
