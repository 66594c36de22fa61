//! Host volumes, and a place for CSI volumes (spec: scheduling 7.3).

use std::borrow::Cow;

use yurt_model::Node;
use yurt_model::job::VolumeRequest;

/// Whether a node has the volumes. `name_index`: of the allocation to be placed, for volumes that
/// each allocation has one of.
pub(crate) fn test<'c>(
    node: &Node,
    volumes: &[VolumeRequest],
    name_index: u32,
) -> Result<(), Cow<'c, str>> {
    for volume in volumes.iter().filter(|volume| &*volume.kind == "host") {
        let found = node.host_volumes.get(&*source(volume, name_index));
        let serves =
            found.is_some_and(|found| (!found.read_only || volume.read_only) && !volume.sticky);
        if !serves {
            return Err(Cow::Borrowed("missing compatible host volumes"));
        }
    }
    // The simulated cluster has no CSI volumes, so none that is asked for is there.
    let csi = volumes.iter().filter(|volume| &*volume.kind == "csi");
    let names: Vec<_> = csi.map(|volume| source(volume, name_index)).collect();
    if !names.is_empty() {
        return Err(Cow::Owned(format!(
            "missing CSI volume(s) {}",
            names.join(", ")
        )));
    }
    Ok(())
}

/// The name of the volume; the index is part of it where each allocation has one of its own.
fn source(volume: &VolumeRequest, name_index: u32) -> Cow<'_, str> {
    if volume.per_alloc {
        Cow::Owned(format!("{}[{name_index}]", volume.source))
    } else {
        Cow::Borrowed(&volume.source)
    }
}
