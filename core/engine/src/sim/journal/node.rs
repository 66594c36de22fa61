//! Faults, requests about nodes and the scheduler configuration, as a journal writes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use yurt_model::{
    DriverInfo, Duration, Gather, HostVolume, Name, Node, NodeDevice, NodeDeviceInstance,
    NodeEligibility, NodeNetwork, NodeResources, NodeStatus, PreemptionConfig, ReservedResources,
    SchedulerAlgorithm, SchedulerConfiguration, Time,
};

use super::id;
use crate::event::{DrainRequest, Fault, Input, Request};

#[derive(Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Entry {
    NodeStops {
        node: String,
    },
    NodeStarts {
        node: String,
    },
    HeartbeatMissed {
        node: String,
    },
    NodeCut {
        node: String,
    },
    NodeRegister(Box<Record>),
    NodeStatus {
        node: String,
        status: String,
    },
    Eligibility {
        node: String,
        eligible: bool,
    },
    Drain {
        node: String,
        deadline_ns: i64,
        ignore_system_jobs: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    DrainStop {
        node: String,
        mark_eligible: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    SystemGc,
    SchedulerConfiguration {
        spreads: bool,
        /// Who may evict: system, sysbatch, batch, service.
        preempt: [bool; 4],
        memory_oversubscription: bool,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pause_eval_broker: bool,
        node_limit_for_feasibility_checks: u32,
    },
}

/// A node as it registers.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    id: String,
    name: String,
    datacenter: String,
    pool: String,
    class: String,
    http_address: String,
    attributes: BTreeMap<String, String>,
    meta: BTreeMap<String, String>,
    /// By driver: detected, healthy.
    drivers: BTreeMap<String, (bool, bool)>,
    /// By volume: only for reading.
    host_volumes: BTreeMap<String, bool>,
    cpu_mhz: i64,
    cores: u16,
    memory_mb: i64,
    disk_mb: i64,
    networks: Vec<Network>,
    devices: Vec<Device>,
    dynamic_ports: (i64, i64),
    /// Kept from jobs: processor, memory, disk, cores, ports.
    reserved: (i64, i64, i64, Vec<u16>, String),
    status: String,
    eligible: bool,
}

#[derive(Serialize, Deserialize)]
struct Network {
    mode: String,
    device: String,
    ip: String,
    alias: String,
    mbits: i64,
    reserved_ports: String,
}

#[derive(Serialize, Deserialize)]
struct Device {
    vendor: String,
    kind: String,
    name: String,
    /// Id, and whether it works.
    instances: Vec<(String, bool)>,
    attributes: BTreeMap<String, Value>,
}

const STATUSES: [NodeStatus; 4] = [
    NodeStatus::Initializing,
    NodeStatus::Ready,
    NodeStatus::Down,
    NodeStatus::Disconnected,
];

fn status(text: &str) -> Result<NodeStatus, String> {
    let found = STATUSES.into_iter().find(|status| status.as_str() == text);
    found.ok_or_else(|| format!("no node status \"{text}\""))
}

impl Entry {
    pub(super) fn of_fault(fault: &Fault) -> Self {
        match fault {
            Fault::NodeStops(id) => Self::NodeStops {
                node: id.to_string(),
            },
            Fault::NodeStarts(id) => Self::NodeStarts {
                node: id.to_string(),
            },
            Fault::HeartbeatMissed(id) => Self::HeartbeatMissed {
                node: id.to_string(),
            },
            Fault::NodeCut(id) => Self::NodeCut {
                node: id.to_string(),
            },
        }
    }

