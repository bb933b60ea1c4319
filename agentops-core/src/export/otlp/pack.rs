//! The body of a request, packed (features `gzip` and `zstd`).

use std::io;

use crate::config::Compression;

/// What a request says of a body that is packed.
pub(super) fn encoding(compression: Compression) -> &'static str {
    match compression {
        Compression::Gzip => "gzip",
        Compression::Zstd => "zstd",
    }
}

#[cfg(any(feature = "gzip", feature = "zstd"))]
pub(super) fn pack(body: &[u8], compression: Compression) -> io::Result<Vec<u8>> {
    match compression {
        #[cfg(feature = "gzip")]
        Compression::Gzip => {
            let mut packed =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            io::Write::write_all(&mut packed, body)?;
            packed.finish()
        }
        #[cfg(feature = "zstd")]
        Compression::Zstd => zstd::bulk::compress(body, 0),
        #[cfg(not(all(feature = "gzip", feature = "zstd")))]
        _ => Err(unable(compression)),
    }
}

#[cfg(not(any(feature = "gzip", feature = "zstd")))]
pub(super) fn pack(_: &[u8], compression: Compression) -> io::Result<Vec<u8>> {
    Err(unable(compression))
}

/// The configuration refuses what this build cannot do; so nobody gets here.
#[cfg(not(all(feature = "gzip", feature = "zstd")))]
fn unable(compression: Compression) -> io::Error {
    io::Error::other(format!("this build cannot compress with {}", encoding(compression)))
}

#[cfg(all(test, feature = "gzip", feature = "zstd"))]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_is_packed_is_smaller_and_comes_back_as_it_was() {
        let body = b"span ".repeat(1_000);
        let [gzip, zstd] =
            [Compression::Gzip, Compression::Zstd].map(|it| pack(&body, it).unwrap());
        assert!(gzip.len() < 100 && zstd.len() < 100);
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, body);
        assert_eq!(zstd::bulk::decompress(&zstd, body.len()).unwrap(), body);
    }
}
