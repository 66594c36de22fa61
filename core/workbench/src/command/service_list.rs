//! `nomad service list`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use yurt_model::{Name, Namespace};

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::plain;
use super::{CommandError, Emulated, Execution, columns, gaps};
use crate::world::World;

/// Lists the services that Nomad itself keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceList {
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for ServiceList {
    const NAME: &'static str = "service list";
    const USAGE: &'static str = "[options]";
    const ABOUT: &'static str = "Lists the services that Nomad itself keeps, with their tags.";
    const FLAGS: &'static [Flag] = &[switch("json"), valued("t")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if !arguments.words.is_empty() {
            return Err(UsageError::new("This command takes no arguments"));
        }
        if arguments.is_on("json") {
            return Err(UsageError::new(gaps::no_json(Self::NAME)));
        }
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        let common = Common::of(&arguments);
        Ok(Self { common })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let wanted = self.common.namespace();
        let mut services: BTreeMap<(Namespace, Name), BTreeSet<Name>> = BTreeMap::new();
        for one in world.scene().store.service_registrations() {
            if wanted == "*" || &*one.namespace == wanted {
                let tags = services.entry((one.namespace, one.name)).or_default();
                tags.extend(one.tags);
            }
        }
        if services.is_empty() {
            return Ok(Execution::line("No service registrations found"));
        }
        let mut heading = columns::row(["Service Name", "Tags"]);
        if wanted == "*" {
            heading.insert(1, "Namespace".into());
        }
        let mut rows = vec![heading];
        rows.extend(services.into_iter().map(|((namespace, name), tags)| {
            let mut row = vec![name.to_string(), bracketed(&tags)];
            if wanted == "*" {
                row.insert(1, namespace.to_string());
            }
            row
        }));
        Ok(Execution::done(plain(columns::list(&rows))))
    }
}

/// Tags as they are printed: `[blue,green]`.
pub(super) fn bracketed<'a>(tags: impl IntoIterator<Item = &'a Name>) -> String {
    let tags: Vec<&str> = tags.into_iter().map(|tag| &**tag).collect();
    format!("[{}]", tags.join(","))
}

impl fmt::Display for ServiceList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&CommandLine::new(Self::NAME, &self.common).words([]))
    }
}
