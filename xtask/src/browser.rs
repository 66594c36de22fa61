//! The browser of the tests: found, or installed where we may, or asked for in one line.

use std::env;
use std::path::{Path, PathBuf};

use crate::project::Project;
use crate::shell::{self, Trouble};

/// A Chromium and its driver.
pub struct Browser {
    /// The browser's program.
    pub chromium: PathBuf,
    /// The program that wasm-bindgen-test drives it with.
    pub chromedriver: PathBuf,
}

/// Finds the browser and its driver, installing Debian's where that is possible.
pub fn find_or_install(project: &Project) -> Result<(Browser, String), Trouble> {
    for variable in ["CHROMIUM", "CHROMEDRIVER"] {
        if let Some(path) = env::var_os(variable)
            && !Path::new(&path).is_file()
        {
            let path = path.display();
            return Err(Trouble::new(format!(
                "{variable} names {path}, which is no file"
            )));
        }
    }
    if let Some(browser) = find() {
        return Ok((browser, String::new()));
    }
    if !may_install() {
        return Err(Trouble::new(
            "no Chromium with its driver: install the packages `chromium` and `chromium-driver` \
             (Debian), or set CHROMIUM and CHROMEDRIVER to the two programs",
        ));
    }
    let advice = "install the packages `chromium` and `chromium-driver` by hand";
    for args in [
        &["update"][..],
        &[
            "install",
            "--yes",
            "--no-install-recommends",
            "chromium",
            "chromium-driver",
        ],
    ] {
        let mut apt = project.command("apt-get");
        apt.args(args).env("DEBIAN_FRONTEND", "noninteractive");
        shell::quietly(&mut apt, advice)?;
    }
    let browser = find().ok_or_else(|| Trouble::new(advice))?;
    Ok((browser, "installed Debian's Chromium".to_string()))
}

fn find() -> Option<Browser> {
    let chromium = program(
        "CHROMIUM",
        &["chromium", "chromium-browser", "google-chrome"],
    )?;
    let chromedriver = program("CHROMEDRIVER", &["chromedriver"])?;
    Some(Browser {
        chromium,
        chromedriver,
    })
}

/// The program a variable names, else the first of `names` on PATH.
fn program(variable: &str, names: &[&str]) -> Option<PathBuf> {
    if let Some(path) = env::var_os(variable).map(PathBuf::from) {
        return Some(path);
    }
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    names.iter().find_map(|name| {
        folders
            .iter()
            .map(|folder| folder.join(name))
            .find(|path| path.is_file())
    })
}

/// Root, on a Debian.
fn may_install() -> bool {
    let root = std::process::Command::new("id").arg("-u").output();
    let root = root.is_ok_and(|output| output.stdout.starts_with(b"0"));
    root && program("", &["apt-get"]).is_some()
}
