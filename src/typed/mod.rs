//! What people type of themselves, checked where it can be and brought into one form: documents, telephone numbers, names.
//!
//! All of it passes [`hall::text::typed`] first, so that full-width digits, odd dashes and what a scanner adds make no
//! difference. What is refused is refused at once, with what is wrong in words for whoever typed it; `docs/input.md` lists
//! every field with its words, and a test holds the two together.

pub mod document;
mod document_forms;
#[cfg(test)]
mod input_page;
pub mod name;
pub mod phone;

pub use document::{DocumentKind, IdDocument};
pub use name::Name;
pub use phone::Phone;
