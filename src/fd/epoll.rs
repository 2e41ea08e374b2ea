//! What an epoll instance watches, by its fdinfo (fs/eventpoll.c, `ep_show_fdinfo`):
//!
//! ```text
//! tfd:        5 events: 8000201d data:     7f52d41e8f08  pos:0 ino:9 sdev:7
//! ```

/// The descriptors that are registered, each with its data.
pub fn registered(fdinfo: &str) -> impl Iterator<Item = (i32, u64)> {
    fdinfo.lines().filter_map(|line| {
        let mut words = line.strip_prefix("tfd:")?.split_whitespace();
        let fd = words.next()?.parse().ok()?;
        let data = words.skip_while(|w| *w != "data:").nth(1)?;
        Some((fd, u64::from_str_radix(data, 16).ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registrations_are_descriptors_with_their_data() {
        let text = "pos:\t0\nflags:\t02000002\n\
            tfd:        5 events: 8000201d data:     7f52d41e8f08  pos:0 ino:9 sdev:7\n\
            tfd:       12 events:       19 data: ffffffffffffffff  pos:0 ino:9 sdev:7\n\
            tfd: nonsense\n";
        let found: Vec<_> = registered(text).collect();
        assert_eq!(found, [(5, 0x7f52_d41e_8f08), (12, u64::MAX)]);
    }
}
