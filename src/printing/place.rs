//! Which kiosk prints on which printer. The person who installs a printer says it; here it is checked.

use super::charset::Charset;
use super::layout::Width;
use super::status::Dialect;
use crate::site::is_this_machine;
use clap::Args;
use hall::id::{ActorId, HallId};
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// One `[[printers]]` of the configuration file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrinterOptions {
    pub hall: HallId,
    /// The name that the kiosk was enrolled under; every kiosk of the hall without a printer of its own if not said.
    pub kiosk: Option<ActorId>,
    /// HOST:9100 of a printer on the network.
    pub address: Option<String>,
    /// `http://127.0.0.1:9123` of `paihao agent` on the kiosk's own machine.
    pub agent: Option<String>,
    /// 58 or 80; 80 if not said.
    pub width_mm: Option<u16>,
    /// auto, dle-eot, gs-r, esc-v or none; auto if not said.
    pub dialect: Option<String>,
    /// gb18030, gbk or gb2312; gb18030 if not said.
    pub charset: Option<String>,
}

/// One printer for every kiosk, without a file.
#[derive(Args, Clone, Debug, Default)]
pub struct PrinterArgs {
    /// Slips of every kiosk come out of this printer; more than one, in the file of --config
    #[arg(long, env = "PAIHAO_PRINTER", value_name = "HOST:PORT")]
    pub printer: Option<String>,
    /// Every kiosk prints through `paihao agent` on its own machine, at this address
    #[arg(long, env = "PAIHAO_PRINTER_AGENT", value_name = "URL")]
    pub printer_agent: Option<String>,
    /// Width of the paper: 58 or 80 [default: 80]
    #[arg(long, env = "PAIHAO_PRINTER_WIDTH", value_name = "MM")]
    pub printer_width: Option<u16>,
}

/// Where slips of a kiosk come out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterPlace {
    /// Every hall if none.
    pub hall: Option<HallId>,
    /// Every kiosk if none.
    pub kiosk: Option<ActorId>,
    pub link: PrinterLink,
}

/// How slips get there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrinterLink {
    /// The server prints.
    Network(NetworkPrinter),
    /// The page prints, through a program on the kiosk's machine with this origin.
    Agent(String),
}

/// A printer with a socket of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkPrinter {
    /// HOST:PORT.
    pub address: String,
    pub width: Width,
    /// Found out at first contact if none.
    pub dialect: Option<Dialect>,
    /// What it can print.
    pub charset: Charset,
}

/// Why a printer cannot be used: which field, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct InvalidPrinter {
    pub field: String,
    pub reason: String,
}

/// The printers of a configuration: those of the file, and the one of the command line.
pub fn places(
    file: &[PrinterOptions],
    args: &PrinterArgs,
) -> Result<Vec<PrinterPlace>, InvalidPrinter> {
    let mut places = Vec::new();
    for (index, options) in file.iter().enumerate() {
        let wrong =
            |field: &str, reason: String| invalid(format!("printers[{index}].{field}"), reason);
        let place = options.checked(&wrong)?;
        if places.iter().any(|other| place.is_at_the_same(other)) {
            let reason = "this kiosk has a printer already; one kiosk prints on one printer";
            return Err(wrong("kiosk", reason.into()));
        }
        places.push(place);
    }
    places.extend(args.checked()?);
    one_width_each(&places)?;
    Ok(places)
}

/// Several kiosks may share a printer, but its paper has one width.
fn one_width_each(places: &[PrinterPlace]) -> Result<(), InvalidPrinter> {
    let mut devices: BTreeMap<&str, &NetworkPrinter> = BTreeMap::new();
    for place in places {
        let PrinterLink::Network(device) = &place.link else {
            continue;
        };
        let known = devices.entry(&device.address).or_insert(device);
        if *known != device {
            let reason = format!(
                "{} is named twice with another width, dialect or character set; say the same in both",
                device.address
            );
            return Err(invalid("printers".into(), reason));
        }
    }
    Ok(())
}

impl PrinterPlace {
    fn is_at_the_same(&self, other: &PrinterPlace) -> bool {
        self.hall == other.hall && self.kiosk == other.kiosk
    }

