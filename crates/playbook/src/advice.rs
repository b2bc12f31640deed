//! What to do about a problem when nothing more precise is known of it.

use crate::Code;

impl Code {
    /// What helps with every problem of this code: one line.
    pub fn advice(self) -> &'static str {
        match self {
            Code::FileTooLarge | Code::TooManyNodes => "split the file, or let a step fetch the data",
            Code::Yaml => "check the indentation, the quotes and the brackets there and in the line above",
            Code::DuplicateKey => "keep one of them",
            Code::Anchor | Code::MergeKey => "write the value out where it is needed",
            Code::Tag => "remove it; put text in quotes",
            Code::TooDeep => "split what is nested into parts of their own",
            Code::ManyDocuments => "move it to a file of its own",
            Code::Key | Code::Number => "if it is meant as text, put it in quotes",
            Code::Character => "remove it; in text, write it as an escape inside of \"...\"",
            Code::MoreProblems => "fix these first, and check again",
            Code::UnknownKey | Code::UnknownWord => "remove it, or write one that is known there",
            Code::MissingKey => "add it",
            Code::WrongType => "write a value of the type that is wanted",
            Code::StepKind => "give the step exactly one thing to do",
            Code::Name => "choose a name that follows the rule",
            Code::DuplicateId | Code::DuplicateTrigger | Code::DuplicatePlaybook => "rename one of them",
            Code::Empty => "put something into it",
            Code::MisplacedKey => "remove it, or move it to where it belongs",
            Code::OutOfRange => "write a value within the range",
            Code::NeverReached => "give what ends the run an `if`, or move it to the end",
            Code::UnusedInput => "read it, or remove it",
            Code::StopNotHere => "leave it out: the run goes on to its own end",
            Code::UnknownAction => "`riposte actions` lists all of them",
            Code::UnknownArgument | Code::MissingArgument | Code::WrongArgument => {
                "`riposte actions NAME`, or the `inputs` of a called playbook, tell what fits"
            }
            Code::NothingToAwait => "remove `await`",
            Code::Retry => "write it like `retry: { attempts: 5, initial: 2s, factor: 2, max: 1m }`",
            Code::UnknownPlaybook => "load it together with this one",
            Code::BrokenPlaybook => "mend it first",
            Code::CallCycle => "put what both need into a third playbook",
            Code::Secret => "secrets stand in a trigger's `auth` and in connections only",
            Code::Syntax => "write an expression, like `inputs.severity == \"High\"`",
            Code::TooComplex => "write it shorter, or let a `set` step compute a part of it first",
            Code::UnknownName => "declare it, or read something that is in scope there",
            Code::UnknownStep => "give the step that is meant this `id`",
            Code::StepNotEnded => "read a step that has ended before this one begins",
            Code::UnknownFunction | Code::Unsupported => "docs/playbooks.md lists what expressions have",
            Code::ExpressionType => "use a value that fits, or convert it, like `string(x)` or `int(x)`",
            Code::ImpossibleChoice => "compare with one of the values that it can have",
            Code::NotBoolean => "compare it with something: `==`, `in`, `>`",
            Code::Braces => "drop the braces",
            Code::PlainReference => "write it between `${{` and `}}`",
            Code::MaybeMissing => "test first whether it is there",
            Code::Decided => "compare with something that a run brings, or remove it",
            Code::HiddenName => "choose a name that says what an item is, like `device`",
            Code::InsideLoop => "let the loop give it as one of its `outputs`",
            Code::Duration => "write digits and a unit, like `90s`, `5m`, `1h30m` or `7d`",
            Code::JsonPath => "write a path like `$.machineId` or `$.value[*].id`",
            Code::Regex => "the syntax is that of RE2: no look-around, no back references",
            Code::SchemaKeyword => "remove it: only a part of JSON Schema is used here",
            Code::Schema => "write what goes with the schema's `type`, or remove it",
            Code::Default => "write a default that fits the schema, or remove it",
            Code::WaitTooLong => "drop `timeout`: a `wait` ends by itself",
            Code::Auth | Code::NoAuth => "add `auth`: `hmac_sha256`, `standard_webhooks` or `bearer`",
            Code::UnknownInput => "declare it under `inputs`, or remove it",
            Code::UnboundInput => "give it a value here, or a `default` where it is declared",
            Code::DedupeKey => "name one value that two deliveries of the same event share",
            Code::OptionalBinding => "give the input a `default`",
            Code::TriggerKind => "give it either `webhook` or `schedule`",
            Code::Cron => "write five fields: minute, hour, day of the month, month, day of the week",
            Code::NeverFires => "name a day that the month has",
            Code::TimeZone => "write a name of the IANA database, like `Europe/Paris` or `UTC`",
            Code::ScheduledInput => "write out a value that fits the input",
            Code::DuplicateSchedule => "remove one of them, or give them other `inputs`",
            Code::Jitter => "write a shorter `jitter`, or let the schedule fire less often",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_advice_is_one_line_that_fits_behind_help() {
        for code in Code::ALL {
            let advice = code.advice();
            assert!(!advice.contains('\n') && (4..=90).contains(&advice.len()), "{code}: {advice}");
            assert!(!advice.starts_with(char::is_uppercase) && !advice.ends_with('.'), "{code}: {advice}");
        }
    }
}