    /// The entry of a request about a node or the configuration; the caller knows that it is one.
    pub(super) fn of(request: &Request) -> Self {
        match request {
            Request::NodeRegister(node) => Self::NodeRegister(Box::new(Record::of(node))),
            Request::NodeStatus { id, status } => Self::NodeStatus {
                node: id.to_string(),
                status: status.to_string(),
            },
            Request::NodeEligibility { id, eligible } => Self::Eligibility {
                node: id.to_string(),
                eligible: *eligible,
            },
            Request::NodeDrain {
                id,
                drain: Some(drain),
                message,
                ..
            } => Self::Drain {
                node: id.to_string(),
                deadline_ns: drain.deadline.nanos(),
                ignore_system_jobs: drain.ignore_system_jobs,
                message: message.as_ref().map(ToString::to_string),
            },
            Request::NodeDrain {
                id,
                drain: None,
                mark_eligible,
                message,
            } => Self::DrainStop {
                node: id.to_string(),
                mark_eligible: *mark_eligible,
                message: message.as_ref().map(ToString::to_string),
            },
            Request::SystemGarbageCollect => Self::SystemGc,
            Request::SchedulerConfiguration(configuration) => {
                let preempt = &configuration.preemption;
                Self::SchedulerConfiguration {
                    spreads: configuration.algorithm == SchedulerAlgorithm::Spread,
                    preempt: [
                        preempt.system,
                        preempt.sysbatch,
                        preempt.batch,
                        preempt.service,
                    ],
                    memory_oversubscription: configuration.memory_oversubscription,
                    pause_eval_broker: configuration.pause_eval_broker,
                    node_limit_for_feasibility_checks: configuration
                        .node_limit_for_feasibility_checks,
                }
            }
            _ => unreachable!("this request is about neither a node nor the configuration"),
        }
    }

    pub(super) fn input(self) -> Result<Input, String> {
        Ok(Input::Fault(match self {
            Self::NodeStops { node } => Fault::NodeStops(id(&node)?),
            Self::NodeStarts { node } => Fault::NodeStarts(id(&node)?),
            Self::HeartbeatMissed { node } => Fault::HeartbeatMissed(id(&node)?),
            Self::NodeCut { node } => Fault::NodeCut(id(&node)?),
            other => return other.request().map(Input::Request),
        }))
    }

    fn request(self) -> Result<Request, String> {
        Ok(match self {
            Self::NodeRegister(record) => Request::NodeRegister(Box::new(record.node()?)),
            Self::NodeStatus { node, status: text } => Request::NodeStatus {
                id: id(&node)?,
                status: status(&text)?,
            },
            Self::Eligibility { node, eligible } => Request::NodeEligibility {
                id: id(&node)?,
                eligible,
            },
            Self::Drain {
                node,
                deadline_ns,
                ignore_system_jobs,
                message,
            } => Request::NodeDrain {
                id: id(&node)?,
                drain: Some(DrainRequest {
                    deadline: Duration(deadline_ns),
                    ignore_system_jobs,
                }),
                mark_eligible: false,
                message: message.map(Name::from),
            },
            Self::DrainStop {
                node,
                mark_eligible,
                message,
            } => Request::NodeDrain {
                id: id(&node)?,
                drain: None,
                mark_eligible,
                message: message.map(Name::from),
            },
            Self::SystemGc => Request::SystemGarbageCollect,
            Self::SchedulerConfiguration {
                spreads,
                preempt: [system, sysbatch, batch, service],
                memory_oversubscription,
                pause_eval_broker,
                node_limit_for_feasibility_checks,
            } => Request::SchedulerConfiguration(Box::new(SchedulerConfiguration {
                algorithm: if spreads {
                    SchedulerAlgorithm::Spread
                } else {
                    SchedulerAlgorithm::Binpack
                },
                preemption: PreemptionConfig {
                    system,
                    sysbatch,
                    batch,
                    service,
                },
                memory_oversubscription,
                pause_eval_broker,
                node_limit_for_feasibility_checks,
            })),
            Self::NodeStops { .. }
            | Self::NodeStarts { .. }
            | Self::HeartbeatMissed { .. }
            | Self::NodeCut { .. } => {
                return Err("a fault is no request".to_owned());
            }
        })
    }
}

fn keep<T, U>(map: &BTreeMap<Name, T>, value: impl Fn(&T) -> U) -> BTreeMap<String, U> {
    map.iter()
        .map(|(key, item)| (key.to_string(), value(item)))
        .gather()
}

fn give<T, U>(map: BTreeMap<String, T>, value: impl Fn(T) -> U) -> BTreeMap<Name, U> {
    map.into_iter()
        .map(|(key, item)| (Name::from(key), value(item)))
        .gather()
}

