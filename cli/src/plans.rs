//! `yurt plans`: recorded plans, rendered anew from their job files alone.
//!
//! A line of the file has `name`, `old` (absent for a new job), `new`, `verbose`, `color`; a line
//! of the answer has `name`, `output`, `status`.

use std::io::{self, Write};

use serde_json::{Value, json};
use yurt_engine::{Cluster, ClusterConfig};
use yurt_jobspec::admission::{self, AdmissionContext};
use yurt_jobspec::{ParseInput, parse};
use yurt_model::{Duration, Name, Time};
use yurt_workbench::session::{DEFAULT_SEED, Session};

/// What the job file is called.
const FILE: &str = "docs.nomad.hcl";
/// How long the old version has to become healthy and its deployment to succeed.
const SETTLING: Duration = Duration(900 * 1_000_000_000);
/// 2026-11-23T11:31:08Z, when the reference was asked.
const ASKED_AT: Time = Time(1_795_433_468 * 1_000_000_000);

/// Renders every line of the file. Status 1 when the file cannot be read.
pub(crate) fn run(file: &str, output: &mut dyn Write) -> io::Result<i32> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            writeln!(output, "{file}: {error}")?;
            return Ok(1);
        }
    };
    let mut status = 0;
    for (number, line) in text.lines().enumerate() {
        match serde_json::from_str(line)
            .map_err(|error| error.to_string())
            .and_then(plan)
        {
            Ok(answer) => writeln!(output, "{answer}")?,
            Err(error) => {
                writeln!(output, "{file}:{}: {error}", number + 1)?;
                status = 1;
            }
        }
    }
    Ok(status)
}

#[allow(clippy::needless_pass_by_value, reason = "it is a step of a chain")]
fn plan(recorded: Value) -> Result<Value, String> {
    let mut session = Session::on(Cluster::new(world())?);
    if let Some(old) = recorded["old"].as_str() {
        session.files.write(FILE, old);
        session.execute(&format!("nomad job run -detach {FILE}"));
    }
    session.advance_to(ASKED_AT);
    let new = recorded["new"]
        .as_str()
        .ok_or("`new` has to be a job file")?;
    session.files.write(FILE, new);
    let flag = |member: &str, flag: &'static str| match recorded[member] == true {
        true => flag,
        false => "",
    };
    let (verbose, colour) = (flag("verbose", "-verbose "), flag("color", "-force-color "));
    let printed = session.execute(&format!("nomad job plan {verbose}{colour}{FILE}"));
    let lines: Vec<String> = printed.document.iter().map(|line| line.text()).collect();
    let refused = match printed.status {
        Some(0 | 1) => None,
        _ => refusal(new),
    };
    Ok(json!({
        "name": recorded["name"],
        "output": refused.unwrap_or_else(|| lines.join("\n")) + "\n",
        "status": printed.status,
    }))
}

/// The text of a refusal with all its line feeds, which these recordings keep. The command drops
/// the last ones, as the reference's client does with what it gets.
fn refusal(source: &str) -> Option<String> {
    let parsed = parse(&ParseInput {
        file_name: FILE,
        source,
        ..ParseInput::default()
    });
    let refused = admission::admit(&parsed.document?, &AdmissionContext::default()).err()?;
    Some(format!(
        "Error during plan: Unexpected response code: 500 ({refused})"
    ))
}

/// Five nodes without a class, four cores of 3,500 MHz, 8 GiB, and 100 GiB of disk each.
fn world() -> ClusterConfig {
    let mut config = ClusterConfig::of_recordings(DEFAULT_SEED);
    config.epoch = ASKED_AT - SETTLING;
    for (number, node) in config.nodes.iter_mut().enumerate() {
        node.name = format!("node-{number}").into();
        node.node_class = "".into();
        node.meta.clear();
        // One class for all, and one address.
        node.attributes.remove("nomad.advertise.address");
        node.resources.networks.truncate(1);
        node.resources.cpu_mhz = 4 * 3500;
        node.resources.disk_mb = 100 * 1024;
        node.attributes
            .insert("consul.version".into(), "1.20.0".into());
        node.attributes
            .insert("unique.hostname".into(), node.name.clone());
        if let Some(driver) = node.drivers.remove("raw_exec") {
            node.drivers.insert(Name::from("exec"), driver);
            node.attributes.remove("driver.raw_exec");
            node.attributes.insert("driver.exec".into(), "1".into());
        }
    }
    config
}
