//! `defender.list_indicators`

use crate::defender::entity::{
    Single, documents, indicator, indicator_permissions, moment, rows_wanted, top, words,
};
use crate::defender::shape::{self, name, optional_text};
use riposte_defender::{Filter, IndicatorField, ListIndicators};
use riposte_model::{ActionSpec, Format, Schema};

/// Reads the indicators that pass a filter. Effect: `read`. Source: "List Indicators API".
pub(super) const ACTION: Single<ListIndicators> = Single {
    spec,
    operation: |arguments| {
        Ok(ListIndicators {
            filter: [
                ("indicator_value", IndicatorField::IndicatorValue),
                ("indicator_type", IndicatorField::IndicatorType),
                ("action", IndicatorField::Action),
                ("severity", IndicatorField::Severity),
            ]
            .into_iter()
            .filter_map(|(name, field)| Some(Filter::equals(field, optional_text(arguments, name)?)))
            .chain(
                moment(arguments, "created_since")
                    .map(|since| Filter::at_or_after(IndicatorField::CreationTimeDateTimeUtc, since)),
            )
            .reduce(Filter::and),
            top: rows_wanted(arguments),
        })
    },
    output: |rows| documents(rows.into_iter().map(|row| row.raw)),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("list_indicators"),
        summary: "List indicators, filtered by value, type, action, severity or time",
        arguments: Schema::object()
            .optional("indicator_value", words(2048).described("exactly this value"))
            .optional("indicator_type", Schema::string().described("for example FileSha1"))
            .optional("action", Schema::string().described("for example Block"))
            .optional("severity", Schema::choice(["Informational", "Low", "Medium", "High"]))
            .optional("created_since", Schema::formatted(Format::DateTime))
            .optional("top", top()),
        output: Schema::array(indicator()),
        permissions: indicator_permissions(),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-ti-indicators-collection",
        ..shape::question()
    }
}
