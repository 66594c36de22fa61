//! `nomad service info`.

use std::fmt;

use yurt_state::ServiceRegistration;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::{self, plain};
use super::service_list::bracketed;
use super::{CommandError, Emulated, Execution, columns, gaps};
use crate::view::Line;
use crate::world::World;

/// Shows where a service is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceInfo {
    /// Its name.
    pub service: String,
    /// Everything about each registration.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for ServiceInfo {
    const NAME: &'static str = "service info";
    const USAGE: &'static str = "[options] <service_name>";
    const ABOUT: &'static str = "Shows where a service is offered, and by which allocations.";
    const FLAGS: &'static [Flag] = &[switch("verbose"), switch("json"), valued("t")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if arguments.is_on("json") {
            return Err(UsageError::new(gaps::no_json(Self::NAME)));
        }
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        Ok(Self {
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            service: arguments.one("<service_name>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let registered = world.scene().store.service_registrations();
        let found: Vec<ServiceRegistration> = registered
            .filter(|one| *one.name == *self.service)
            .filter(|one| &*one.namespace == self.common.namespace())
            .collect();
        if found.is_empty() {
            return Ok(Execution::line("No service registrations found"));
        }
        let document = if self.verbose {
            blocks(&found)
        } else {
            plain(table(&found))
        };
        Ok(Execution::done(document))
    }
}

fn address(one: &ServiceRegistration) -> String {
    if one.port > 0 {
        part::address(&one.address, one.port)
    } else {
        one.address.to_string()
    }
}

fn table(found: &[ServiceRegistration]) -> Vec<String> {
    let mut rows = vec![columns::row(["Job ID", "Address", "Tags", "Node ID", "Alloc ID"])];
    rows.extend(found.iter().map(|one| {
        vec![
            one.job_id.to_string(),
            address(one),
            bracketed(&one.tags),
            one.node_id.short(),
            one.alloc_id.short(),
        ]
    }));
    columns::list(&rows)
}

fn blocks(found: &[ServiceRegistration]) -> Vec<Line> {
    let mut document = Vec::new();
    for one in found {
        if !document.is_empty() {
            document.push(Line::default());
        }
        document.extend(plain(columns::pairs(&[
            ("ID", one.id.to_string()),
            ("Service Name", one.name.to_string()),
            ("Namespace", one.namespace.to_string()),
            ("Job ID", one.job_id.to_string()),
            ("Alloc ID", one.alloc_id.to_string()),
            ("Node ID", one.node_id.to_string()),
            ("Datacenter", one.datacenter.to_string()),
            ("Address", address(one)),
            ("Tags", bracketed(&one.tags)),
        ])));
    }
    document
}

impl fmt::Display for ServiceInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common).switch("verbose", self.verbose);
        f.write_str(&line.words([self.service.as_str()]))
    }
}