impl Record {
    fn of(node: &Node) -> Self {
        let (resources, reserved) = (&node.resources, &node.reserved);
        Self {
            id: node.id.to_string(),
            name: node.name.to_string(),
            datacenter: node.datacenter.to_string(),
            pool: node.node_pool.to_string(),
            class: node.node_class.to_string(),
            http_address: node.http_address.to_string(),
            attributes: keep(&node.attributes, ToString::to_string),
            meta: keep(&node.meta, ToString::to_string),
            drivers: keep(&node.drivers, |driver| (driver.detected, driver.healthy)),
            host_volumes: keep(&node.host_volumes, |volume| volume.read_only),
            cpu_mhz: resources.cpu_mhz,
            cores: resources.total_cores,
            memory_mb: resources.memory_mb,
            disk_mb: resources.disk_mb,
            networks: resources.networks.iter().map(Network::of).collect(),
            devices: resources.devices.iter().map(Device::of).collect(),
            dynamic_ports: (resources.min_dynamic_port, resources.max_dynamic_port),
            reserved: (
                reserved.cpu_mhz,
                reserved.memory_mb,
                reserved.disk_mb,
                reserved.cores.clone(),
                reserved.ports.to_string(),
            ),
            status: node.status.to_string(),
            eligible: node.eligibility == NodeEligibility::Eligible,
        }
    }

    fn node(self) -> Result<Node, String> {
        let (cpu_mhz, memory_mb, disk_mb, cores, ports) = self.reserved;
        let node = Node {
            id: id(&self.id)?,
            name: self.name.into(),
            datacenter: self.datacenter.into(),
            node_pool: self.pool.into(),
            node_class: self.class.into(),
            http_address: self.http_address.into(),
            attributes: give(self.attributes, Name::from),
            meta: give(self.meta, Name::from),
            drivers: give(self.drivers, |(detected, healthy)| DriverInfo {
                detected,
                healthy,
            }),
            host_volumes: give(self.host_volumes, |read_only| HostVolume { read_only }),
            resources: NodeResources {
                cpu_mhz: self.cpu_mhz,
                total_cores: self.cores,
                memory_mb: self.memory_mb,
                disk_mb: self.disk_mb,
                networks: self.networks.into_iter().map(Network::network).collect(),
                devices: self.devices.into_iter().map(Device::device).collect(),
                min_dynamic_port: self.dynamic_ports.0,
                max_dynamic_port: self.dynamic_ports.1,
            },
            reserved: ReservedResources {
                cpu_mhz,
                memory_mb,
                disk_mb,
                cores,
                ports: ports.into(),
            },
            status: status(&self.status)?,
            status_updated_at: Time::ZERO,
            eligibility: if self.eligible {
                NodeEligibility::Eligible
            } else {
                NodeEligibility::Ineligible
            },
            drain: None,
            last_drain: None,
            owes_alloc_update: false,
            computed_class: 0,
            events: Vec::new(),
            create_index: 0,
            modify_index: 0,
        };
        Ok(node.with_computed_class())
    }
}

impl Network {
    fn of(network: &NodeNetwork) -> Self {
        Self {
            mode: network.mode.to_string(),
            device: network.device.to_string(),
            ip: network.ip.to_string(),
            alias: network.alias.to_string(),
            mbits: network.mbits,
            reserved_ports: network.reserved_ports.to_string(),
        }
    }

    fn network(self) -> NodeNetwork {
        NodeNetwork {
            mode: self.mode.into(),
            device: self.device.into(),
            ip: self.ip.into(),
            alias: self.alias.into(),
            mbits: self.mbits,
            reserved_ports: self.reserved_ports.into(),
        }
    }
}

impl Device {
    fn of(device: &NodeDevice) -> Self {
        let instances = device.instances.iter();
        Self {
            vendor: device.vendor.to_string(),
            kind: device.kind.to_string(),
            name: device.name.to_string(),
            instances: instances
                .map(|instance| (instance.id.to_string(), instance.healthy))
                .collect(),
            attributes: keep(&device.attributes, Clone::clone),
        }
    }

    fn device(self) -> NodeDevice {
        let instances = self.instances.into_iter();
        NodeDevice {
            vendor: self.vendor.into(),
            kind: self.kind.into(),
            name: self.name.into(),
            instances: instances
                .map(|(id, healthy)| NodeDeviceInstance {
                    id: id.into(),
                    healthy,
                })
                .collect(),
            attributes: give(self.attributes, |value| value),
        }
    }
}
