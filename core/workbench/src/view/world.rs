//! The worlds that a page can open.

use yurt_model::Release;

/// A world to choose: how a simulation starts.
#[derive(Debug, PartialEq, Eq)]
pub struct WorldView {
    /// What journals call it.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// One or two sentences about it.
    pub about: &'static str,
    /// The job file that a fresh page has there.
    pub job: &'static str,
    /// Whose texts and defaults hold.
    pub(crate) release: Release,
    /// Its nodes.
    pub(crate) nodes: u32,
}

/// The guide's job, with the progress deadline that the guide's release did not know.
pub const OPENING_JOB: &str = include_str!("../opening.nomad.hcl");

/// The guide's job as the guide has it.
const OPENING_JOB_0_7: &str = include_str!("../opening-0.7.nomad.hcl");

/// All of them; the first is that of a fresh page.
pub const WORLDS: [WorldView; 3] = [
    WorldView {
        name: "2.0",
        title: "Nomad 2.0, five nodes",
        about: "Three racks, 4,000 MHz and 8 GiB a node. Rules and texts of Nomad 2.0.",
        job: OPENING_JOB,
        release: Release::V2_0,
        nodes: 5,
    },
    WorldView {
        name: "0.7",
        title: "Nomad 0.7, five nodes",
        about: "The same nodes with the texts and defaults of the guide's release: no progress \
                deadlines, so the guide's own job file works untouched.",
        job: OPENING_JOB_0_7,
        release: Release::V0_7,
        nodes: 5,
    },
    WorldView {
        name: "large",
        title: "Nomad 2.0, 5,000 nodes",
        about: "25 racks of 200 nodes. Set count to 1200 and see where the scheduler puts them.",
        job: OPENING_JOB,
        release: Release::V2_0,
        nodes: 5_000,
    },
];

/// The world of that name.
pub fn world(name: &str) -> Option<&'static WorldView> {
    WORLDS.iter().find(|world| world.name == name)
}
