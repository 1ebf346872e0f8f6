//! Measures how loud a clip is and how much silence is around it, and corrects both.
//!
//! Clips of one pack are played one after the other. So each must be as loud as its neighbours ([`LOUDNESS`], as EBU R
//! 128 measures it). It must have no peak above [`PEAK_HIGHEST`], because cheap loudspeakers crackle there. And it must
//! have no silence at its ends, because that would add up in a sentence. R 128 measures over 400 ms and a word is
//! shorter. So the word is repeated for the measurement; this gives the loudness that it has among other words.

use super::sound::Sound;
use ebur128::{EbuR128, Mode};
use std::collections::VecDeque;

/// The loudness of every clip in LUFS, and how far a clip may be from it.
pub const LOUDNESS: f64 = -16.0;
pub const LOUDNESS_TOLERANCE: f64 = 1.0;
/// The highest true peak, in dBTP.
pub const PEAK_HIGHEST: f64 = -1.0;
/// The most silence before and after, in milliseconds.
pub const LEAD_LONGEST: u32 = 30;
pub const TAIL_LONGEST: u32 = 40;

/// The silence that trimming leaves, in milliseconds: a word keeps its breath, and an encoder may add a little.
const LEAD_KEPT: u32 = 10;
const TAIL_KEPT: u32 = 20;
/// The ends are faded over this, so that nothing clicks.
const FADE: u32 = 5;
/// Length of the windows in which it is decided whether somebody speaks, in milliseconds.
const LOOK: u32 = 5;
/// A window this far below the loudest one is silence: breath and a quiet room are about −50 dB, the softest
/// consonant of a word about −30 dB.
const SILENCE_BELOW_DB: f64 = 40.0;
/// A sound that is never louder than this is not speech.
const SPEECH_AT_LEAST: f32 = 0.003;
/// The limiter's ceiling in dBFS. It is lower than the highest true peak, because the wave between two samples may be
/// higher than both, and because an MP3 encoder adds a little.
const CEILING: f64 = -2.5;
/// How far the limiter looks ahead and behind, in milliseconds.
const LIMITER_REACH: u32 = 3;
/// Limiting makes a clip quieter, so gain and limit are repeated; speech needs three or four rounds.
const ROUNDS: usize = 12;
/// A clip is repeated to at least this length before it is measured.
const MEASURED_SECONDS: usize = 3;

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// LUFS
    pub loudness: f64,
    /// dBTP
    pub peak: f64,
    /// Silence before, in milliseconds.
    pub lead: u32,
    /// Silence after, in milliseconds.
    pub tail: u32,
}

/// Measures a clip; `None` when nobody speaks in it.
pub fn measure(sound: &Sound) -> Option<Measured> {
    let (start, end) = speech(sound)?;
    Some(Measured {
        loudness: loudness(&sound.samples[start..end], sound.rate),
        peak: true_peak(sound),
        lead: sound.to_milliseconds(start),
        tail: sound.to_milliseconds(sound.samples.len() - end),
    })
}

/// The clip without silence around it, as loud as all others; `None` when nobody speaks in it.
pub fn levelled(sound: &Sound) -> Option<Sound> {
    let mut clip = trimmed(sound)?;
    let original = clip.clone();
    let mut gain = 0.0;
    for _ in 0..ROUNDS {
        let (start, end) = speech(&clip)?;
        let off = LOUDNESS - loudness(&clip.samples[start..end], clip.rate);
        if off.abs() < 0.2 {
            break;
        }
        gain += off;
        clip = limited(&original, gain);
    }
    Some(clip)
}

/// Where speech begins and ends, in samples.
fn speech(sound: &Sound) -> Option<(usize, usize)> {
    let window = sound.to_samples(LOOK).max(1);
    let power = |samples: &[f32]| {
        let sum: f64 = samples.iter().map(|s| f64::from(*s) * f64::from(*s)).sum();
        (sum / samples.len() as f64).sqrt()
    };
    let powers: Vec<f64> = sound.samples.chunks(window).map(power).collect();
    let loudest = powers.iter().copied().fold(0.0, f64::max);
    if loudest < f64::from(SPEECH_AT_LEAST) {
        return None;
    }
    let threshold = loudest * 10f64.powf(-SILENCE_BELOW_DB / 20.0);
    let first = powers.iter().position(|power| *power > threshold)?;
    let last = powers.iter().rposition(|power| *power > threshold)?;
    Some((
        first * window,
        ((last + 1) * window).min(sound.samples.len()),
    ))
}

fn trimmed(sound: &Sound) -> Option<Sound> {
    let (start, end) = speech(sound)?;
    let start = start.saturating_sub(sound.to_samples(LEAD_KEPT));
    let end = (end + sound.to_samples(TAIL_KEPT)).min(sound.samples.len());
    let mut samples = sound.samples[start..end].to_vec();
    let fade = sound.to_samples(FADE).min(samples.len() / 2);
    let last = samples.len() - 1;
    for step in 0..fade {
        let factor = step as f32 / fade as f32;
        samples[step] *= factor;
        samples[last - step] *= factor;
    }
    Some(Sound {
        samples,
        rate: sound.rate,
    })
}