    /// How closely it fits this kiosk of this hall; none if it does not fit.
    pub fn fits(&self, hall: &HallId, kiosk: Option<&ActorId>) -> Option<u8> {
        let of_hall = self.hall.as_ref().is_none_or(|own| own == hall);
        let of_kiosk = self.kiosk.is_none() || self.kiosk.as_ref() == kiosk;
        (of_hall && of_kiosk)
            .then(|| u8::from(self.kiosk.is_some()) * 2 + u8::from(self.hall.is_some()))
    }
}

impl PrinterOptions {
    fn checked(
        &self,
        wrong: &dyn Fn(&str, String) -> InvalidPrinter,
    ) -> Result<PrinterPlace, InvalidPrinter> {
        let link = match (&self.address, &self.agent) {
            (Some(address), None) => {
                let of = |field: &'static str| move |reason| wrong(field, reason);
                PrinterLink::Network(NetworkPrinter {
                    address: address_of(address).map_err(of("address"))?,
                    width: width_of(self.width_mm).map_err(of("width_mm"))?,
                    dialect: dialect_of(self.dialect.as_deref()).map_err(of("dialect"))?,
                    charset: charset_of(self.charset.as_deref()).map_err(of("charset"))?,
                })
            }
            (None, Some(agent)) => {
                let of_printer = [&self.dialect, &self.charset];
                if self.width_mm.is_some() || of_printer.into_iter().any(Option::is_some) {
                    let reason = "width, dialect and character set are said to the agent, with --width, --dialect and --charset";
                    return Err(wrong("agent", reason.into()));
                }
                PrinterLink::Agent(agent_of(agent).map_err(|reason| wrong("agent", reason))?)
            }
            (None, None) | (Some(_), Some(_)) => {
                let reason =
                    "say either address = \"HOST:9100\" or agent = \"http://127.0.0.1:9123\"";
                return Err(wrong("address", reason.into()));
            }
        };
        Ok(PrinterPlace {
            hall: Some(self.hall.clone()),
            kiosk: self.kiosk.clone(),
            link,
        })
    }
}

impl PrinterArgs {
    fn checked(&self) -> Result<Option<PrinterPlace>, InvalidPrinter> {
        let of = |flag: &str| {
            let flag = flag.to_string();
            move |reason| invalid(flag, reason)
        };
        let link = match (&self.printer, &self.printer_agent) {
            (None, None) if self.printer_width.is_none() => return Ok(None),
            (None, None) => {
                let reason = "also say which printer, with --printer HOST:PORT";
                return Err(invalid("--printer-width".into(), reason.into()));
            }
            (Some(_), Some(_)) => {
                let reason = "say either --printer or --printer-agent";
                return Err(invalid("--printer".into(), reason.into()));
            }
            (Some(address), None) => PrinterLink::Network(NetworkPrinter {
                address: address_of(address).map_err(of("--printer"))?,
                width: width_of(self.printer_width).map_err(of("--printer-width"))?,
                dialect: None,
                charset: Charset::default(),
            }),
            (None, Some(agent)) => {
                PrinterLink::Agent(agent_of(agent).map_err(of("--printer-agent"))?)
            }
        };
        Ok(Some(PrinterPlace {
            hall: None,
            kiosk: None,
            link,
        }))
    }
}

