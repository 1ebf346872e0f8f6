//! What came back. A test asks for what it expected, and is shown the whole answer when it is another one.

use serde_json::Value;

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The JSON that came with this status.
    #[track_caller]
    pub fn given(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The problem, which must be of this type and complete.
    #[track_caller]
    pub fn refused(&self, kind: &str) -> Value {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{} {}",
            self.status,
            self.text()
        );
        let problem: Value = serde_json::from_slice(&self.bytes).unwrap();
        assert_eq!(problem["type"], format!("urn:paihao:{kind}"), "{problem}");
        assert_eq!(problem["status"], self.status, "{problem}");
        for told in ["title", "detail"] {
            assert!(
                problem[told].as_str().is_some_and(|text| !text.is_empty()),
                "{problem}"
            );
        }
        problem
    }

    /// The fields that a validation problem names.
    #[track_caller]
    pub fn wrong_fields(&self) -> Vec<String> {
        let problem = self.refused("validation");
        assert_eq!(self.status, 422);
        let errors = problem["errors"].as_array();
        let errors = errors.unwrap_or_else(|| panic!("no errors in {problem}"));
        assert!(
            errors.iter().all(|error| error["message"].is_string()),
            "{problem}"
        );
        errors
            .iter()
            .map(|error| error["pointer"].as_str().unwrap().to_string())
            .collect()
    }

    /// The number that was taken.
    #[track_caller]
    pub fn number(&self) -> String {
        self.given(201)["number"].as_str().unwrap().into()
    }

    /// The key of the ticket that was taken.
    #[track_caller]
    pub fn token(&self) -> String {
        self.given(201)["token"].as_str().unwrap().into()
    }

    /// The number that a window has now and its stage, such as `A001 called`; `nobody` if it has none.
    #[track_caller]
    pub fn ticket(&self) -> String {
        match &self.given(200)["ticket"] {
            Value::Null => "nobody".into(),
            ticket => format!(
                "{} {}",
                ticket["number"].as_str().unwrap(),
                ticket["stage"].as_str().unwrap()
            ),
        }
    }
}
