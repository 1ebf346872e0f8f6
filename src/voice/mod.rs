//! The voice that calls: clips of speech in packs, and what a hall's boards are given to play.
//!
//! A hall stands on one of four rungs: its own recordings, a pack that ships with the product (there is none yet), clips
//! that espeak-ng makes, or a chime alone. It never falls silently: what is wrong with the rung above is said on the
//! status page. What has to be said, and of which clips, is the hall crate's ([`hall::view::announcement`]).
//!
//! | module | |
//! | --- | --- |
//! | [`sound`] | samples, read from WAV and MP3 and written as WAV |
//! | [`level`] | how loud, how much silence around it; made right |
//! | [`pack`], [`check`] | a folder with clips and its manifest; what is wrong with it |
//! | [`espeak`], [`render`] | clips by a speech engine; a whole pack by it or of a hall's recordings |
//! | [`synthetic`], [`voices`] | which rung each hall stands on, and the clips it serves |

pub mod check;
pub mod espeak;
pub mod level;
pub mod pack;
pub mod render;
pub mod sound;
pub mod synthetic;
pub mod voices;

pub use voices::{Rung, Stand, VoiceOption, VoiceSettings, VoiceStatus, Voices};
