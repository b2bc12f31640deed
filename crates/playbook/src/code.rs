//! The stable names of everything that can be wrong with a file.
//!
//! A code is never reused: people search for it. The number's first two digits tell the area: 00 the file and its
//! YAML, 01 structure, 02 actions and their arguments, 03 references and expressions, 04 values, 05 triggers.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What is wrong, as a stable name (`RP0201`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, in the order of its number.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// The stable text.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => $text,)*
                }
            }
        }
    };
}

codes! {
    /// The file has too many bytes.
    FileTooLarge = "RP0001",
    /// The text is not YAML.
    Yaml = "RP0002",
    /// A mapping has a key twice.
    DuplicateKey = "RP0003",
    /// An anchor or an alias.
    Anchor = "RP0004",
    /// A tag.
    Tag = "RP0005",
    /// A merge key.
    MergeKey = "RP0006",
    /// Nested too deep.
    TooDeep = "RP0007",
    /// Too many keys and values.
    TooManyNodes = "RP0008",
    /// More than one document in the file.
    ManyDocuments = "RP0009",
    /// A key that is no text.
    Key = "RP0010",
    /// A number that cannot be held.
    Number = "RP0011",
    /// A character that text must not hold.
    Character = "RP0012",
    /// More problems than are shown.
    MoreProblems = "RP0013",

    /// A key that is not known there.
    UnknownKey = "RP0101",
    /// A key that must be there is not.
    MissingKey = "RP0102",
    /// A value of another type.
    WrongType = "RP0103",
    /// A step that does nothing, or several things.
    StepKind = "RP0104",
    /// A name that does not follow its rule.
    Name = "RP0105",
    /// Two steps with one id.
    DuplicateId = "RP0106",
    /// A word that is none of those that may stand there.
    UnknownWord = "RP0107",
    /// A list or a mapping with nothing in it.
    Empty = "RP0108",
    /// A key that belongs to another kind of step.
    MisplacedKey = "RP0109",
    /// A number outside of its range.
    OutOfRange = "RP0110",
    // RP0111 was for keys that early versions did not serve yet. A number is never used again.
    /// A step behind one that always ends the run.
    NeverReached = "RP0112",
    /// An input that nothing reads.
    UnusedInput = "RP0113",
    /// A `stop` where a run must not end.
    StopNotHere = "RP0114",

    /// An action that is not in the catalogue.
    UnknownAction = "RP0201",
    /// An argument that the action does not take.
    UnknownArgument = "RP0202",
    /// An argument that the action needs.
    MissingArgument = "RP0203",
    /// An argument's value does not fit.
    WrongArgument = "RP0204",
    /// `await` on an action that ends with its answer.
    NothingToAwait = "RP0205",
    /// A retry policy that makes no sense.
    Retry = "RP0206",
    /// A playbook that is not among those that are loaded.
    UnknownPlaybook = "RP0207",
    /// Playbooks that call each other, or that call each other too deep.
    CallCycle = "RP0208",
    /// Two playbooks with one name.
    DuplicatePlaybook = "RP0209",
    /// A secret where none may stand.
    Secret = "RP0210",
    /// A `call` of a playbook that has errors.
    BrokenPlaybook = "RP0211",

    /// Not an expression.
    Syntax = "RP0301",
    /// An expression that is too long or too complex.
    TooComplex = "RP0302",
    /// A name or a property that is not in scope.
    UnknownName = "RP0303",
    /// A step that does not exist.
    UnknownStep = "RP0304",
    /// A step that has not surely ended.
    StepNotEnded = "RP0305",
    /// A function that does not exist.
    UnknownFunction = "RP0306",
    /// CEL, but not of the part that is run here.
    Unsupported = "RP0307",
    /// A value of one type where another is needed.
    ExpressionType = "RP0308",
    /// A comparison with a text that the value can never be.
    ImpossibleChoice = "RP0309",
    /// A condition that gives no boolean.
    NotBoolean = "RP0310",
    /// Braces around what is an expression anyway.
    Braces = "RP0311",
    // RP0312 was for parts that can never be computed: each of them is of a wrong type, too complex, or not in scope.
    /// Plain text that looks like a reference.
    PlainReference = "RP0313",
    /// A value that may not be there.
    MaybeMissing = "RP0314",
    /// A condition that literals decide.
    Decided = "RP0315",
    /// A loop's name that hides another one.
    HiddenName = "RP0316",
    /// A step inside a loop, read from outside.
    InsideLoop = "RP0317",

    /// Not a duration.
    Duration = "RP0401",
    /// Not a JSONPath.
    JsonPath = "RP0402",
    /// Not a regular expression.
    Regex = "RP0403",
    /// A keyword that is not of the subset of JSON Schema.
    SchemaKeyword = "RP0404",
    /// A schema that makes no sense.
    Schema = "RP0405",
    /// A default that does not fit its schema.
    Default = "RP0406",
    /// A pause that its own time limit cuts off.
    WaitTooLong = "RP0407",

    /// A trigger that does not say how a sender proves itself.
    Auth = "RP0501",
    /// A binding of an input that does not exist.
    UnknownInput = "RP0502",
    /// An input that a trigger leaves without a value.
    UnboundInput = "RP0503",
    /// Two triggers with one name.
    DuplicateTrigger = "RP0504",
    /// A key that cannot tell deliveries apart.
    DedupeKey = "RP0505",
    /// An optional binding of an input that must have a value.
    OptionalBinding = "RP0506",
    /// A trigger that anybody may pull.
    NoAuth = "RP0507",
    /// A trigger that is pulled by nothing, or by several things.
    TriggerKind = "RP0508",
    /// Not a cron expression.
    Cron = "RP0509",
    /// A schedule that never fires.
    NeverFires = "RP0510",
    /// A time zone that does not exist.
    TimeZone = "RP0511",
    /// A value for an input that does not fit it.
    ScheduledInput = "RP0512",
    /// Two schedules that start the same runs at the same times.
    DuplicateSchedule = "RP0513",
    /// A jitter that would let a run start after the next one.
    Jitter = "RP0514",
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_number_of_its_own_and_they_are_in_order() {
        for pair in Code::ALL.windows(2) {
            assert!(pair[0].as_str() < pair[1].as_str(), "{} {}", pair[0], pair[1]);
        }
        for code in Code::ALL {
            let digits = code.as_str().strip_prefix("RP").unwrap();
            assert!(digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        }
    }
}
