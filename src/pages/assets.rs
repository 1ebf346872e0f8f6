//! The files that pages load: style sheets and small scripts, and the wall board's client.
//!
//! Each is part of the binary and known by the hash of its bytes, so a browser asks once and is told "unchanged" ever
//! after, and a new release is seen at once.

use data_encoding::HEXLOWER;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::borrow::Cow;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct PageFiles;

#[derive(RustEmbed)]
#[folder = "display-client/"]
struct DisplayFiles;

/// One file, ready to be sent.
#[derive(Clone, Debug)]
pub struct Asset {
    pub bytes: Cow<'static, [u8]>,
    pub mime: String,
    /// Strong, with its quotes.
    pub etag: String,
}

/// Looks files up by the path they are served under.
#[derive(Clone, Copy, Debug, Default)]
pub struct Assets;

impl Assets {
    /// The file behind `/assets/…` or `/display/…`; the path is given with or without its leading slash.
    pub fn lookup(path: &str) -> Option<Asset> {
        let path = path.trim_start_matches('/');
        if let Some(name) = path.strip_prefix("assets/") {
            return PageFiles::get(name).map(asset);
        }
        let name = path.strip_prefix("display/")?;
        // its tests and notes are for developers
        let is_served = !name.starts_with("test/") && !name.ends_with(".md");
        DisplayFiles::get(name).filter(|_| is_served).map(asset)
    }

    /// The page behind `/{hall}/board`.
    pub fn board() -> Option<Asset> {
        DisplayFiles::get("index.html").map(asset)
    }

    /// The text of every page script.
    #[cfg(test)]
    pub(super) fn scripts() -> Vec<String> {
        let names = PageFiles::iter().filter(|name| name.ends_with(".js"));
        let files = names.filter_map(|name| PageFiles::get(&name));
        files
            .map(|file| String::from_utf8_lossy(&file.data).into_owned())
            .collect()
    }
}

fn asset(file: EmbeddedFile) -> Asset {
    let hash = file.metadata.sha256_hash();
    let hex = HEXLOWER.encode(&hash[..16]);
    let kind = file.metadata.mimetype();
    let is_text = kind.starts_with("text/") || kind == "image/svg+xml";
    Asset {
        bytes: file.data,
        mime: if is_text {
            format!("{kind}; charset=utf-8")
        } else {
            kind.to_string()
        },
        etag: format!("\"{hex}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::Assets;

    #[test]
    fn a_file_is_found_by_the_path_it_is_served_under() {
        let script = Assets::lookup("/assets/kiosk.js").unwrap();
        assert_eq!(script.mime, "text/javascript; charset=utf-8");
        assert_eq!(script.etag.len(), 34);
        assert!(Assets::lookup("/display/board.js").is_some());
        assert!(Assets::board().is_some());
    }

    #[test]
    fn nothing_else_is_served() {
        for path in [
            "/assets/none.js",
            "/display/test/board.test.js",
            "/templates/en.ftl",
            "/assets/../Cargo.toml",
        ] {
            assert!(Assets::lookup(path).is_none(), "{path}");
        }
    }
}
