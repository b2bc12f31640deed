//! A form with files, as `multipart/form-data` (RFC 7578).

use axum::body::Bytes;

use super::error::ApiError;

/// Most fields of a form. More than the documentation has, and few enough to be searched one by one.
const MAX_FIELDS: usize = 32;

/// One form: its fields in the order sent, each with a name.
#[derive(Debug)]
pub(super) struct Form(Vec<Field>);

#[derive(Debug)]
struct Field {
    name: String,
    file_name: Option<String>,
    content: Bytes,
}

impl Form {
    /// Reads a body by what its `Content-Type` says of it.
    pub(super) fn read(kind: Option<&str>, body: &Bytes) -> Result<Self, ApiError> {
        let boundary =
            kind.and_then(boundary).ok_or_else(|| malformed("The request is no multipart/form-data."))?;
        let delimiter = format!("\r\n--{boundary}");
        // The first delimiter may stand at the very beginning, without the line break that belongs to the others.
        let first = &delimiter.as_bytes()[2..];
        let mut at = if body.starts_with(first) {
            first.len()
        } else {
            find(body, delimiter.as_bytes()).ok_or_else(|| malformed("The form does not begin."))?
                + delimiter.len()
        };
        let mut fields = Vec::new();
        loop {
            let rest = body.slice(at..);
            if rest.starts_with(b"--") {
                return Ok(Self(fields));
            }
            if fields.len() == MAX_FIELDS {
                return Err(malformed("The form has too many fields."));
            }
            let end = find(&rest, delimiter.as_bytes()).ok_or_else(|| malformed("The form does not end."))?;
            fields.push(field(&rest.slice(..end))?);
            at += end + delimiter.len();
        }
    }

    /// The file of a field: its name and content.
    pub(super) fn file(&self, name: &str) -> Result<(&str, &Bytes), ApiError> {
        let field = self.field(name).ok_or_else(|| ApiError::missing_parameter(name))?;
        let file_name = field.file_name.as_deref();
        file_name
            .map(|file_name| (file_name, &field.content))
            .ok_or_else(|| malformed("The file has no name."))
    }

    /// The text of a field. An empty one counts as missing.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let Some(field) = self.field(name) else { return Ok(None) };
        let text =
            std::str::from_utf8(&field.content).map_err(|_| malformed("A text of the form is not UTF-8."))?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A truth value as text. An empty one counts as missing.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.text(name)? {
            None => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(ApiError::bad_request(format!("'{name}' must be true or false."))),
        }
    }

    /// The page's table and its sample differ in the case of names.
    fn field(&self, name: &str) -> Option<&Field> {
        self.0.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }
}

/// The page knows this answer for every body that is wrong.
fn malformed(message: &str) -> ApiError {
    ApiError::bad_request(message)
}

/// The boundary in `multipart/form-data; boundary=x`, with or without quotes.
fn boundary(kind: &str) -> Option<&str> {
    let (media, parameters) = kind.split_once(';')?;
    if !media.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let (_, value) = parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))?;
    let value = value.trim().trim_matches('"');
    (!value.is_empty() && value.len() <= 70).then_some(value)
}

/// Where a text begins that starts with a line break.
fn find(body: &[u8], delimiter: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(step) = body.get(from..)?.iter().position(|byte| *byte == b'\r') {
        let at = from + step;
        if body[at..].starts_with(delimiter) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// What stands between two delimiters: the rest of the line, headers, an empty line, the content.
fn field(part: &Bytes) -> Result<Field, ApiError> {
    const GAP: &[u8] = b"\r\n\r\n";
    let gap = find(part, GAP).ok_or_else(|| malformed("A field of the form has no headers."))?;
    let headers =
        std::str::from_utf8(&part[..gap]).map_err(|_| malformed("A header of the form is not UTF-8."))?;
    let about = headers
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))
        .and_then(|(_, about)| about.trim().strip_prefix("form-data"));
    let about = about.ok_or_else(|| malformed("A field of the form has no Content-Disposition."))?;
    let name = parameter(about, "name").ok_or_else(|| malformed("A field of the form has no name."))?;
    let file_name = parameter(about, "filename");
    Ok(Field { name, file_name, content: part.slice(gap + GAP.len()..) })
}

/// A parameter in quotes, as in `; name="file"; filename="a.ps1"`.
fn parameter(about: &str, wanted: &str) -> Option<String> {
    let mut rest = about;
    while let Some((name, behind)) = rest.split_once("=\"") {
        let (value, behind) = behind.split_once('"')?;
        if name.trim_matches([';', ' ']).eq_ignore_ascii_case(wanted) {
            return Some(value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
        }
        rest = behind;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Option<&str> = Some("multipart/form-data; charset=utf-8; boundary=\"a b\"");

    fn read(body: &str) -> Result<Form, ApiError> {
        Form::read(KIND, &Bytes::from(body.to_owned()))
    }

    #[test]
    fn files_and_texts_are_read_byte_by_byte() {
        let form = read(
            "what comes before does not count\r\n--a b\r\n\
             content-type: text/plain\r\nContent-Disposition: form-data; name=\"File\"; filename=\"a%22b.sh\"\r\n\r\n\
             \r\n--a\r\n\r\n\r\n--a b\r\n\
             Content-Disposition: form-data; name=\"Yes\"\r\n\r\nTrue\r\n--a b\r\n\
             Content-Disposition: form-data; name=\"Nothing\"\r\n\r\n\r\n--a b--\r\nnor what comes after",
        )
        .unwrap();
        let (name, content) = form.file("file").unwrap();
        assert_eq!((name, &content[..]), ("a\"b.sh", &b"\r\n--a\r\n\r\n"[..]));
        assert_eq!(
            (form.flag("yes"), form.flag("nothing"), form.flag("other")),
            (Ok(Some(true)), Ok(None), Ok(None))
        );
        assert!(form.flag("File").is_err() && form.file("Yes").is_err());
        assert_eq!(form.file("other").unwrap_err().message(), "The required parameter 'other' is missing.");
    }

    #[test]
    fn what_is_no_form_is_refused_in_as_many_words() {
        let named = "--a b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n";
        for (body, message) in [
            (String::new(), "The form does not begin."),
            ("{}".into(), "The form does not begin."),
            ("--a b\r\n".into(), "The form does not end."),
            (named.into(), "The form does not end."),
            ("--a b\r\n\r\nx\r\n--a b--".into(), "A field of the form has no Content-Disposition."),
            ("--a b\r\nx\r\n--a b--".into(), "A field of the form has no headers."),
            (
                "--a b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--a b--".into(),
                "A field of the form has no name.",
            ),
            (format!("{}--a b--", format!("{named}x\r\n").repeat(33)), "The form has too many fields."),
        ] {
            assert_eq!(read(&body).unwrap_err().message(), message, "{body}");
        }
        for kind in [
            None,
            Some("application/json"),
            Some("multipart/form-data"),
            Some("multipart/form-data; boundary="),
        ] {
            let error = Form::read(kind, &Bytes::from(format!("{named}x\r\n--a b--"))).unwrap_err();
            assert_eq!(
                (error.status, error.message()),
                (400, "The request is no multipart/form-data."),
                "{kind:?}"
            );
        }
    }
}
