//! Samples of one clip: read from what a hall recorded, written as WAV.
//!
//! One channel is enough for a hall's loudspeaker; a recording with two is mixed. WAV is what every program and every
//! board reads; MP3 is read too, because packs for televisions hold it.

use std::io::{Cursor, Seek, Write};
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

/// A longer clip is not a word; somebody chose a wrong file.
const LONGEST_SECONDS: usize = 20;
/// From a telephone's samples a second to a studio's.
const RATES: std::ops::RangeInclusive<u32> = 8_000..=192_000;

/// One channel of sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// From −1 to 1.
    pub samples: Vec<f32>,
    /// Samples in a second.
    pub rate: u32,
}

/// Why a file is no sound.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    #[error("it is neither WAV nor MP3 that can be read ({0})")]
    Unreadable(#[from] Error),
    #[error("there is no sound in it")]
    Empty,
    #[error("{0} samples a second are not sound that a board plays; use 22050, 44100 or 48000")]
    Rate(u32),
    #[error("it is longer than {LONGEST_SECONDS} s")]
    TooLong,
    #[error("it cannot be written as WAV: {0}")]
    Unwritable(#[from] hound::Error),
}

impl Sound {
    /// Reads a WAV or MP3 file's bytes, all channels mixed into one.
    pub fn read(bytes: Vec<u8>) -> Result<Sound, SoundError> {
        let stream = MediaSourceStream::new(Box::new(Cursor::new(bytes)), Default::default());
        let mut format = symphonia::default::get_probe().probe(
            &Hint::new(),
            stream,
            FormatOptions::default(),
            MetadataOptions::default(),
        )?;
        let track = format
            .default_track(TrackType::Audio)
            .ok_or(SoundError::Empty)?;
        let parameters = track.codec_params.as_ref().and_then(|codec| codec.audio());
        let mut decoder = symphonia::default::get_codecs().make_audio_decoder(
            parameters.ok_or(SoundError::Empty)?,
            &AudioDecoderOptions::default(),
        )?;
        let track = track.id;
        let mut sound = Sound {
            samples: Vec::new(),
            rate: 0,
        };
        let mut interleaved: Vec<f32> = Vec::new();
        while let Some(packet) = format.next_packet()? {
            if packet.track_id != track {
                continue;
            }
            let decoded = decoder.decode(&packet)?;
            let (channels, rate) = (decoded.num_planes().max(1), decoded.spec().rate());
            decoded.copy_to_vec_interleaved(&mut interleaved);
            if !RATES.contains(&rate) {
                return Err(SoundError::Rate(rate));
            }
            sound.rate = rate;
            let frames = interleaved.chunks_exact(channels);
            let mixed = frames.map(|frame| frame.iter().sum::<f32>() / channels as f32);
            let mixed = mixed.map(|sample| if sample.is_finite() { sample } else { 0.0 });
            sound.samples.extend(mixed);
            if sound.samples.len() > LONGEST_SECONDS * rate as usize {
                return Err(SoundError::TooLong);
            }
        }
        match sound.samples.is_empty() || sound.rate == 0 {
            true => Err(SoundError::Empty),
            false => Ok(sound),
        }
    }

    /// The bytes of a WAV file: one channel, 16 bits.
    pub fn to_wav(&self) -> Result<Vec<u8>, SoundError> {
        let mut file = Cursor::new(Vec::new());
        self.write_wav(&mut file)?;
        Ok(file.into_inner())
    }

    fn write_wav(&self, file: impl Write + Seek) -> Result<(), SoundError> {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: self.rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::new(file, spec)?;
        for sample in &self.samples {
            writer.write_sample((sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16)?;
        }
        Ok(writer.finalize()?)
    }

    /// How long it lasts, in milliseconds.
    pub fn milliseconds(&self) -> u32 {
        self.to_milliseconds(self.samples.len())
    }

    /// How long so many samples last, in milliseconds.
    pub fn to_milliseconds(&self, samples: usize) -> u32 {
        (samples as u64 * 1_000 / u64::from(self.rate.max(1))) as u32
    }

    /// How many samples last so long.
    pub fn to_samples(&self, milliseconds: u32) -> usize {
        (u64::from(milliseconds) * u64::from(self.rate) / 1_000) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let samples = (0..22_050).map(|n| (n as f32 * 0.1).sin() * 0.5);
        let sound = Sound {
            samples: samples.collect(),
            rate: 22_050,
        };
        let read = Sound::read(sound.to_wav().unwrap()).unwrap();
        assert_eq!((read.rate, read.milliseconds()), (22_050, 1_000));
        let error = sound.samples.iter().zip(&read.samples);
        assert!(error.into_iter().all(|(a, b)| (a - b).abs() < 0.001));
    }

    #[test]
    fn what_is_no_sound_is_an_error_and_not_silence() {
        for bytes in [&b""[..], b"RIFF", b"hello, this is text", &[0; 4_000]] {
            assert!(Sound::read(bytes.to_vec()).is_err(), "{bytes:?}");
        }
        let empty = Sound {
            samples: Vec::new(),
            rate: 22_050,
        };
        assert!(Sound::read(empty.to_wav().unwrap()).is_err());
    }
}
