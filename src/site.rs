//! Who sends a request, and under which address people know this server: what a reverse proxy says about both is
//! believed only if it is one of ours, because anybody can send the same headers.
//!
//! A proxy adds itself to the end of a list, so the last entry is the one that it vouches for; what stands before it may
//! be made up. `X-Forwarded-…` is what proxies write by default; `Forwarded` counts where there is none.

use actix_web::HttpRequest;
use actix_web::http::header;
use std::net::IpAddr;
use url::Host;

/// The proxies before this server, and the address that they serve it under.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// Peers whose word about the client counts.
    pub trusted: Vec<IpAddr>,
    /// `https://queue.example`, if it was said.
    pub public_url: Option<PublicUrl>,
}

/// Scheme and host, and a port if it is not the scheme's own: what a browser calls an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    pub scheme: String,
    pub host: String,
}

/// Not the address of a site.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a site's address such as https://queue.example, without a path")]
pub struct NotASite(String);

impl PublicUrl {
    /// Reads `https://host` or `http://host:port`.
    pub fn parse(text: &str) -> Result<PublicUrl, NotASite> {
        let wrong = || NotASite(text.into());
        let (scheme, host) = text.split_once("://").ok_or_else(wrong)?;
        let host = host.strip_suffix('/').unwrap_or(host);
        let own_port = if scheme == "https" { ":443" } else { ":80" };
        let host = host.strip_suffix(own_port).unwrap_or(host); // a browser leaves it out
        let is_host = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
        let is_site = matches!(scheme, "http" | "https") && !host.is_empty();
        if !is_site || !host.chars().all(is_host) {
            return Err(wrong());
        }
        Ok(PublicUrl {
            scheme: scheme.into(),
            host: host.to_ascii_lowercase(),
        })
    }

    /// As browsers write it into `Origin`, and as every link begins.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.host)
    }
}

/// Whether a program finds itself under this name, on the machine that it runs on.
pub fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => *name == "localhost",
    }
}

impl Proxies {
    /// Who sends this request, as far as anybody we trust knows.
    pub fn client(&self, request: &HttpRequest) -> IpAddr {
        let peer = peer(request);
        if !self.trusted.contains(&peer) {
            return peer;
        }
        let through = told(request, "x-forwarded-for", "for");
        let addresses = through.iter().map(|entry| address(entry));
        // one proxy may stand behind another; an entry that is no address ends what can be believed
        let mut client = peer;
        for each in addresses.rev() {
            let Some(each) = each else { break };
            client = each;
            if !self.trusted.contains(&each) {
                break;
            }
        }
        client
    }

    /// The address under which the sender of this request knows this server.
    pub fn site(&self, request: &HttpRequest) -> PublicUrl {
        if let Some(url) = &self.public_url {
            return url.clone();
        }
        let is_trusted = self.trusted.contains(&peer(request));
        let from_proxy = |own: &str, parameter: &str| match is_trusted {
            true => told(request, own, parameter).pop(),
            false => None,
        };
        let host = request.headers().get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        PublicUrl {
            scheme: from_proxy("x-forwarded-proto", "proto").unwrap_or_else(|| "http".into()),
            host: from_proxy("x-forwarded-host", "host").unwrap_or_else(|| host.into()),
        }
    }
}

/// The other end of the connection; a server without one (in a test) has nobody to tell apart.
fn peer(request: &HttpRequest) -> IpAddr {
    request
        .peer_addr()
        .map_or([0, 0, 0, 0].into(), |address| address.ip().to_canonical())
}

/// What proxies said, first to last.
fn told(request: &HttpRequest, own: &str, parameter: &str) -> Vec<String> {
    let lists = |name: &str| -> Vec<String> {
        let values = request.headers().get_all(name);
        let texts = values.filter_map(|value| value.to_str().ok());
        texts
            .flat_map(|text| text.split(','))
            .map(|entry| entry.trim().to_string())
            .filter(|entry| !entry.is_empty())
            .collect()
    };
    let plain = lists(own);
    if !plain.is_empty() {
        return plain;
    }
    let forwarded = lists("forwarded");
    forwarded
        .iter()
        .filter_map(|entry| parameter_of(entry, parameter))
        .collect()
}

/// `for` of `for="[2001:db8::1]:4711";proto=https`.
fn parameter_of(entry: &str, parameter: &str) -> Option<String> {
    let mut pairs = entry.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case(parameter))?;
    Some(value.trim().trim_matches('"').to_string())
}

/// An address that may carry a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[');
    let bare = bare.and_then(|rest| rest.split(']').next());
    let parsed = bare.unwrap_or(text).parse().ok();
    let with_port = || Some(text.parse::<std::net::SocketAddr>().ok()?.ip());
    let address: IpAddr = parsed.or_else(with_port)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn proxies() -> Proxies {
        Proxies {
            trusted: vec!["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()],
            public_url: None,
        }
    }

    fn request(peer: &str, headers: &[(&'static str, &'static str)]) -> HttpRequest {
        let peer = std::net::SocketAddr::new(peer.parse().unwrap(), 4711);
        let request = TestRequest::default().peer_addr(peer);
        let request = request.insert_header(("host", "hall.local:8080"));
        let add = |request: TestRequest, header: &(&'static str, &'static str)| {
            request.append_header(*header)
        };
        headers.iter().fold(request, add).to_http_request()
    }

    #[test]
    fn a_strangers_word_about_himself_is_not_believed() {
        let lies = [
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "for=1.2.3.4;host=evil.example;proto=https"),
        ];
        let request = request("192.0.2.7", &lies);
        assert_eq!(proxies().client(&request).to_string(), "192.0.2.7");
        assert_eq!(proxies().site(&request).origin(), "http://hall.local:8080");
    }

    #[test]
    fn of_what_a_proxy_passes_on_only_its_own_entry_counts() {
        let client = |headers: &[(&'static str, &'static str)]| {
            proxies().client(&request("10.0.0.1", headers)).to_string()
        };
        assert_eq!(client(&[]), "10.0.0.1");
        assert_eq!(
            client(&[("x-forwarded-for", "1.2.3.4, 192.0.2.7")]),
            "192.0.2.7"
        );
        assert_eq!(
            client(&[
                ("x-forwarded-for", "1.2.3.4"),
                ("x-forwarded-for", "192.0.2.7")
            ]),
            "192.0.2.7"
        );
        assert_eq!(
            client(&[("x-forwarded-for", "1.2.3.4, 192.0.2.7, 10.0.0.2")]),
            "192.0.2.7",
            "a proxy behind a proxy"
        );
        assert_eq!(client(&[("x-forwarded-for", "unknown")]), "10.0.0.1");
        assert_eq!(
            client(&[("forwarded", "for=\"[2001:db8::1]:4711\";proto=https")]),
            "2001:db8::1"
        );
        assert_eq!(
            client(&[("x-forwarded-for", "192.0.2.7:5000")]),
            "192.0.2.7"
        );
    }

    #[test]
    fn links_begin_with_the_address_that_people_know() {
        let told = [
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "queue.example"),
        ];
        let request = request("10.0.0.1", &told);
        assert_eq!(proxies().site(&request).origin(), "https://queue.example");
        let named = Proxies {
            public_url: Some(PublicUrl::parse("https://Hall.Example:443/").unwrap()),
            ..proxies()
        };
        assert_eq!(named.site(&request).origin(), "https://hall.example");
        for wrong in [
            "hall.example",
            "ftp://hall.example",
            "https://",
            "https://a/b",
            "https://a b",
        ] {
            assert!(PublicUrl::parse(wrong).is_err(), "{wrong}");
        }
    }
}
