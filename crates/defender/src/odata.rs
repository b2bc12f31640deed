//! A small builder for `$filter`: fields are types and values are quoted, so no text can end its own quotation.

use std::{fmt, marker::PhantomData};

use chrono::{DateTime, SecondsFormat, Timelike as _, Utc};

/// A field that one resource can be filtered by.
pub trait Field {
    /// The field as OData spells it.
    fn name(&self) -> &'static str;
}

/// A `$filter` expression over the fields of one resource.
///
/// Source: "OData queries with Microsoft Defender for Endpoint",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-odata-samples>.
///
/// ```
/// use riposte_defender::{Filter, MachineActionField as By};
/// let filter = Filter::equals(By::MachineId, "1e5b").and(Filter::equals(By::Kind, "Isolate"));
/// assert_eq!(filter.to_string(), "machineId eq '1e5b' and type eq 'Isolate'");
/// ```
pub struct Filter<F> {
    expression: String,
    field: PhantomData<fn() -> F>,
}

impl<F: Field> Filter<F> {
    /// Rows whose field is this text.
    #[expect(clippy::needless_pass_by_value, reason = "fields are small enums, written in place")]
    pub fn equals(field: F, value: &str) -> Filter<F> {
        Filter::new(format!("{} eq {}", field.name(), quoted(value)))
    }

    /// Rows whose field is one of these texts. The first is apart, since an empty list has no meaning in OData.
    #[expect(clippy::needless_pass_by_value, reason = "fields are small enums, written in place")]
    pub fn one_of<S: AsRef<str>>(field: F, first: &str, rest: &[S]) -> Filter<F> {
        let mut expression = format!("{} in (", field.name());
        push_quoted(&mut expression, first);
        for value in rest {
            expression.push(',');
            push_quoted(&mut expression, value.as_ref());
        }
        expression.push(')');
        Filter::new(expression)
    }

    /// Rows whose field is this number.
    #[expect(clippy::needless_pass_by_value, reason = "fields are small enums, written in place")]
    pub fn is_number(field: F, value: i64) -> Filter<F> {
        Filter::new(format!("{} eq {value}", field.name()))
    }

    /// Rows whose field begins with this text, in this case.
    #[expect(clippy::needless_pass_by_value, reason = "fields are small enums, written in place")]
    pub fn starts_with(field: F, start: &str) -> Filter<F> {
        Filter::new(format!("startswith({},{})", field.name(), quoted(start)))
    }

    /// Rows whose list has this text.
    #[expect(clippy::needless_pass_by_value, reason = "fields are small enums, written in place")]
    pub fn any(list: F, value: &str) -> Filter<F> {
        Filter::new(format!("{}/any(item: item eq {})", list.name(), quoted(value)))
    }

    /// Rows whose field is this moment or later.
    #[expect(clippy::needless_pass_by_value, reason = "fields are small enums, written in place")]
    pub fn at_or_after(field: F, moment: DateTime<Utc>) -> Filter<F> {
        Filter::new(format!("{} ge {}", field.name(), literal(moment)))
    }

    /// Rows whose field is this moment or earlier, to the microsecond.
    #[expect(clippy::needless_pass_by_value, reason = "fields are small enums, written in place")]
    pub fn at_or_before(field: F, moment: DateTime<Utc>) -> Filter<F> {
        Filter::new(format!("{} le {}", field.name(), literal(moment)))
    }

    /// Rows that pass both.
    pub fn and(self, other: Filter<F>) -> Filter<F> {
        Filter::new([self.expression, other.expression].join(" and "))
    }

    fn new(expression: String) -> Filter<F> {
        Filter { expression, field: PhantomData }
    }
}

fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    push_quoted(&mut text, value);
    text
}

/// OData doubles a quote inside a text.
fn push_quoted(expression: &mut String, value: &str) {
    expression.push('\'');
    for (index, part) in value.split('\'').enumerate() {
        if index > 0 {
            expression.push_str("''");
        }
        expression.push_str(part);
    }
    expression.push('\'');
}

/// At most six fractional digits: the provider's own stamps have up to seven, and more is a syntax error there.
pub(crate) fn literal(moment: DateTime<Utc>) -> String {
    let digits = if moment.nanosecond() == 0 { SecondsFormat::Secs } else { SecondsFormat::Micros };
    moment.to_rfc3339_opts(digits, true)
}

impl<F> Clone for Filter<F> {
    fn clone(&self) -> Self {
        Filter { expression: self.expression.clone(), field: PhantomData }
    }
}

impl<F> PartialEq for Filter<F> {
    fn eq(&self, other: &Self) -> bool {
        self.expression == other.expression
    }
}

impl<F> fmt::Debug for Filter<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Filter").field(&self.expression).finish()
    }
}

impl<F> fmt::Display for Filter<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expression)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::MachineActionField as By;

    #[test]
    fn a_text_cannot_leave_its_quotes() {
        let filter = Filter::equals(By::MachineId, "x' or '1' eq '1");
        assert_eq!(filter.to_string(), "machineId eq 'x'' or ''1'' eq ''1'");
        assert_eq!(Filter::equals(By::Requestor, "").to_string(), "requestor eq ''");
    }

    #[test]
    fn lists_are_quoted_one_by_one() {
        assert_eq!(Filter::one_of(By::Id, "a", &["b", "o'c"]).to_string(), "id in ('a','b','o''c')");
        assert_eq!(Filter::one_of::<&str>(By::Id, "a", &[]).to_string(), "id in ('a')");
    }

    #[test]
    fn lists_starts_and_numbers_are_written_as_odata_has_them() {
        use crate::resource::{AlertField, MachineField};
        assert_eq!(
            Filter::any(MachineField::MachineTags, "o'c").to_string(),
            "machineTags/any(item: item eq 'o''c')"
        );
        assert_eq!(
            Filter::starts_with(MachineField::ComputerDnsName, "a')").to_string(),
            "startswith(computerDnsName,'a'')')"
        );
        assert_eq!(Filter::is_number(AlertField::IncidentId, 7587).to_string(), "incidentId eq 7587");
    }

    #[test]
    fn moments_are_bare_and_short() {
        let moment = |text: &str| text.parse::<DateTime<Utc>>().expect("a moment");
        let since = Filter::at_or_after(By::CreationDateTimeUtc, moment("2018-12-04T12:43:57Z"));
        assert_eq!(since.to_string(), "creationDateTimeUtc ge 2018-12-04T12:43:57Z");
        let until = Filter::at_or_before(By::CreationDateTimeUtc, moment("2018-12-04T12:43:57.201191199Z"));
        assert_eq!(until.to_string(), "creationDateTimeUtc le 2018-12-04T12:43:57.201191Z");
        assert_eq!(
            Filter::equals(By::Kind, "Isolate").and(since).to_string(),
            "type eq 'Isolate' and creationDateTimeUtc ge 2018-12-04T12:43:57Z"
        );
    }
}
