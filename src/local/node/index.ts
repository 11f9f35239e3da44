export type { NodeCapacity } from './container/fieldRef.js';
export type { LocalImage } from './image.js';
export type { LogOptions } from './logs/podLogs.js';
export { createNodeAgent, type NodeAgent, type NodeAgentOptions } from './nodeAgent.js';
export type { Prober, ProbeResult, ProbeTarget } from './probe/prober.js';
export type { ProcessExit, ProcessOutput, ProcessSpawner, RunningProcess } from './process/spawner.js';
