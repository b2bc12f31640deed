//! Advanced hunting.

use serde_json::json;

use crate::http::body::Fields;
use crate::http::call::{Answered, Call, Done};

/// `POST /advancedqueries/run`. Its answer has no context.
pub(super) fn run(call: &mut Call<'_>) -> Answered {
    call.admit(&["AdvancedQuery.Read.All"])?;
    let fields = Fields::required(call.request.body.as_ref())?;
    let (schema, results) = call.state.entities.hunting.answer(fields.required_text("Query")?);
    Ok(Done::read(json!({ "Schema": schema, "Results": results })))
}
