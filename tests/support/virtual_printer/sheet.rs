//! The paper that comes out, dot by dot, with a real Chinese font if one is installed.

use super::interpreter::Command;
use ab_glyph::{Font, FontVec, PxScale, ScaleFont, point};
use qrcode::{Color, EcLevel, QrCode};
use std::path::Path;
use std::sync::OnceLock;

const WHITE: u8 = 255;
const BLACK: u8 = 0;
/// Where Debian, Ubuntu and Fedora put them; the second is the face of the collection with Chinese forms.
const FONTS: [(&str, u32); 4] = [
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    (
        "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
        2,
    ),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
];

/// One paper: what is on it, and what it looks like.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Its text, line by line.
    pub lines: Vec<String>,
    /// What was sent for the QR code.
    pub code: Option<Vec<u8>>,
    /// It was cut, and nothing is missing from it.
    pub whole: bool,
    /// A line ran over the edge.
    pub overflowed: bool,
    /// Bytes that are no command.
    pub garbage: Vec<u8>,
    /// Everything it was made of.
    pub bytes: Vec<u8>,
    pub dots_used: u32,
    width: u32,
    picture: Vec<u8>,
    line: Vec<(char, u8, u8)>,
    align: u8,
    size: (u8, u8),
    spacing: u8,
    module: u8,
    data: Vec<u8>,
}

impl Sheet {
    pub fn new(width: u32) -> Sheet {
        Sheet {
            lines: Vec::new(),
            code: None,
            whole: false,
            overflowed: false,
            garbage: Vec::new(),
            bytes: Vec::new(),
            dots_used: 0,
            width,
            picture: Vec::new(),
            line: Vec::new(),
            align: 0,
            size: (1, 1),
            spacing: 30,
            module: 3,
            data: Vec::new(),
        }
    }

    /// How long it is.
    pub fn millimetres(&self) -> f64 {
        f64::from(self.dots_used) / 8.0
    }

