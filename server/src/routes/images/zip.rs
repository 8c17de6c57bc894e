//! Zip files without compression: PNGs do not shrink any further.
use bytes::Bytes;
use chrono::{DateTime, Datelike, Timelike, Utc};

const VERSION: u16 = 20;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;

/// The format's time and date, to two seconds; in UTC, since it has no place for a time zone. It knows the years 1980
/// to 2107.
fn dos_time(moment: DateTime<Utc>) -> [u16; 2] {
    let narrow = |value: u32| u16::try_from(value).unwrap_or_default();
    let year = u16::try_from(moment.year().clamp(1980, 2107) - 1980).unwrap_or_default();
    let time = (narrow(moment.hour()) << 11) | (narrow(moment.minute()) << 5) | (narrow(moment.second()) / 2);
    [time, (year << 9) | (narrow(moment.month()) << 5) | narrow(moment.day())]
}

/// Writes entries one by one and the directory at the end.
#[derive(Debug, Default)]
pub(super) struct Zip {
    directory: Vec<u8>,
    entries: u16,
    offset: u32,
}

impl Zip {
    /// The bytes of an entry; `None` once the format's limits (65,535 entries, 4 GB) are reached.
    pub(super) fn entry(&mut self, name: &str, data: &Bytes, changed: DateTime<Utc>) -> Option<[Bytes; 2]> {
        let size = u32::try_from(data.len()).ok()?;
        let length = u16::try_from(name.len()).ok()?;
        let entries = self.entries.checked_add(1)?;
        let mut header = Vec::new();
        header.extend(b"PK\x03\x04");
        let mut common = Vec::new();
        let [time, date] = dos_time(changed);
        for value in [VERSION, FLAGS, 0, time, date] {
            common.extend(value.to_le_bytes());
        }
        for value in [crc32(data), size, size] {
            common.extend(value.to_le_bytes());
        }
        common.extend(length.to_le_bytes());
        common.extend(0_u16.to_le_bytes());
        header.extend(&common);
        header.extend(name.as_bytes());
        let end = self.offset.checked_add(u32::try_from(header.len()).ok()?)?.checked_add(size)?;

        self.directory.extend(b"PK\x01\x02");
        self.directory.extend(VERSION.to_le_bytes());
        self.directory.extend(&common);
        self.directory.extend([0; 10]);
        self.directory.extend(self.offset.to_le_bytes());
        self.directory.extend(name.as_bytes());
        (self.entries, self.offset) = (entries, end);
        Some([header.into(), data.clone()])
    }

    /// The directory, which ends the file.
    pub(super) fn finish(mut self) -> Bytes {
        let size = u32::try_from(self.directory.len()).unwrap_or(u32::MAX);
        self.directory.extend(b"PK\x05\x06");
        self.directory.extend([0; 4]);
        self.directory.extend(self.entries.to_le_bytes());
        self.directory.extend(self.entries.to_le_bytes());
        self.directory.extend(size.to_le_bytes());
        self.directory.extend(self.offset.to_le_bytes());
        self.directory.extend([0; 2]);
        self.directory.into()
    }
}

/// CRC-32 as in PNG and zip.
fn crc32(data: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut index = 0;
        while index < 256 {
            let mut value = index as u32;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { 0xEDB8_8320 ^ (value >> 1) } else { value >> 1 };
                bit += 1;
            }
            table[index] = value;
            index += 1;
        }
        table
    };
    !data.iter().fold(u32::MAX, |crc, &byte| TABLE[((crc ^ u32::from(byte)) & 0xFF) as usize] ^ (crc >> 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_standard_comes_out() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn the_directory_points_at_every_entry() {
        let mut zip = Zip::default();
        let moment = "2026-11-25T18:50:31Z".parse().unwrap();
        let first = zip.entry("general/a.png", &Bytes::from_static(b"one"), moment).unwrap().concat();
        let second = zip.entry("general/b.png", &Bytes::from_static(b"two"), moment).unwrap().concat();
        let all = [first.clone(), second, zip.finish().to_vec()].concat();
        let end = all.len() - 22;
        assert_eq!(&all[end..end + 4], b"PK\x05\x06");
        assert_eq!(u16::from_le_bytes([all[end + 10], all[end + 11]]), 2);
        let directory = u32::from_le_bytes(all[end + 16..end + 20].try_into().unwrap()) as usize;
        assert_eq!(&all[directory..directory + 4], b"PK\x01\x02");
        assert_eq!(&all[first.len()..first.len() + 4], b"PK\x03\x04");
        assert_eq!(dos_time(moment), [(18 << 11) | (50 << 5) | 15, (46 << 9) | (11 << 5) | 25]);
        assert_eq!(&first[10..14], [0x4F, 0x96, 0x79, 0x5D]);
    }
}
