export { type Topology, topology } from "./topology.ts";
