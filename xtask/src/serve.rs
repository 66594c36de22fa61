//! A small static server for the built page: loopback only, GET and HEAD only.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::page::{self, Flavour};
use crate::project::Project;
use crate::report::Report;
use crate::shell::Trouble;

/// Longest request head we read, in bytes; browsers send about 1,000.
const HEAD_BYTES_MAX: u64 = 16 * 1024;

/// `cargo xtask serve`: takes the port first, so that a taken one is said before the long build.
pub fn command(project: &Project, port: u16) -> Result<(), Trouble> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        let advice = format!(
            "stop what uses it or run `cargo xtask serve --port {}`",
            other(port)
        );
        match error.kind() {
            io::ErrorKind::AddrInUse => Trouble::new(format!("port {port} is taken: {advice}")),
            _ => Trouble::new(format!(
                "cannot listen on 127.0.0.1:{port} ({error}): {advice}"
            )),
        }
    })?;
    page::build(project, Flavour::Released, &mut Report::new())?;
    let port = listener.local_addr().map_or(port, |address| address.port());
    println!("\nYurt is at http://127.0.0.1:{port}/ (Ctrl-C stops it)");
    let _ = io::stdout().flush();
    for stream in listener.incoming().flatten() {
        let folder = project.dist();
        // A thread a connection: a browser opens a handful, and each ends with its answer.
        thread::spawn(move || {
            // A browser that goes away in the middle is no trouble of ours.
            let _ = answer(stream, &folder);
        });
    }
    Ok(())
}

fn other(port: u16) -> u16 {
    port.checked_add(1).unwrap_or(8081)
}

/// Reads one request and writes its answer.
fn answer(stream: TcpStream, folder: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream.try_clone()?.take(HEAD_BYTES_MAX));
    let mut request_line = String::new();
    reader.read_line(&mut request_line)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut parts = request_line.split_whitespace();
    let (method, target) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let Response {
        status,
        kind,
        caching,
        body,
    } = respond(method, target, folder);
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         Cache-Control: {caching}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    if method != "HEAD" {
        stream.write_all(&body)?;
    }
    stream.flush()
}

struct Response {
    status: &'static str,
    kind: &'static str,
    caching: &'static str,
    body: Vec<u8>,
}

impl Response {
    fn plain(status: &'static str) -> Response {
        let body = format!("{status}\n").into_bytes();
        Response {
            status,
            kind: "text/plain; charset=utf-8",
            caching: "no-store",
            body,
        }
    }
}

fn respond(method: &str, target: &str, folder: &Path) -> Response {
    if !matches!(method, "GET" | "HEAD") {
        return Response::plain("405 Method Not Allowed");
    }
    let Some(path) = resolve(target, folder) else {
        return Response::plain("404 Not Found");
    };
    let Ok(body) = fs::read(&path) else {
        return Response::plain("404 Not Found");
    };
    let kind = media_type(&path);
    // Every name but the page's own carries a digest of its content.
    let caching = match kind.starts_with("text/html") {
        true => "no-cache",
        false => "max-age=31536000, immutable",
    };
    Response {
        status: "200 OK",
        kind,
        caching,
        body,
    }
}

/// The file a request names, or `None` where it would leave the folder.
fn resolve(target: &str, folder: &Path) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let relative = Path::new(path);
    let inside = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !inside || path.contains(['%', '\\']) {
        return None;
    }
    let file = folder.join(relative);
    Some(if file.is_dir() {
        file.join("index.html")
    } else {
        file
    })
}

fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_stay_inside_the_folder() {
        let folder = Path::new("/nowhere/dist");
        assert_eq!(resolve("/a.js?v=1", folder), Some(folder.join("a.js")));
        assert_eq!(resolve("/", folder), Some(folder.join("")));
        for outside in [
            "/../Cargo.toml",
            "/a/../../x",
            "//etc/passwd",
            "/%2e%2e/x",
            "a",
            "",
        ] {
            assert_eq!(resolve(outside, folder), None, "{outside}");
        }
    }

    #[test]
    fn wasm_has_the_type_that_streaming_compilation_wants() {
        assert_eq!(media_type(Path::new("x.wasm")), "application/wasm");
    }
}