/// HOST:PORT, said completely.
pub fn address_of(text: &str) -> Result<String, String> {
    let parts = text.rsplit_once(':');
    let is_address = parts.is_some_and(|(host, port)| {
        let host_is = !host.is_empty() && !host.contains(['/', ' ', '@']);
        host_is && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    match is_address {
        true => Ok(text.into()),
        false => Err(format!(
            "\"{text}\" is not a printer's address such as 192.168.1.50:9100"
        )),
    }
}

/// 58 or 80; 80 if not said.
pub fn width_of(mm: Option<u16>) -> Result<Width, String> {
    let mm = mm.unwrap_or(80);
    Width::of_mm(mm).ok_or_else(|| format!("{mm} is not a width of paper: use 58 or 80"))
}

/// None for auto.
pub fn dialect_of(text: Option<&str>) -> Result<Option<Dialect>, String> {
    match text {
        None | Some("auto") => Ok(None),
        Some(name) => Dialect::named(name).map(Some).ok_or_else(|| {
            format!("\"{name}\" is not a dialect: use auto, dle-eot, gs-r, esc-v or none")
        }),
    }
}

/// gb18030 if not said.
pub fn charset_of(text: Option<&str>) -> Result<Charset, String> {
    let name = text.unwrap_or("gb18030");
    Charset::named(name)
        .ok_or_else(|| format!("\"{name}\" is not a character set: use gb18030, gbk or gb2312"))
}

/// The origin of an agent on the same machine as the browser.
fn agent_of(text: &str) -> Result<String, String> {
    let wrong = || {
        format!(
            "\"{text}\" is not the address of an agent on the kiosk's machine, such as http://127.0.0.1:9123"
        )
    };
    let url = Url::parse(text).map_err(|_| wrong())?;
    let is_here = url.host().is_some_and(|host| is_this_machine(&host));
    let is_origin = url.scheme() == "http" && url.path() == "/" && url.query().is_none();
    match is_here && is_origin {
        true => Ok(url.origin().ascii_serialization()),
        false => Err(wrong()),
    }
}

fn invalid(field: String, reason: String) -> InvalidPrinter {
    InvalidPrinter { field, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<PrinterPlace>, String> {
        #[derive(Deserialize)]
        struct File {
            printers: Vec<PrinterOptions>,
        }
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        places(&file.printers, &PrinterArgs::default()).map_err(|error| error.to_string())
    }

    fn one(fields: &str) -> Result<Vec<PrinterPlace>, String> {
        read(&format!("[[printers]]\nhall = \"zhuzhou\"\n{fields}"))
    }

    #[test]
    fn a_wrong_printer_is_told_what_it_should_be() {
        let cases = [
            ("", "printers[0].address: say either"),
            ("address = \"10.0.0.5\"", "such as 192.168.1.50:9100"),
            (
                "address = \"http://10.0.0.5:9100\"",
                "such as 192.168.1.50:9100",
            ),
            ("address = \"p:9100\"\nwidth_mm = 76", "use 58 or 80"),
            (
                "address = \"p:9100\"\ndialect = \"star\"",
                "use auto, dle-eot",
            ),
            (
                "agent = \"http://10.0.0.5:9123\"",
                "such as http://127.0.0.1:9123",
            ),
            (
                "agent = \"http://127.0.0.1:9123/slips\"",
                "such as http://127.0.0.1:9123",
            ),
            (
                "agent = \"http://127.0.0.1:9123\"\nwidth_mm = 58",
                "said to the agent",
            ),
            ("address = \"p:9100\"\nheight = 3", "unknown field `height`"),
        ];
        for (fields, said) in cases {
            let error = one(fields).unwrap_err();
            assert!(error.contains(said), "{fields}: {error}");
        }
    }

    #[test]
    fn a_kiosk_has_one_printer_and_a_printer_one_width() {
        let two = |second: &str| {
            let first = "[[printers]]\nhall = \"zhuzhou\"\nkiosk = \"k1\"\naddress = \"p:9100\"";
            read(&format!(
                "{first}\n[[printers]]\nhall = \"zhuzhou\"\n{second}"
            ))
        };
        let error = two("kiosk = \"k1\"\naddress = \"q:9100\"").unwrap_err();
        assert!(error.contains("has a printer already"), "{error}");
        let error = two("kiosk = \"k2\"\naddress = \"p:9100\"\nwidth_mm = 58").unwrap_err();
        assert!(error.contains("named twice"), "{error}");
        assert_eq!(
            two("kiosk = \"k2\"\naddress = \"p:9100\"").unwrap().len(),
            2
        );
    }

    #[test]
    fn a_kiosk_prints_on_its_own_printer_before_the_halls() {
        let places = read(
            "[[printers]]\nhall = \"zhuzhou\"\naddress = \"hall:9100\"\n\
             [[printers]]\nhall = \"zhuzhou\"\nkiosk = \"k1\"\nagent = \"http://127.0.0.1:9123/\"",
        )
        .unwrap();
        let (hall, other) = ("zhuzhou".parse().unwrap(), "lusong".parse().unwrap());
        let kiosk = ActorId::parse("k1").unwrap();
        let fits = |index: usize, hall, kiosk| places[index].fits(hall, kiosk);
        assert!(fits(1, &hall, Some(&kiosk)) > fits(0, &hall, Some(&kiosk)));
        assert_eq!(fits(1, &hall, None), None);
        assert_eq!(fits(0, &other, Some(&kiosk)), None);
        assert_eq!(
            places[1].link,
            PrinterLink::Agent("http://127.0.0.1:9123".into())
        );
    }
}
