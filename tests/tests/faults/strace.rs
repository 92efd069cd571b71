//! What a program asks of the kernel, in order, as `strace` sees it.
//!
//! The order can be relied upon where it matters: a call is noted before it is carried out, and noted as ended before
//! the program goes on. What is noted as ended before another call began was done before that call did anything.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::process::Process;
use tests::wait;

/// More than a page of the database, which a write shows in full.
const LONGEST_DATA: &str = "8192";

/// A program that runs under the eyes of `strace`.
pub(crate) struct Watched {
    process: Process,
    log: PathBuf,
}

/// A system call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    /// Its arguments, files named, and what it returned.
    pub(crate) text: String,
    /// Its place in the order of all beginnings and ends.
    pub(crate) begun: usize,
    pub(crate) ended: usize,
}

impl Watched {
    /// Starts `command`, noting these calls of all its threads.
    pub(crate) fn start(command: &Command, calls: &str, directory: &Path) -> Self {
        let log = directory.join("strace.log");
        let mut strace = Command::new("strace");
        // Behind the program, not before it, so that signals meet the program; files and connections named; every byte.
        strace.args(["-D", "-f", "-yy", "-s", LONGEST_DATA, "-e", &format!("trace={calls}"), "-o"]);
        strace.arg(&log).arg("--").arg(command.get_program()).args(command.get_args());
        strace.current_dir(directory);
        let hint = "`cargo xtask test` installs strace; `apt install strace` does it by hand";
        Self { process: Process::start("watched", &mut strace, directory, hint), log }
    }

    /// The first line of its standard output, once it is there.
    pub(crate) async fn first_line(&self) -> String {
        wait::until("a line on standard output", async || {
            let stdout = self.process.stdout();
            stdout.split_once('\n').map(|(line, _)| line.to_owned()).ok_or_else(|| self.process.stderr())
        })
        .await
    }

    /// Stops the program and returns what it did.
    pub(crate) async fn calls(self) -> Vec<Call> {
        let program = self.process.id().to_string();
        let status = self.process.terminate(std::time::Duration::from_secs(30));
        assert!(status.success(), "{status}");
        let log = wait::until("the end of strace's log", async || {
            let log = String::from_utf8_lossy(&std::fs::read(&self.log).unwrap()).into_owned();
            let last = log.lines().last().and_then(|line| line.split_once(' '));
            let is_whole =
                last.is_some_and(|(thread, what)| thread == program && what.contains("+++ exited"));
            if is_whole { Ok(log) } else { Err("more to come") }
        })
        .await;
        parse(&log)
    }
}

impl Call {
    /// The file or connection that it is about, as `12</tmp/avis.db-wal>`.
    pub(crate) fn file(&self) -> &str {
        let end = self.text.find(['>', ',', ')']).map_or(self.text.len(), |end| {
            // The two ends of a connection are written with an arrow.
            match self.text[end..].strip_prefix('>') {
                Some(_) if self.text[..end].ends_with('-') => {
                    self.text[end + 1..].find('>').map_or(self.text.len(), |further| end + 1 + further)
                }
                _ => end,
            }
        });
        &self.text[..end]
    }

    /// The first bytes of what it wrote.
    pub(crate) fn data(&self, count: usize) -> Vec<u8> {
        let mut rest = self.text.split_once('"').map_or("", |(_, data)| data).chars().peekable();
        let mut bytes = Vec::new();
        while bytes.len() < count
            && let Some(character) = rest.next().filter(|character| *character != '"')
        {
            let escaped = if character == '\\' { rest.next() } else { None };
            let byte = match escaped {
                None => u32::from(character),
                Some(digit @ '0'..='7') => {
                    let mut byte = u32::from(digit) - u32::from('0');
                    // One to three digits, no more than it takes.
                    for _ in 0..2 {
                        let Some(digit) = rest.peek().and_then(|digit| digit.to_digit(8)) else { break };
                        byte = byte * 8 + digit;
                        rest.next();
                    }
                    byte
                }
                Some('n') => 10,
                Some('t') => 9,
                Some('r') => 13,
                Some('v') => 11,
                Some('f') => 12,
                Some(itself) => u32::from(itself),
            };
            bytes.push(u8::try_from(byte).unwrap());
        }
        bytes
    }

    /// What it returned: of a write, how many bytes.
    pub(crate) fn result(&self) -> i64 {
        let result = self.text.rsplit_once(" = ").and_then(|(_, result)| result.split(' ').next());
        result.and_then(|result| result.parse().ok()).unwrap_or(-1)
    }

    pub(crate) fn has_succeeded(&self) -> bool {
        self.result() >= 0
    }
}

/// Puts together what stands on two lines because other threads were at work meanwhile.
fn parse(log: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut under_way: HashMap<&str, (String, String, usize)> = HashMap::new();
    for (place, line) in log.lines().enumerate() {
        let Some((thread, what)) = line.split_once(' ') else { continue };
        let what = what.trim_start();
        if let Some(resumed) = what.strip_prefix("<... ") {
            let rest = resumed.split_once(" resumed>").map_or("", |(_, rest)| rest);
            if let Some((name, start, begun)) = under_way.remove(thread) {
                calls.push(Call { name, text: start + rest, begun, ended: place });
            }
        } else if let Some((name, text)) = what.split_once('(') {
            match text.strip_suffix(" <unfinished ...>") {
                Some(start) => _ = under_way.insert(thread, (name.to_owned(), start.to_owned(), place)),
                None => {
                    calls.push(Call {
                        name: name.to_owned(),
                        text: text.to_owned(),
                        begun: place,
                        ended: place,
                    });
                }
            }
        }
    }
    calls.sort_by_key(|call| call.begun);
    calls
}

#[test]
fn a_call_is_read_with_its_file_whether_it_stands_on_one_line_or_two() {
    let calls = parse(
        "7 pwrite64(9</tmp/a.db-wal>, \"x\", 1, 0) = 1\n\
         7 fdatasync(9</tmp/a.db-wal> <unfinished ...>\n\
         8 sendto(11<TCP:[127.0.0.1:80->127.0.0.1:999]>, \"HTTP/1.1 201\", 12, 0, NULL, 0) = 12\n\
         7 <... fdatasync resumed>) = 0\n\
         9 +++ exited with 0 +++\n",
    );
    let read: Vec<_> =
        calls.iter().map(|call| (call.name.as_str(), call.file(), call.begun, call.ended)).collect();
    let connection = "11<TCP:[127.0.0.1:80->127.0.0.1:999]";
    assert_eq!(
        read,
        [
            ("pwrite64", "9</tmp/a.db-wal", 0, 0),
            ("fdatasync", "9</tmp/a.db-wal", 1, 3),
            ("sendto", connection, 2, 2)
        ]
    );
    assert_eq!(calls.iter().map(Call::result).collect::<Vec<_>>(), [1, 0, 12]);
}

#[test]
fn the_data_of_a_call_are_its_bytes() {
    let calls = parse(r#"7 pwrite64(9</tmp/a.db-wal>, "\0\2\0018\377\n\"\\ab", 9, 0) = 9"#);
    assert_eq!(calls[0].data(4), [0, 2, 1, b'8']);
    assert_eq!(calls[0].data(100), [0, 2, 1, b'8', 255, b'\n', b'"', b'\\', b'a', b'b']);
}