/// How loud it is in LUFS, as if it were repeated.
fn loudness(samples: &[f32], rate: u32) -> f64 {
    let mut meter = EbuR128::new(1, rate, Mode::I).expect("one channel at a rate that was read");
    let enough = MEASURED_SECONDS * rate as usize;
    let mut fed = 0;
    while fed < enough {
        meter
            .add_frames_f32(samples)
            .expect("a whole number of frames");
        fed += samples.len().max(1);
    }
    meter.loudness_global().expect("the mode was asked for")
}

/// The true peak in dBTP.
fn true_peak(sound: &Sound) -> f64 {
    let mode = Mode::TRUE_PEAK;
    let mut meter = EbuR128::new(1, sound.rate, mode).expect("one channel at a rate that was read");
    meter
        .add_frames_f32(&sound.samples)
        .expect("a whole number of frames");
    let peak = meter.true_peak(0).expect("the mode was asked for");
    20.0 * peak.max(1e-9).log10()
}

/// Louder by `gain` dB, with no sample above the ceiling: around a peak the gain is taken back and given again
/// smoothly. The gain at a sample is the mean of the smallest gains around it, so it is never more than the sample
/// bears.
fn limited(sound: &Sound, gain: f64) -> Sound {
    let factor = 10f64.powf(gain / 20.0) as f32;
    let ceiling = 10f64.powf(CEILING / 20.0) as f32;
    let louder: Vec<f32> = sound.samples.iter().map(|sample| sample * factor).collect();
    let bears: Vec<f32> = louder
        .iter()
        .map(|sample| (ceiling / sample.abs().max(ceiling)).min(1.0))
        .collect();
    let reach = sound.to_samples(LIMITER_REACH).max(1);
    let gains = mean_around(&smallest_around(&bears, reach), reach);
    let samples = louder.iter().zip(gains).map(|(sample, gain)| sample * gain);
    Sound {
        samples: samples.collect(),
        rate: sound.rate,
    }
}

/// The smallest value within reach of each. The candidates wait in a queue, the smallest in front. A new value first
/// removes the candidates at the end that are not smaller, because it stays within reach longer than they do.
fn smallest_around(values: &[f32], reach: usize) -> Vec<f32> {
    let mut candidates: VecDeque<usize> = VecDeque::new();
    let mut next = 0;
    let smallest = (0..values.len()).map(|at| {
        while next < values.len() && next <= at + reach {
            while candidates
                .back()
                .is_some_and(|last| values[*last] >= values[next])
            {
                candidates.pop_back();
            }
            candidates.push_back(next);
            next += 1;
        }
        while candidates.front().is_some_and(|first| first + reach < at) {
            candidates.pop_front();
        }
        values[candidates[0]]
    });
    smallest.collect()
}

/// The mean within reach of each, as a difference of sums.
fn mean_around(values: &[f32], reach: usize) -> Vec<f32> {
    let mut sums = vec![0.0];
    let mut sum = 0.0;
    for value in values {
        sum += f64::from(*value);
        sums.push(sum);
    }
    let mean = |at: usize| {
        let (from, to) = (at.saturating_sub(reach), (at + reach + 1).min(values.len()));
        ((sums[to] - sums[from]) / (to - from) as f64) as f32
    };
    (0..values.len()).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::{PI, TAU};

    /// A vowel of a kind: a tone with a few harmonics that swells and fades.
    fn word(loudness: f32, before: u32, after: u32) -> Sound {
        let rate = 22_050;
        let mut sound = Sound {
            samples: Vec::new(),
            rate,
        };
        sound.samples = vec![0.0; sound.to_samples(before)];
        let length = sound.to_samples(300);
        sound.samples.extend((0..length).map(|n| {
            let time = n as f32 / rate as f32;
            let voice = (1..12).map(|h| (time * TAU * 120.0 * h as f32).sin() / h as f32);
            let swell = (n as f32 / length as f32 * PI).sin();
            voice.sum::<f32>() * swell * loudness
        }));
        let silence = sound.to_samples(after);
        sound.samples.extend(vec![0.0; silence]);
        sound
    }

    #[test]
    fn a_clip_is_made_as_loud_as_all_others_whatever_it_was() {
        for loudness in [0.01, 0.1, 0.5] {
            let level = measure(&levelled(&word(loudness, 44, 390)).unwrap()).unwrap();
            assert!((level.loudness - LOUDNESS).abs() < 0.5, "{level:?}");
            assert!(level.peak <= PEAK_HIGHEST, "{level:?}");
            assert!(
                level.lead <= LEAD_LONGEST && level.tail <= TAIL_LONGEST,
                "{level:?}"
            );
        }
    }

    #[test]
    fn silence_around_a_word_is_measured() {
        let level = measure(&word(0.3, 200, 390)).unwrap();
        assert!((195..=215).contains(&level.lead), "{level:?}");
        assert!((385..=405).contains(&level.tail), "{level:?}");
    }

    #[test]
    fn the_limiter_looks_as_far_as_it_says() {
        let values = [1.0, 1.0, 0.4, 1.0, 1.0, 0.2, 1.0];
        assert_eq!(
            smallest_around(&values, 1),
            [1.0, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2]
        );
        assert_eq!(smallest_around(&values, 9), [0.2; 7]);
        assert_eq!(mean_around(&[1.0, 0.0, 0.5], 1), [0.5, 0.5, 0.25]);
    }

    #[test]
    fn nobody_speaks_in_silence() {
        assert_eq!(measure(&word(0.0, 100, 100)), None);
        assert_eq!(levelled(&word(0.000_1, 100, 100)), None);
    }
}