    /// Whether a line of it is this.
    pub fn says(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.contains(text))
    }

    /// Does it, and answers how much paper that took.
    pub fn obeys(&mut self, command: Command, bytes: &[u8]) -> u32 {
        let before = self.dots_used;
        self.bytes.extend(bytes);
        match command {
            Command::Initialise => {
                self.line.clear();
                (self.align, self.size, self.spacing) = (0, (1, 1), 30);
            }
            Command::Chinese | Command::CodeOther | Command::Ask(_) => {}
            Command::Align(align) => self.align = align,
            Command::Size { wide, high } => self.size = (wide, high),
            Command::LineSpacing(dots) => self.spacing = dots,
            Command::FeedDots(dots) => self.feed(u32::from(dots)),
            Command::FeedLines(lines) => self.feed(u32::from(lines) * u32::from(self.spacing)),
            Command::LineFeed => self.print_line(),
            Command::Character(c) => self.line.push((c, self.size.0, self.size.1)),
            Command::CodeModule(module) => self.module = module,
            Command::CodeData(data) => self.data = data,
            Command::CodePrint => self.print_code(),
            Command::Cut => {}
            Command::Unknown(byte) => self.garbage.push(byte),
        }
        self.dots_used - before
    }

    fn feed(&mut self, dots: u32) {
        self.dots_used += dots;
        let size = self.dots_used as usize * self.width as usize;
        self.picture.resize(size, WHITE);
    }

    fn print_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let cell = |c: char, wide: u8| if c.is_ascii() { 12 } else { 24 } * u32::from(wide);
        let wide: u32 = line.iter().map(|(c, wide, _)| cell(*c, *wide)).sum();
        self.overflowed |= wide > self.width;
        let high = line.iter().map(|(_, _, high)| u32::from(*high) * 24).max();
        let top = self.dots_used;
        self.feed(u32::from(self.spacing).max(high.unwrap_or(0)));
        let mut x = self.indent(wide);
        for (c, wide, high) in &line {
            self.draw(*c, x, top, (cell(*c, *wide), u32::from(*high) * 24));
            x += cell(*c, *wide);
        }
        self.lines.push(line.iter().map(|(c, _, _)| c).collect());
    }

    fn indent(&self, wide: u32) -> u32 {
        match self.align {
            1 => self.width.saturating_sub(wide) / 2,
            2 => self.width.saturating_sub(wide),
            _ => 0,
        }
    }

    fn print_code(&mut self) {
        self.code = Some(self.data.clone());
        let code = QrCode::with_error_correction_level(&self.data, EcLevel::M).unwrap();
        let (side, module) = (code.width() as u32, u32::from(self.module));
        let left = self.indent(side * module);
        let top = self.dots_used;
        self.feed(side * module);
        for (index, color) in code.to_colors().into_iter().enumerate() {
            let (column, row) = (index as u32 % side, index as u32 / side);
            for dot in 0..module * module {
                let x = left + column * module + dot % module;
                let y = top + row * module + dot / module;
                if color == Color::Dark {
                    self.blacken(x, y);
                }
            }
        }
    }

    fn blacken(&mut self, x: u32, y: u32) {
        if x < self.width && y < self.dots_used {
            self.picture[(y * self.width + x) as usize] = BLACK;
        }
    }

    /// A character in its cell; a frame where there is no font.
    fn draw(&mut self, c: char, x: u32, y: u32, (wide, high): (u32, u32)) {
        if c == ' ' {
            return;
        }
        let Some(font) = font() else {
            for edge in 0..wide.min(high) {
                self.blacken(x + edge, y);
                self.blacken(x, y + edge);
            }
            return;
        };
        let em = font.height_unscaled() / font.units_per_em().unwrap_or(1000.0);
        let id = font.glyph_id(c);
        let natural = font.as_scaled(PxScale::from(high as f32 * em));
        let narrow = (wide as f32 / natural.h_advance(id)).min(if c.is_ascii() {
            wide as f32 * 2.0 / high as f32
        } else {
            wide as f32 / high as f32
        });
        let scale = PxScale {
            x: high as f32 * em * narrow,
            y: high as f32 * em,
        };
        let baseline = y as f32 + high as f32 * 0.88;
        let glyph = id.with_scale_and_position(scale, point(x as f32, baseline));
        let Some(outline) = font.outline_glyph(glyph) else {
            return;
        };
        let bounds = outline.px_bounds();
        let mut dots = Vec::new();
        outline.draw(|dx, dy, coverage| {
            if coverage > 0.45 {
                dots.push((
                    bounds.min.x as i64 + i64::from(dx),
                    bounds.min.y as i64 + i64::from(dy),
                ));
            }
        });
        for (dot_x, dot_y) in dots {
            if let (Ok(dot_x), Ok(dot_y)) = (u32::try_from(dot_x), u32::try_from(dot_y)) {
                self.blacken(dot_x, dot_y);
            }
        }
    }

    /// What a phone's camera reads off the paper.
    pub fn read_code(&self) -> Option<String> {
        let (width, height) = (self.width as usize, self.dots_used as usize);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            self.picture[y * width + x]
        });
        let grids = image.detect_grids();
        Some(grids.first()?.decode().ok()?.1)
    }

    /// For people to look at, with the margins of the paper.
    pub fn write_png(&self, path: &Path) -> std::io::Result<()> {
        let margin = if self.width == 384 { 40 } else { 32 };
        let (width, height) = (self.width + 2 * margin, self.dots_used + 16);
        let mut pixels = vec![WHITE; (width * height) as usize];
        for (y, row) in self.picture.chunks(self.width as usize).enumerate() {
            let start = (y + 8) * width as usize + margin as usize;
            pixels[start..start + row.len()].copy_from_slice(row);
        }
        let file = std::fs::File::create(path)?;
        let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), width, height);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().map_err(std::io::Error::other)?;
        writer
            .write_image_data(&pixels)
            .map_err(std::io::Error::other)
    }
}

fn font() -> Option<&'static FontVec> {
    static FONT: OnceLock<Option<FontVec>> = OnceLock::new();
    let read = || {
        FONTS.iter().find_map(|(path, face)| {
            let bytes = std::fs::read(path).ok()?;
            FontVec::try_from_vec_and_index(bytes, *face).ok()
        })
    };
    FONT.get_or_init(read).as_ref()
}
