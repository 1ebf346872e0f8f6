//! The sample guide of the model hall. The demo answers from it.

use super::catalogue::{EntryId, Guide};
use super::sheet::{GuideSheet, SheetFault};

/// Its three sheets.
const SHEETS: [&str; 3] = [
    include_str!("../../guides/zhuzhou-services.toml"),
    include_str!("../../guides/zhuzhou-articles.csv"),
    include_str!("../../guides/zhuzhou-words.csv"),
];

/// Whose it is.
pub const HALL: &str = "zhuzhou";

/// The sample guide.
pub fn guide() -> Guide {
    read().expect("a test reads the sample")
}

/// The sample with this many articles, for measuring: the same articles are repeated under other ids.
pub fn large_guide(articles: usize) -> Guide {
    let mut guide = guide();
    let sample = guide.articles.clone();
    let numbered = (0..).zip(sample.iter().cycle());
    let more = numbered.map(|(n, article)| {
        let mut article = article.clone();
        article.id =
            EntryId::parse(&format!("{}-{n}", article.id)).expect("an id and digits make an id");
        article
    });
    guide.articles = more.take(articles).collect();
    guide
}

fn read() -> Result<Guide, Vec<SheetFault>> {
    SHEETS.iter().try_fold(Guide::default(), |guide, sheet| {
        Ok(GuideSheet::read(sheet.as_bytes())?.into_guide(guide))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::sample_plans;
    use std::collections::BTreeSet;

    #[test]
    fn the_sample_is_a_whole_guide() {
        let guide = read()
            .map_err(|faults| {
                faults
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("\n")
            })
            .unwrap();
        let plans = sample_plans();
        let plan = plans
            .iter()
            .find(|plan| plan.hall.as_str() == HALL)
            .unwrap();
        let services: BTreeSet<_> = plan
            .services
            .iter()
            .map(|service| service.id.clone())
            .collect();
        assert_eq!(guide.check(&services), Ok(()));
        assert!(
            guide.articles.len() >= 120,
            "{} questions",
            guide.articles.len()
        );
        let categories: BTreeSet<_> = guide
            .articles
            .iter()
            .map(|article| &article.category.zh)
            .collect();
        assert_eq!(categories.len(), 6, "{categories:?}");
        assert_eq!(
            guide
                .matters
                .iter()
                .filter(|matter| matter.frequent)
                .count(),
            6
        );
        for service in services {
            assert!(
                guide.matters.iter().any(|matter| matter.service == service),
                "{service}"
            );
        }
    }
}
