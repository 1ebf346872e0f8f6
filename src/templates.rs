//! The files of `templates/`: pages and the catalogues of words. A debug build reads them from disk, a release build has
//! them in the binary.

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

/// Every template of a page, by its file's name.
pub fn pages() -> Vec<(String, String)> {
    let names = Templates::iter().filter(|name| name.ends_with(".html"));
    names
        .map(|name| (name.to_string(), source(&name)))
        .collect()
}

/// One file as text; empty if there is none.
pub fn source(name: &str) -> String {
    let file = Templates::get(name).map(|file| file.data.into_owned());
    String::from_utf8_lossy(&file.unwrap_or_default()).into_owned()
}
