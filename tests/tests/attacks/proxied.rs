//! Requests that nginx and a collector might read in two ways, through the site of `deploy`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tests::collector::DEMARCHE;
use tests::{Nginx, TestCollector, wait};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::raw::{Answers, avis, get, get_alone, send_and_stay, summed};
use crate::siege::Siege;

async fn listening(nginx: &Nginx) -> SocketAddr {
    wait::until("nginx", async || TcpStream::connect(nginx.address()).await).await;
    nginx.address()
}

const POST: &str =
    "POST /api/v1/avis HTTP/1.1\r\nHost: avis.example.fr\r\nContent-Type: application/json\r\n";

/// Shapes that have made a proxy and what is behind it disagree, around a request.
fn shapes(inner: &str) -> Vec<(&'static str, String)> {
    let length = inner.len();
    let te =
        |name: &str, value: &str| format!("{POST}{name}{value}\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{inner}");
    vec![
        (
            "CL.TE",
            format!(
                "{POST}Content-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
                length + 5
            ),
        ),
        (
            "TE.CL",
            format!(
                "{POST}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{length:x}\r\n{inner}\r\n0\r\n\r\n"
            ),
        ),
        (
            "TE.TE, twice",
            format!(
                "{POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{inner}"
            ),
        ),
        ("TE.TE, xchunked", te("Transfer-Encoding: ", "xchunked")),
        ("TE.TE, a space before the colon", te("Transfer-Encoding : ", "chunked")),
        ("TE.TE, a tab", te("Transfer-Encoding:\t", "chunked")),
        ("TE.TE, a vertical tab", te("Transfer-Encoding: ", "\u{b}chunked")),
        ("TE.TE, folded", te("Transfer-Encoding:\r\n ", "chunked")),
        ("TE.TE, in another case", te("tRANSFER-eNCODING: ", "cHUNKED")),
        (
            "TE.TE, an underscore",
            format!(
                "{POST}Transfer_Encoding: chunked\r\nContent-Length: {}\r\n\r\n0\r\n\r\n{inner}",
                length + 5
            ),
        ),
        ("TE.TE, a list", te("Transfer-Encoding: ", "chunked, chunked")),
        ("TE.TE, behind a line feed", te("X-A: b\nTransfer-Encoding: ", "chunked")),
        ("lengths twice", format!("{POST}Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{inner}")),
        (
            "a length with an underscore",
            format!("{POST}Content_Length: {length}\r\nContent-Length: {length}\r\n\r\n{inner}"),
        ),
        ("a length with a plus", format!("{POST}Content-Length: +{length}\r\n\r\n{inner}")),
        (
            "an upgrade",
            format!(
                "{POST}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: {length}\r\n\r\n{inner}"
            ),
        ),
        (
            "a length that is hop by hop",
            format!("{POST}Connection: close, Content-Length\r\nContent-Length: {length}\r\n\r\n{inner}"),
        ),
        (
            "a GET with a request in it",
            format!("GET /api/v1/demarches HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{inner}"),
        ),
        (
            "a HEAD with a request in it",
            format!(
                "HEAD /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{inner}"
            ),
        ),
        (
            "a chunk with a long extension",
            format!(
                "{POST}Transfer-Encoding: chunked\r\n\r\n{length:x};{}\r\n{inner}\r\n0\r\n\r\n",
                "a".repeat(2_000)
            ),
        ),
        (
            "trailers",
            format!(
                "{POST}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{inner}\r\n0\r\nContent-Length: 3\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"
            ),
        ),
        (
            "a return and a line feed in the path",
            get(&format!(
                "/nowhere%0d%0a%0d%0a{}",
                inner.replace("\r\n", "%0d%0a").replace(' ', "%20").replace('"', "%22")
            )),
        ),
        (
            "HTTP/1.0 with chunks",
            format!("{}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}", POST.replace("1.1", "1.0")),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_smuggled_past_nginx() {
    let siege = Siege::begin("smuggling through nginx").await;
    let nginx = Nginx::before(&siege.collector);
    let to = listening(&nginx).await;

    // nginx answers this one itself, and then hangs up: what comes before is all that the shape was answered.
    let last = get_alone("/health/live");
    let mut outcomes = Vec::new();
    for (shape, bytes) in &shapes(&avis("")) {
        let is_head = bytes.starts_with("HEAD");
        let answers =
            send_and_stay(to, if is_head { bytes.clone() } else { bytes.clone() + &last }.as_bytes()).await;
        if is_head {
            // Its answer says the length of a body that does not come.
            let text = String::from_utf8_lossy(&answers.bytes);
            assert!(text.starts_with("HTTP/1.1 404 ") && text.matches("HTTP/1.1 ").count() == 1, "{text}");
            outcomes.push("404".to_owned());
        } else {
            let mut each = answers.each();
            if each.len() > 1 {
                let last = each.pop().unwrap();
                assert!(last.status == 404 && last.body.contains("nginx"), "{shape}: {answers:?}");
            }
            assert_eq!(each.len(), 1, "{shape}: {answers:?}");
            outcomes.push(each[0].status.to_string());
        }
        // Whoever comes next over the same connections gets what they asked for.
        for number in 0..4 {
            let asked = ["/api/v1/demarches/3059", "/schemas/satisfaction.json"][number % 2];
            let answer = send_and_stay(to, get_alone(asked).as_bytes()).await.only();
            let own = ["\"id\":\"3059\"", "\"fields\""][number % 2];
            assert!(answer.status == 200 && answer.body.contains(own), "after {shape}: {answer:.600?}");
        }
    }
    let [hidden, ..] = siege.collector.smileys(DEMARCHE).await;
    assert_eq!(hidden, 0, "a request came out of another");

    siege.end(&format!("{} shapes: {}", outcomes.len(), summed(outcomes))).await;
}

/// What nginx answers to a client at this address.
async fn send_from(client: Ipv4Addr, to: SocketAddr, request: &str) -> Answers {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((client, 0).into()).unwrap();
    let mut stream = socket.connect(to).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answers = Answers::default();
    stream.read_to_end(&mut answers.bytes).await.unwrap();
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_count_the_address_that_nginx_saw() {
    const BURST: usize = 10;
    let burst = BURST.to_string();
    let collector = TestCollector::start_with(&[
        "--trusted-proxy",
        "127.0.0.1",
        "--limit-burst",
        &burst,
        "--limit-per-hour",
        "1",
    ])
    .await;
    let nginx = Nginx::before(&collector);
    let to = listening(&nginx).await;
    let [client, other] = [Ipv4Addr::new(127, 0, 0, 9), Ipv4Addr::new(127, 0, 1, 9)];
    let claims = |number: usize| {
        let claimed = IpAddr::from([198, 51, 100, u8::try_from(number).unwrap()]);
        avis(&format!(
            "X-Forwarded-For: {claimed}\r\nX_Forwarded_For: {claimed}\r\nX-Forwarded-For: {claimed}, 127.0.0.1\r\n\
             Forwarded: for={claimed}\r\nX-Real-IP: {claimed}\r\nConnection: close, X-Forwarded-For\r\n"
        ))
    };

    let mut statuses = Vec::new();
    for number in 0..2 * BURST {
        statuses.push(send_from(client, to, &claims(number)).await.only().status);
    }

    assert_eq!(statuses, [vec![201; BURST], vec![429; BURST]].concat());
    assert_eq!(send_from(other, to, &claims(0)).await.only().status, 201, "somebody else was refused");
}
