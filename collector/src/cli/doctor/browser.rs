//! A page as a browser leaves it once its own scripts have run.

use super::{LONGEST_PAGE, not_too_long};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use url::Url;

/// For the page to be loaded and drawn, by the clock of its scripts, which runs ahead where they only wait.
const PAGE_TIME: Duration = Duration::from_secs(10);

/// For all of it, by the clock on the wall.
const PATIENCE: Duration = Duration::from_mins(1);

/// What stands in the page once its scripts have run, as HTML. `program` is Chromium or one of its kind, with options of
/// its own behind it.
///
/// # Errors
/// Why the browser does not tell, and what to do.
pub(super) async fn draw(program: &str, url: &Url) -> Result<String, String> {
    let mut words = program.split_ascii_whitespace();
    let name = words.next().unwrap_or_default();
    // A profile of its own, which goes with it: nothing of who runs this is shown to the page.
    let profile = tempfile::tempdir().map_err(|error| format!("cannot make a folder for {name}: {error}"))?;
    let mut browser = Command::new(name);
    browser
        .args(words)
        .args([
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--dump-dom",
        ])
        .arg(format!("--virtual-time-budget={}", PAGE_TIME.as_millis()))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(url.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let browser = browser.spawn().map_err(|error| {
        format!(
            "cannot start {name}: {error}; give the path of Chromium or of a browser of its kind, or leave out --browser"
        )
    })?;
    let (status, page, said) = tokio::time::timeout(PATIENCE, hear(browser))
        .await
        .map_err(|_| format!("{name} took longer than {} s for {url}; try again", PATIENCE.as_secs()))?
        .map_err(|error| format!("{name} shows nothing of {url}: {error}"))?;
    if status.success() && !page.is_empty() {
        return Ok(String::from_utf8_lossy(&page).into_owned());
    }
    let said = String::from_utf8_lossy(&said);
    let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    let advice = if said.contains("--no-sandbox") {
        format!(
            "run this as another user than root, or give --browser \"{name} --no-sandbox\" for a page that you trust"
        )
    } else {
        "look whether it opens the page by hand".to_owned()
    };
    Err(format!("{name} shows nothing of {url}: {}; {advice}", last.trim()))
}

/// How a browser ended, the page that it wrote and the beginning of what it complained of. It is stopped where the page
/// is too long: scripts can make one without end.
async fn hear(mut browser: Child) -> std::io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let (page, said) = (browser.stdout.take(), browser.stderr.take());
    let page = async {
        let mut bytes = Vec::new();
        if let Some(page) = page {
            page.take(LONGEST_PAGE + 1).read_to_end(&mut bytes).await?;
        }
        not_too_long(&bytes)?;
        Ok::<_, std::io::Error>(bytes)
    };
    let said = async {
        let mut bytes = Vec::new();
        if let Some(mut said) = said {
            (&mut said).take(LONGEST_PAGE).read_to_end(&mut bytes).await?;
            tokio::io::copy(&mut said, &mut tokio::io::sink()).await?;
        }
        Ok::<_, std::io::Error>(bytes)
    };
    let (page, said) = tokio::try_join!(page, said)?;
    Ok((browser.wait().await?, page, said))
}
