//! The voice that calls: clips of speech in packs, and what a hall's boards get to play.
//!
//! A hall has one of four voice levels: its own recordings, a pack that ships with the product (there is none yet),
//! clips that espeak-ng makes, or a chime alone. When a hall has to use a lower level, the status page says why. The
//! hall crate decides which words are spoken and which clips they are made of ([`hall::view::announcement`]).
//!
//! | module | |
//! | --- | --- |
//! | [`sound`] | samples, read from WAV and MP3 and written as WAV |
//! | [`levelling`] | measuring how loud a clip is and how much silence is around it; correcting both |
//! | [`pack`], [`check`] | a folder with clips and a manifest; what is wrong with it |
//! | [`espeak`], [`render`] | clips by a speech engine; a whole pack, made by it or from a hall's recordings |
//! | [`synthetic`], [`voices`] | which voice level each hall has, and the clips of it |

pub mod check;
pub mod espeak;
pub mod levelling;
pub mod pack;
pub mod render;
pub mod sound;
pub mod synthetic;
pub mod voices;

pub use voices::{HallVoice, VoiceLevel, VoiceOption, VoiceSettings, VoiceStatus, Voices};
