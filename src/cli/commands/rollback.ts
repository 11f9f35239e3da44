/** `gantry rollback NAME` */
import { planRollback } from '../../gitops/index.js';
import type { Stage } from '../../registry/index.js';
import type { CommandRunner } from '../command.js';
import { release } from '../release.js';

export const run: CommandRunner = (io, options, [name = '']) =>
  release(io, options, (workspace) => planRollback(workspace, { name, stage: options.stage as Stage }));
