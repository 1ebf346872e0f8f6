//! Documents as digests under the store's secret: a hall may know that it is the same person, and not who. The secret is
//! in it so that nobody finds a number by trying them all.
//!
//! Whoever has another number or another name is another person; a document of another kind with the same number and name
//! is the same person's, and so is a name that is only spelled otherwise. So three digests are kept:
//!
//! - of the number alone: what a card's reader knows;
//! - of kind, number and name, as every log has had it; now of the folded name, which for a name that was typed plainly is
//!   the same digest as ever;
//! - of number and folded name: who it is. Records have it since documents are checked; older ones do not.
//!
//! What was stored before keeps its meaning: a number and a name that were typed plainly have the digests that they always
//! had. For the others (a Latin name with its capitals and spaces, a number of 15 digits, a booking under another kind of
//! document) the digests that older records could have for the same person are made again from what is typed now, and
//! asked for besides: [`KnownPerson::known_as`] and [`Shown::documents`]. Nothing is looked up in clear, and nothing is
//! rewritten.

use crate::typed::{DocumentKind, IdDocument, Name, Phone};
use crate::web::http::keyed::keyed_digest;
use hall::id::PersonId;
use std::collections::BTreeSet;

/// A document as its digests.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Of its number.
    pub document: PersonId,
    /// Of the numbers under which older records may know it, the newest first; the first is its own.
    pub documents: Vec<PersonId>,
}

/// Somebody with a document and a name, as digests.
#[derive(Clone, Debug)]
pub struct KnownPerson {
    pub shown: Shown,
    /// Of kind, number and folded name.
    pub person: PersonId,
    /// Of number and folded name.
    pub named: PersonId,
    /// What older records may call the same person.
    pub known_as: BTreeSet<PersonId>,
}

/// A document's digests. `typed` is what was typed: before numbers were folded it was taken as it is.
pub fn shown(secret: &[u8; 32], document: &IdDocument, typed: &str) -> Shown {
    let numbers = numbers(document, typed);
    let digests = numbers
        .iter()
        .map(|number| digest(secret, &["person", number]));
    let documents: Vec<PersonId> = digests.collect();
    Shown {
        document: documents[0].clone(),
        documents,
    }
}

/// The digests of a number that is no document's today. Whoever could book with it before still checks in.
pub fn shown_as_before(secret: &[u8; 32], typed: &str) -> Shown {
    let document = digest(secret, &["person", &as_before(typed)]);
    Shown {
        documents: vec![document.clone()],
        document,
    }
}

/// A person's digests; `typed` are number and name as they were typed.
pub fn who(
    secret: &[u8; 32],
    (kind, document): (DocumentKind, &IdDocument),
    name: &Name,
    typed: (&str, &str),
) -> KnownPerson {
    let folded = name.folded();
    let of_kind = |kind: DocumentKind, number: &str, name: &str| {
        let kind = kind.name().replace('_', "-"); // as the digests in every log have it
        digest(secret, &["person", &kind, number, name])
    };
    let names = BTreeSet::from([folded.as_str(), name.as_str(), typed.1.trim()]); // mostly one
    let numbers = numbers(document, typed.0);
    let mut known_as = BTreeSet::new();
    for number in &numbers {
        for name in &names {
            known_as.extend(DocumentKind::ALL.map(|kind| of_kind(kind, number, name)));
        }
    }
    KnownPerson {
        shown: shown(secret, document, typed.0),
        person: of_kind(kind, document.number(), &folded),
        named: named(secret, document, name),
        known_as,
    }
}

/// Everything that records may call whoever has this name and number.
pub fn names(
    secret: &[u8; 32],
    document: &IdDocument,
    name: &Name,
    typed: &str,
) -> BTreeSet<PersonId> {
    let kind = DocumentKind::default(); // the digests of every kind are among them
    let KnownPerson {
        named,
        mut known_as,
        ..
    } = who(secret, (kind, document), name, (typed, name.as_str()));
    known_as.insert(named);
    known_as
}

/// A telephone number, for counting what it is given for.
pub fn rung_at(secret: &[u8; 32], phone: &Phone) -> PersonId {
    digest(secret, &["phone", phone.as_str()])
}

/// Of number and folded name.
pub fn named(secret: &[u8; 32], document: &IdDocument, name: &Name) -> PersonId {
    digest(secret, &["named", document.number(), &name.folded()])
}

