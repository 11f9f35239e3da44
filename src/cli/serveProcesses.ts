/** `gantry serve` on several cores: the first process starts this same command again, as members of its pod. */
import { type Logger, systemClock, systemRandom } from '../base/index.js';
import type { RunningServer } from '../serving/index.js';
import { availableCores } from '../serving/index.js';
import type { Member, ProcessGroup } from '../serving/processes/index.js';

/** `auto`, or how many. */
export type Processes = 'auto' | number;

/** More than any pod has, and what `auto` leaves a large machine for others. */
const MOST_BY_ITSELF = 16;

/** Processes that are worth their memory: a slow model has threads of its own. */
async function processesFor(server: RunningServer, wanted: Processes): Promise<number> {
  if (wanted !== 'auto') return wanted;
  return server.everyModelInline() ? Math.min(await availableCores(), MOST_BY_ITSELF) : 1;
}

/** Starts the other processes of the pod. Undefined where one is enough. */
export async function startProcesses(
  server: RunningServer,
  wanted: Processes,
  logger: Logger,
): Promise<ProcessGroup | undefined> {
  const processes = await processesFor(server, wanted);
  const [, program] = process.argv;
  if (processes === 1 || program === undefined) return undefined;
  const { forkMember, ProcessGroup } = await import('../serving/processes/index.js');
  const args = [...process.argv.slice(2), '--member'];
  logger.info({ processes }, 'one process for each core');
  return new ProcessGroup({
    first: server,
    others: processes - 1,
    spawn: () => forkMember(program, args),
    sockets: server.sockets(),
    clock: systemClock,
    random: systemRandom,
    logger,
  });
}

/** This process' side of the pod; it ends with the process that started it. */
export async function joinProcesses(logger: Logger): Promise<Member | undefined> {
  const { lineToParent, Member } = await import('../serving/processes/index.js');
  const line = lineToParent(() => process.exit(1));
  return line === undefined ? undefined : new Member(line, { clock: systemClock, logger });
}
