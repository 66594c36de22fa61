//! The page: two programs compiled to wasm, bound, shrunk and laid out in a folder of static files.
//!
//! File names carry a digest of their content, so that a host may cache them for ever and a page
//! never meets another release's worker.

use std::fs;
use std::path::{Path, PathBuf};

use crate::budget;
use crate::digest;
use crate::index_html::{self, Linked};
use crate::project::{Project, WASM_TARGET};
use crate::report::Report;
use crate::setup;
use crate::shell::{self, Trouble};

/// Which page is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Small and fast, for people.
    Released,
    /// With the triggers of the fault tests, quick to compile, not shrunk.
    Test,
}

impl Flavour {
    fn cargo_args(self) -> &'static [&'static str] {
        match self {
            Flavour::Released => &["--profile", "wasm"],
            Flavour::Test => &["--features", "fault"],
        }
    }

    /// The folder below `target/wasm32-unknown-unknown` that cargo writes to.
    fn profile_folder(self) -> &'static str {
        match self {
            Flavour::Released => "wasm",
            Flavour::Test => "debug",
        }
    }

    /// Where the finished page goes.
    pub fn dist(self, project: &Project) -> PathBuf {
        match self {
            Flavour::Released => project.dist(),
            Flavour::Test => project.cache().join("test-dist"),
        }
    }
}

/// One of the two programs, as wasm-bindgen names them.
struct Program {
    name: &'static str,
    target: &'static str,
}

/// The page is an ES module that imports the editor; a classic script starts in any browser's
/// worker.
const PROGRAMS: [Program; 2] = [
    Program {
        name: "yurt-web",
        target: "web",
    },
    Program {
        name: "yurt-worker",
        target: "no-modules",
    },
];

/// `cargo xtask build`.
pub fn build_command(project: &Project, record_size: bool) -> Result<(), Trouble> {
    let mut report = Report::new();
    build(project, Flavour::Released, &mut report)?;
    let sizes = budget::measure(project, &project.dist())?;
    print!("\n{}\n{}", report.table(&[]), sizes.table());
    if record_size {
        budget::record(project, &sizes)?;
    }
    println!("\nThe page is in {}.", project.dist().display());
    Ok(())
}

/// Builds the page of a flavour, step by step, each used again when its inputs are the same.
pub fn build(project: &Project, flavour: Flavour, report: &mut Report) -> Result<(), Trouble> {
    report.step("set-up", || setup::run(project))?;
    report.step("compile page and worker", || compile(project, flavour))?;
    report.step("wasm-bindgen", || {
        each_program(project, flavour, |program| bind(project, flavour, program))
    })?;
    if flavour == Flavour::Released {
        report.step("wasm-opt", || {
            each_program(project, flavour, |program| shrink(project, program))
        })?;
    }
    report.step("lay out", || lay_out(project, flavour))
}

fn compile(project: &Project, flavour: Flavour) -> Result<String, Trouble> {
    let mut cargo = project.cargo(&["build", "--package", "yurt-web", "--bins"]);
    cargo
        .args(["--target", WASM_TARGET])
        .args(flavour.cargo_args());
    shell::run(&mut cargo, "mend the errors above")?;
    Ok(String::new())
}

/// Runs a step for both programs; says "unchanged" where neither had to run.
fn each_program(
    project: &Project,
    flavour: Flavour,
    work: impl Fn(&Program) -> Result<bool, Trouble>,
) -> Result<String, Trouble> {
    fs::create_dir_all(made(project, flavour))
        .map_err(|error| Trouble::new(format!("cannot make the cache folder: {error}")))?;
    let mut ran = false;
    for program in &PROGRAMS {
        ran |= work(program)?;
    }
    Ok(if ran {
        String::new()
    } else {
        "unchanged".to_string()
    })
}

/// The folder of intermediate files.
fn made(project: &Project, flavour: Flavour) -> PathBuf {
    project.cache().join(flavour.profile_folder())
}

fn bind(project: &Project, flavour: Flavour, program: &Program) -> Result<bool, Trouble> {
    let wasm = project
        .target
        .join(WASM_TARGET)
        .join(flavour.profile_folder())
        .join(format!("{}.wasm", program.name));
    let lock = shell::read_bytes(&project.root.join("tools/Cargo.lock"))?;
    let editor = shell::read_bytes(&project.root.join("web/js/dist/editor.js"))?;
    let key = digest::digest(&[&shell::read_bytes(&wasm)?, &lock, &editor]);
    let folder = made(project, flavour).join(program.name);
    digest::once(
        &made(project, flavour).join(format!("{}.bound", program.name)),
        &key,
        || {
            shell::empty_folder(&folder)?;
            let mut bindgen = project.command(project.tool("wasm-bindgen"));
            bindgen
                .args(["--no-typescript", "--target", program.target])
                .arg("--out-dir");
            bindgen
                .arg(&folder)
                .args(["--out-name", program.name])
                .arg(&wasm);
            shell::quietly(
                &mut bindgen,
                "is its version in Cargo.lock the one of tools/Cargo.toml?",
            )
        },
    )
}

/// How wasm-opt makes what the browser loads small. Nothing lies in the first kilobyte of memory,
/// to which the stack grows down, so that offsets fold into loads and stores. Functions with like
/// names are alike; side by side they weigh less in brotli.
pub const SHRINKING: [&str; 3] = ["-Oz", "--low-memory-unused", "--reorder-functions-by-name"];