/// Every number under which the log may know a document; its own first.
fn numbers(document: &IdDocument, typed: &str) -> Vec<String> {
    let mut numbers = vec![document.number().to_string()];
    for older in document
        .older_numbers()
        .into_iter()
        .chain([as_before(typed)])
    {
        if !numbers.contains(&older) {
            numbers.push(older);
        }
    }
    numbers
}

/// How numbers were read before they were folded: in capitals, without white space.
fn as_before(typed: &str) -> String {
    let number = typed.chars().filter(|c| !c.is_whitespace());
    number.flat_map(char::to_uppercase).collect()
}

fn digest(secret: &[u8; 32], parts: &[&str]) -> PersonId {
    let digest = keyed_digest(secret, &[parts.join("|").as_bytes()]);
    PersonId::parse(digest).expect("hex digits make a person id")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    const SECRET: [u8; 32] = [7; 32];

    fn read(kind: DocumentKind, number: &str, name: &str) -> KnownPerson {
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let document = IdDocument::parse(kind, number, today).unwrap();
        let named = Name::parse(name).unwrap();
        who(&SECRET, (kind, &document), &named, (number, name))
    }

    /// As the digests of a log were made before numbers and names were folded. The text is theirs and must stay.
    fn as_recorded(parts: &str) -> PersonId {
        let digest = keyed_digest(&SECRET, &[parts.as_bytes()]);
        PersonId::parse(digest).unwrap()
    }

    #[test]
    fn one_person_spelled_in_many_ways_is_one() {
        let plain = read(DocumentKind::ResidentId, "11010519491231002X", "张三");
        for (number, name) in [
            ("１１０１０５１９４９１２３１００２Ｘ", "张 三"),
            ("110105-19491231-002x", "张\u{3000}三"),
            ("11010519491231002×", "张三\u{200B}"),
            ("110105491231002", "\u{FEFF}张三"),
        ] {
            let spelled = read(DocumentKind::ResidentId, number, name);
            assert_eq!(spelled.person, plain.person, "{number} {name}");
            assert_eq!(spelled.named, plain.named, "{number} {name}");
            assert_eq!(spelled.shown.document, plain.shown.document);
        }
        let other = read(DocumentKind::ResidentId, "11010519491231002X", "李四");
        assert_ne!(other.named, plain.named);
        assert_eq!(other.shown.document, plain.shown.document);
    }

    /// The same number and name under another kind of document is the same person.
    #[test]
    fn another_kind_of_document_makes_nobody_another() {
        let permit = read(
            DocumentKind::HongKongMacaoTaiwan,
            "810000199408230021",
            "陈大文",
        );
        let card = read(DocumentKind::ResidentId, "810000199408230021", "陈大文");
        assert_eq!(permit.named, card.named);
        assert!(card.known_as.contains(&permit.person) && permit.known_as.contains(&card.person));
    }

    #[test]
    fn what_was_stored_before_still_fits() {
        let person = read(DocumentKind::ResidentId, "11010519491231002x", "张三");
        assert_eq!(
            person.shown.document,
            as_recorded("person|11010519491231002X")
        );
        assert_eq!(
            person.person,
            as_recorded("person|resident-id|11010519491231002X|张三")
        );
        assert_eq!(
            String::from(person.person),
            "caf43b93cc232ec6e6184e3fcf4d6799",
            "as a store of an older version has it"
        );
        for (kind, number, name, recorded) in [
            (
                DocumentKind::Passport,
                "E12345678",
                "John Smith",
                "person|passport|E12345678|John Smith",
            ),
            (
                DocumentKind::Passport,
                "E12345678",
                "JOHN  SMITH",
                "person|passport|E12345678|JOHN  SMITH",
            ),
            (
                DocumentKind::ResidentId,
                "11010519491231002X",
                "张三",
                "person|passport|11010519491231002X|张三",
            ),
            (
                DocumentKind::ResidentId,
                "11010519491231002X",
                "张三",
                "person|resident-id|110105491231002|张三",
            ),
        ] {
            let known_as = read(kind, number, name).known_as;
            assert!(known_as.contains(&as_recorded(recorded)), "{recorded}");
        }
        let shown = read(DocumentKind::ResidentId, "11010519491231002X", "张三").shown;
        assert!(
            shown
                .documents
                .contains(&as_recorded("person|110105491231002"))
        );
        assert_eq!(
            shown_as_before(&SECRET, "ab 12").document,
            as_recorded("person|AB12")
        );
    }
}
