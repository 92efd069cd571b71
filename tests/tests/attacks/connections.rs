//! Connections that are opened and not used as they should be.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use collector::file_limit;
use tests::wait;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::raw::{Answers, avis, connect, get, send, summed, until_the_end};
use crate::siege::{Siege, connections};
use crate::sized;

/// Between two bytes of somebody who has time.
const PAUSE: Duration = Duration::from_secs(1);

/// How many do the same thing at once, each telling what became of it.
async fn many<F: Future<Output = String> + Send + 'static>(count: usize, one: impl Fn(usize) -> F) -> String {
    let mut all = JoinSet::new();
    for number in 0..count {
        all.spawn(one(number));
        // A machine opens as many in a moment, and a whole wave at once only measures the kernel's queue.
        if number % 500 == 499 {
            sleep(Duration::from_millis(50)).await;
        }
    }
    summed(all.join_all().await)
}

/// Sends what is begun at once, then a byte a second until the other side has enough. Tells its answer and how long it
/// took, in whole seconds.
async fn drip(to: SocketAddr, at_once: String, slowly: &'static str) -> String {
    let mut stream = match connect(to).await {
        Ok(stream) => stream,
        Err(error) => return format!("not connected: {error}"),
    };
    let begun = Instant::now();
    stream.write_all(at_once.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let dripping = tokio::spawn(async move {
        for byte in slowly.bytes().cycle() {
            if writer.write_all(&[byte]).await.is_err() {
                break;
            }
            sleep(PAUSE).await;
        }
    });
    let mut answer = vec![];
    let ended =
        timeout(Duration::from_secs(40), tokio::io::AsyncReadExt::read_to_end(&mut reader, &mut answer))
            .await;
    dripping.abort();
    let after = begun.elapsed().as_secs();
    match (ended, (Answers { bytes: answer }).statuses().first()) {
        (Err(_), _) => "still connected".to_owned(),
        (Ok(_), Some(status)) => format!("{status} after {after} s"),
        (Ok(_), None) => format!("hung up after {after} s"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_headers_are_not_waited_for() {
    let count = sized(1_000, 4_000);
    let siege = Siege::begin(&format!("slow headers, {count} connections of a byte a second")).await;
    let to = siege.address();

    let outcome =
        many(count, |_| drip(to, "GET /avis/3059 HTTP/1.1\r\nHost: a\r\nX-".to_owned(), "slow")).await;

    let told = outcome.split(", ").all(|outcome| outcome.contains("× 408 after"));
    assert!(told, "{outcome}");
    siege.end(&outcome).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_bodies_are_told_so() {
    let count = sized(500, 4_000);
    let siege = Siege::begin(&format!("slow bodies, {count} connections of a byte a second")).await;
    let to = siege.address();
    let head = "POST /api/v1/avis HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n";

    let outcome = many(count, |number| {
        // From addresses of their own: the limits of one would end the attack before it begins.
        let [_, _, a, b] = u32::try_from(number).unwrap().to_be_bytes();
        drip(to, head.replace("\r\nHost", &format!("\r\nX-Forwarded-For: 198.18.{a}.{b}\r\nHost")), " ")
    })
    .await;

    let told = outcome.split(", ").all(|outcome| outcome.contains("× 408 after"));
    assert!(told, "{outcome}");
    siege.end(&outcome).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_no_more_is_answered_and_let_go() {
    let count = sized(500, 4_000);
    let siege =
        Siege::begin(&format!("half-closed sockets, {count} with a request and as many with half of one"))
            .await;
    let to = siege.address();
    let half = |text: String| async move {
        let mut stream = match connect(to).await {
            Ok(stream) => stream,
            Err(error) => return format!("not connected: {error}"),
        };
        stream.write_all(text.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        match until_the_end(&mut stream).await {
            None => "still connected".to_owned(),
            Some(answers) => format!("{:?}", answers.statuses()),
        }
    };

    let outcome = many(2 * count, |number| {
        let whole = get("/health/live");
        half(if number % 2 == 0 { whole } else { whole[..30].to_owned() })
    })
    .await;

    assert!(outcome.contains(&format!("{count} × [200]")), "{outcome}");
    assert!(!outcome.contains("connected"), "{outcome}");
    siege.end(&outcome).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_idle_connections_turn_nobody_away() {
    let count = 10_000;
    let siege = Siege::begin(&format!("{count} connections that say nothing")).await;
    let to = siege.address();
    let held = |request: Option<String>| async move {
        let mut stream: TcpStream = match connect(to).await {
            Ok(stream) => stream,
            Err(error) => return format!("not connected: {error}"),
        };
        let begun = Instant::now();
        if let Some(request) = request {
            stream.write_all(request.as_bytes()).await.unwrap();
        }
        match until_the_end(&mut stream).await {
            None => "still connected".to_owned(),
            // The exact second is the machine's: what counts is that it comes.
            Some(answers) => format!(
                "{:?} and hung up within {} s",
                answers.statuses(),
                begun.elapsed().as_secs().next_multiple_of(10)
            ),
        }
    };
    let pid = siege.collector.pid();
    let mut most = 0;
    let watching = async {
        loop {
            most = most.max(connections(pid));
            sleep(Duration::from_millis(100)).await;
        }
    };

    // Half of them have been served and might say more.
    let idle = many(count, |number| held((number % 2 == 0).then(|| get("/health/live"))));
    let outcome = tokio::select! {
        outcome = idle => outcome,
        () = watching => unreachable!(),
    };

    assert!(!outcome.contains("connected"), "{outcome}");
    assert!(!outcome.contains("hung up within 0 s"), "hung up on at once: {outcome}");
    // As many as there may be; a slow machine is still opening the last when the first are let go.
    let limit = file_limit::connections();
    assert!(most >= count.min(limit) / 2, "{most} held at once, of {count}, where there may be {limit}");
    siege.end(&format!("{outcome}; {most} sockets at once")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_reads_an_answer_holds_no_other_up() {
    let count = sized(200, 1_000);
    let siege = Siege::begin(&format!("answers that nobody reads, {count} connections")).await;
    let to = siege.address();

    // The largest file there is.
    let loader = send(to, get("/v1/avis.js").as_bytes()).await.only().body;
    let (before, _) = loader.split_once(".wasm").unwrap();
    let wasm = before.rsplit(['"', '\'', '`', '/']).next().unwrap();
    // More than both kernels hold for them: some 9 MB of answers.
    let many = get(&format!("/v1/{wasm}.wasm")).repeat(60);
    let mut unread = Vec::new();
    for _ in 0..count {
        let mut stream = connect(to).await.unwrap();
        let _ = timeout(Duration::from_millis(20), stream.write_all(many.as_bytes())).await;
        unread.push(stream);
    }
    sleep(Duration::from_secs(3)).await;
    let pid = siege.collector.pid();
    let held = connections(pid);
    assert!(held >= count, "{held} held, {count} unread");
    let until = if tests::faults_run_long() {
        let given_up = async || if connections(pid) < count / 2 { Ok(()) } else { Err("still held") };
        wait::until_within(Duration::from_mins(2), "the collector to give them up", given_up).await;
        "given up"
    } else {
        "gone"
    };
    drop(unread);

    siege.end(&format!("{held} sockets held until they are {until}")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_writes_from_one_address_is_refused_and_from_others_is_not() {
    let count = sized(3_000, 30_000);
    let siege = Siege::begin(&format!("{count} avis from one address")).await;
    let to = siege.address();

    let each = count / 20;
    let mut senders = JoinSet::new();
    for _ in 0..20 {
        senders.spawn(async move {
            let all: String = (0..each).map(|_| avis("X-Forwarded-For: 198.51.100.7\r\n")).collect();
            let answers = send(to, all.as_bytes()).await;
            answers.statuses().iter().map(ToString::to_string).collect::<Vec<_>>()
        });
    }
    let outcome = summed(senders.join_all().await.into_iter().flatten());

    assert!(outcome.contains("× 429") && outcome.contains("× 201"), "{outcome}");
    siege.end(&outcome).await;
}
