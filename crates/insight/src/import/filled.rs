//! The limits of an import file.

/// The most rows of a file, without its header.
pub(super) const MOST_ROWS: usize = 500_000;
/// The most bytes of a file: 100 MB in the narrowest sense.
pub(super) const MOST_BYTES: usize = 100_000_000;

/// The size of an import file so far.
#[derive(Clone, Copy, Debug)]
pub struct Filled {
    rows: usize,
    bytes: usize,
}

impl Filled {
    /// A file that holds its header only.
    pub fn with_header(header: &str) -> Self {
        Filled {
            rows: 0,
            bytes: header.len() + 1,
        }
    }

    /// Adds a row if the file can hold it.
    pub fn add(&mut self, line: &str) -> bool {
        let bytes = self.bytes + line.len() + 1;
        let fits = self.rows < MOST_ROWS && bytes <= MOST_BYTES;
        if fits {
            *self = Filled {
                rows: self.rows + 1,
                bytes,
            };
        }
        fits
    }
}
