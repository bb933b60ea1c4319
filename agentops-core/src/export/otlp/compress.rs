//! Compression of request bodies (features `gzip` and `zstd`).

use std::io;

use crate::config::Packing;

/// Returns the content encoding of a compressed body.
pub(super) fn encoding(packing: Packing) -> &'static str {
    match packing {
        Packing::Gzip => "gzip",
        Packing::Zstd => "zstd",
    }
}

#[cfg(any(feature = "gzip", feature = "zstd"))]
pub(super) fn pack(body: &[u8], packing: Packing) -> io::Result<Vec<u8>> {
    match packing {
        #[cfg(feature = "gzip")]
        Packing::Gzip => {
            let mut packed =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            io::Write::write_all(&mut packed, body)?;
            packed.finish()
        }
        #[cfg(feature = "zstd")]
        Packing::Zstd => zstd::bulk::compress(body, 0),
        #[cfg(not(all(feature = "gzip", feature = "zstd")))]
        _ => Err(unable(packing)),
    }
}

#[cfg(not(any(feature = "gzip", feature = "zstd")))]
pub(super) fn pack(_: &[u8], packing: Packing) -> io::Result<Vec<u8>> {
    Err(unable(packing))
}

/// Returns the error of an unsupported compression. Unreachable: the configuration rejects it.
#[cfg(not(all(feature = "gzip", feature = "zstd")))]
fn unable(packing: Packing) -> io::Error {
    io::Error::other(format!("this build cannot compress with {}", encoding(packing)))
}

#[cfg(all(test, feature = "gzip", feature = "zstd"))]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn pack_shrinks_body_and_round_trips() {
        let body = b"span ".repeat(1_000);
        let [gzip, zstd] =
            [Packing::Gzip, Packing::Zstd].map(|packing| pack(&body, packing).unwrap());
        assert!(gzip.len() < 100 && zstd.len() < 100);
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, body);
        assert_eq!(zstd::bulk::decompress(&zstd, body.len()).unwrap(), body);
    }
}
