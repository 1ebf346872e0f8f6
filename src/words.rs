//! The words of the pages: one fluent catalogue per language, reached from templates by `t(key=…)`.
//!
//! Scripts need words too. `words(prefixes=[…])` hands them the same messages as JSON, with every argument left as
//! `{name}` for the script to fill in: so there is one catalogue, not one for pages and another for scripts.

use crate::templates::source;
use crate::written::hidden;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use hall::text::Language;
use std::collections::BTreeMap;
use std::sync::Arc;
use tera::{Kwargs, State, Tera, TeraResult, Value};
use unic_langid::LanguageIdentifier;

/// The arguments that messages for scripts may use.
const SCRIPT_ARGUMENTS: [&str; 16] = [
    "count", "high", "low", "minutes", "n", "name", "number", "reason", "seconds", "service",
    "time", "usual", "wait", "why", "window", "year",
];

/// Both catalogues.
pub struct Words {
    zh: Catalogue,
    en: Catalogue,
}

struct Catalogue {
    bundle: FluentBundle<FluentResource>,
    keys: Vec<String>,
}

/// A catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the catalogue {file} cannot be read: {reason}")]
pub struct WordsError {
    file: String,
    reason: String,
}

impl Words {
    /// Reads both.
    pub fn load() -> Result<Words, WordsError> {
        Ok(Words {
            zh: Catalogue::load("zh-CN")?,
            en: Catalogue::load("en")?,
        })
    }

    /// A message on paper, where there is no page around it. A key that is not there is a mistake of ours.
    pub fn say(&self, language: Language, key: &str, arguments: &[(&str, String)]) -> String {
        let mut given = FluentArgs::new();
        for (name, value) in arguments {
            given.set(name.to_string(), value.clone());
        }
        let said = self.of(language).say(key, &given);
        said.expect("a test prints every message that paper needs")
    }

    fn of(&self, language: Language) -> &Catalogue {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

hidden!(Words);

impl Catalogue {
    fn load(tag: &str) -> Result<Catalogue, WordsError> {
        let file = format!("{tag}.ftl");
        let broken = |reason: String| WordsError {
            file: file.clone(),
            reason,
        };
        let text = source(&file);
        let keys = keys(&text);
        let resource = FluentResource::try_new(text)
            .map_err(|(_, errors)| broken(format!("{:?}", errors.first())))?;
        let tag: LanguageIdentifier = tag.parse().map_err(|error| broken(format!("{error}")))?;
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // the invisible marks around arguments would end up on slips and in sums
        bundle.set_use_isolating(false);
        bundle
            .add_resource(resource)
            .map_err(|errors| broken(format!("{:?}", errors.first())))?;
        Ok(Catalogue { bundle, keys })
    }

    fn say(&self, key: &str, arguments: &FluentArgs<'_>) -> TeraResult<String> {
        let pattern = self.bundle.get_message(key);
        let pattern = pattern.and_then(|message| message.value());
        let missing = || tera::Error::message(format!("no message `{key}` in the catalogue"));
        let (pattern, mut errors) = (pattern.ok_or_else(missing)?, Vec::new());
        let said = self
            .bundle
            .format_pattern(pattern, Some(arguments), &mut errors);
        match errors.first() {
            Some(error) => Err(tera::Error::message(format!("message `{key}`: {error}"))),
            None => Ok(said.into_owned()),
        }
    }

    fn for_scripts(&self, prefixes: &[String]) -> TeraResult<BTreeMap<String, String>> {
        let mut arguments = FluentArgs::new();
        for name in SCRIPT_ARGUMENTS {
            arguments.set(name, format!("{{{name}}}"));
        }
        let is_wanted = |key: &&String| prefixes.iter().any(|prefix| key.starts_with(prefix));
        let wanted = self.keys.iter().filter(is_wanted);
        let said = wanted.map(|key| Ok((key.clone(), self.say(key, &arguments)?)));
        said.collect()
    }
}

/// The names of a catalogue's messages, in order.
pub(crate) fn keys(catalogue: &str) -> Vec<String> {
    let lines = catalogue
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    lines
        .filter_map(|line| Some(line.split_once('=')?.0.trim().to_string()))
        .collect()
}

/// Adds `t(key=…, argument=…)`, `words(prefixes=[…])` and `words_both(prefixes=[…])`.
pub(crate) fn register(tera: &mut Tera, words: Arc<Words>) {
    let catalogues = words.clone();
    tera.register_function("t", move |kwargs: Kwargs, state: &State| {
        let key: String = kwargs.must_get("key")?;
        let said = catalogues.of(language(state)?);
        said.say(&key, &arguments(&kwargs))
    });
    let catalogues = words.clone();
    tera.register_function("words", move |kwargs: Kwargs, state: &State| {
        let prefixes: Vec<String> = kwargs.deserialize::<Prefixes>()?.prefixes;
        json(&catalogues.of(language(state)?).for_scripts(&prefixes)?)
    });
    tera.register_function("words_both", move |kwargs: Kwargs, _: &State| {
        let prefixes: Vec<String> = kwargs.deserialize::<Prefixes>()?.prefixes;
        let both = BTreeMap::from([
            ("zh", words.zh.for_scripts(&prefixes)?),
            ("en", words.en.for_scripts(&prefixes)?),
        ]);
        json(&both)
    });
}

#[derive(serde::Deserialize)]
struct Prefixes {
    prefixes: Vec<String>,
}

fn json(value: &impl serde::Serialize) -> TeraResult<String> {
    serde_json::to_string(value).map_err(|error| tera::Error::message(error.to_string()))
}

/// The language of the page being rendered.
pub(crate) fn language(state: &State) -> TeraResult<Language> {
    match state.get::<String>("lang")?.as_deref() {
        Some("zh") => Ok(Language::Zh),
        Some("en") => Ok(Language::En),
        _ => Err(tera::Error::message("the page has no language `lang`")),
    }
}

fn arguments(kwargs: &Kwargs) -> FluentArgs<'static> {
    let mut arguments = FluentArgs::new();
    for (name, value) in kwargs.iter() {
        arguments.set(name.to_string(), argument(value));
    }
    arguments
}

fn argument(value: &Value) -> FluentValue<'static> {
    match value.as_f64() {
        Some(number) => FluentValue::from(number),
        None => FluentValue::from(value.to_string()),
    }
}