fn shrink(project: &Project, program: &Program) -> Result<bool, Trouble> {
    let bound = bound_wasm(project, Flavour::Released, program);
    let lock = shell::read_bytes(&project.root.join("package-lock.json"))?;
    let options = SHRINKING.join(" ");
    let key = digest::digest(&[&shell::read_bytes(&bound)?, &lock, options.as_bytes()]);
    let stamp = made(project, Flavour::Released).join(format!("{}.shrunk", program.name));
    digest::once(&stamp, &key, || {
        // npm's, never the one on PATH: Debian's cannot read what rustc writes today.
        let script = project.root.join("node_modules/binaryen/bin/wasm-opt");
        let mut wasm_opt = project.command("node");
        wasm_opt.arg(script).args(SHRINKING).arg(&bound).arg("-o");
        wasm_opt.arg(shrunk_wasm(project, program));
        shell::quietly(&mut wasm_opt, "run `npm ci --ignore-scripts` and try again")
    })
}

fn bound_wasm(project: &Project, flavour: Flavour, program: &Program) -> PathBuf {
    let name = program.name;
    made(project, flavour)
        .join(name)
        .join(format!("{name}_bg.wasm"))
}

fn shrunk_wasm(project: &Project, program: &Program) -> PathBuf {
    made(project, Flavour::Released).join(format!("{}_opt.wasm", program.name))
}

/// Writes the folder anew and swaps it in, so that a server never sees half a page.
fn lay_out(project: &Project, flavour: Flavour) -> Result<String, Trouble> {
    let fresh = made(project, flavour).join("dist.new");
    shell::empty_folder(&fresh)?;
    let [page, worker] = &PROGRAMS;
    let page_wasm = place_wasm(project, flavour, page, &fresh)?;
    let worker_wasm = place_wasm(project, flavour, worker, &fresh)?;
    let css = shell::read_bytes(&project.root.join("web/js/dist/main.css"))?;
    let css = place(&fresh, "main", "css", &css)?;

    let page_folder = made(project, flavour).join(page.name);
    let mut glue = shell::read(&page_folder.join("yurt-web.js"))?;
    let mut editor_js = None;
    for snippet in snippets(&page_folder)? {
        let name = place_snippet(&fresh, &page_folder, &snippet)?;
        glue = glue.replace(&format!("./{snippet}"), &format!("./{name}"));
        if name.starts_with("editor-") {
            editor_js = Some(name);
        }
    }
    let page_js = place(&fresh, "yurt-web", "js", glue.as_bytes())?;

    let mut glue = shell::read(
        &made(project, flavour)
            .join(worker.name)
            .join("yurt-worker.js"),
    )?;
    // Thrown outside the promise, a failure reaches the page's `onerror`.
    glue += &format!(
        "\nwasm_bindgen({{ module_or_path: \"./{worker_wasm}\" }})\
         .catch((error) => setTimeout(() => {{ throw error; }}));\n"
    );
    let worker_js = place(&fresh, "yurt-worker", "js", glue.as_bytes())?;

    let source = shell::read(&project.root.join("index.html"))?;
    let names = Linked {
        css,
        page_js,
        page_wasm,
        worker_js,
        editor_js,
    };
    shell::write(
        &fresh.join("index.html"),
        index_html::link(&source, &names)?,
    )?;
    swap(&fresh, &flavour.dist(project))?;
    Ok(String::new())
}

fn place_wasm(
    project: &Project,
    flavour: Flavour,
    program: &Program,
    folder: &Path,
) -> Result<String, Trouble> {
    let wasm = match flavour {
        Flavour::Released => shrunk_wasm(project, program),
        Flavour::Test => bound_wasm(project, flavour, program),
    };
    place(folder, program.name, "wasm", &shell::read_bytes(&wasm)?)
}

/// Writes `stem-DIGEST.extension` and returns that name.
fn place(folder: &Path, stem: &str, extension: &str, content: &[u8]) -> Result<String, Trouble> {
    let name = format!("{stem}-{}.{extension}", &digest::digest(&[content])[..10]);
    shell::write(&folder.join(&name), content)?;
    Ok(name)
}

/// The JavaScript modules that the page's wasm imports, as paths from its folder, sorted.
fn snippets(folder: &Path) -> Result<Vec<String>, Trouble> {
    fn walk(folder: &Path, prefix: &str, found: &mut Vec<String>) -> std::io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{prefix}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                walk(&entry.path(), &path, found)?;
            } else {
                found.push(path);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    if folder.join("snippets").exists() {
        walk(&folder.join("snippets"), "snippets", &mut found)
            .map_err(|error| Trouble::new(format!("cannot list the page's snippets: {error}")))?;
    }
    found.sort();
    Ok(found)
}

fn place_snippet(fresh: &Path, page_folder: &Path, snippet: &str) -> Result<String, Trouble> {
    let content = shell::read_bytes(&page_folder.join(snippet))?;
    let file = Path::new(snippet)
        .file_stem()
        .expect("a snippet has a name")
        .to_string_lossy();
    place(fresh, &file, "js", &content)
}

fn swap(fresh: &Path, place: &Path) -> Result<(), Trouble> {
    shell::empty_folder(place)?;
    for entry in fs::read_dir(fresh).into_iter().flatten().flatten() {
        fs::copy(entry.path(), place.join(entry.file_name()))
            .map_err(|error| Trouble::new(format!("cannot fill {}: {error}", place.display())))?;
    }
    Ok(())
}
