//! A form with a file, as `multipart/form-data` (RFC 7578). Pure.
//!
//! Written by hand: reqwest's own brings crates that guess the file's type, which is of no use here, and is spent by
//! the first sending, while a request is sent again after a 401.

use ring::digest;

/// A form: one file, and texts beside it.
#[derive(Clone, PartialEq, Eq)]
pub struct Form {
    /// Name of the field that holds the file.
    name: &'static str,
    file_name: String,
    content: Vec<u8>,
    texts: Vec<(String, String)>,
}

impl Form {
    /// A form whose field `name` holds a file.
    pub fn with_file(name: &'static str, file_name: &str, content: Vec<u8>) -> Form {
        Form { name, file_name: file_name.to_owned(), content, texts: Vec::new() }
    }

    /// Adds a text.
    pub(crate) fn push(&mut self, name: &str, text: String) {
        self.texts.push((name.to_owned(), text));
    }

    /// The value of `Content-Type`, and the body.
    pub(crate) fn encoded(&self) -> (String, Vec<u8>) {
        let boundary = self.boundary();
        let mut body = Vec::with_capacity(self.content.len() + 1024);
        let mut part = |about: &str, content: &[u8]| {
            body.extend_from_slice(
                format!("--{boundary}\r\nContent-Disposition: form-data; {about}\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        };
        let (name, file_name) = (quoted(self.name), quoted(&self.file_name));
        part(
            &format!("name={name}; filename={file_name}\r\nContent-Type: application/octet-stream"),
            &self.content,
        );
        for (name, text) in &self.texts {
            part(&format!("name={}", quoted(name)), text.as_bytes());
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), body)
    }

    /// What stands between the parts, at most 70 characters (RFC 2046, section 5.1.1). It must not occur inside of one:
    /// it is made of a digest of all of them, and nobody can write a text that holds a digest of itself.
    fn boundary(&self) -> String {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(self.file_name.as_bytes());
        context.update(&self.content);
        for (name, text) in &self.texts {
            context.update(name.as_bytes());
            context.update(text.as_bytes());
        }
        let digits = hexadecimal(context.finish().as_ref());
        format!("riposte-{}", &digits[..32])
    }
}

/// A name in quotes, as browsers escape it ("HTML Standard", multipart form data): it can neither leave its quotes nor
/// begin another header.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A"))
}

/// Bytes in lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(form: &Form) -> (String, String) {
        let (kind, body) = form.encoded();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").expect("a boundary").to_owned();
        (boundary, String::from_utf8(body).expect("a text"))
    }

    #[test]
    fn a_form_is_written_as_the_standard_has_it() {
        let mut form = Form::with_file("file", "script.sh", b"#!/bin/sh\n".to_vec());
        form.push("Description", "what it is".into());
        let (boundary, body) = encoded(&form);
        assert!(boundary.len() <= 70 && boundary.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
        let expected = format!(
            "--{boundary}\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"script.sh\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n\
             #!/bin/sh\n\r\n\
             --{boundary}\r\n\
             Content-Disposition: form-data; name=\"Description\"\r\n\r\n\
             what it is\r\n\
             --{boundary}--\r\n"
        );
        assert_eq!(body, expected);
    }

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        let form = Form::with_file("file", "a\"; name=\"x\r\nX-Evil: 1\r\n\r\n", b"x".to_vec());
        let (_, body) = encoded(&form);
        assert!(
            body.contains("filename=\"a%22; name=%22x%0D%0AX-Evil: 1%0D%0A%0D%0A\"\r\nContent-Type"),
            "{body}"
        );
    }

    #[test]
    fn a_content_that_knows_another_boundary_gets_one_of_its_own() {
        let (boundary, _) = encoded(&Form::with_file("file", "a", b"x".to_vec()));
        let content = format!("\r\n--{boundary}--\r\n");
        let (own, body) = encoded(&Form::with_file("file", "a", content.clone().into_bytes()));
        assert_ne!(own, boundary);
        assert_eq!((body.matches(&own).count(), body.contains(&content)), (2, true));
    }
}
