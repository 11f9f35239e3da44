/** `gantry promote NAME --from staging --to production` */
import { planPromotion } from '../../gitops/index.js';
import type { Stage } from '../../registry/index.js';
import type { CommandRunner } from '../command.js';
import { release } from '../release.js';

export const run: CommandRunner = (io, options, [name = '']) =>
  release(io, options, (workspace) =>
    planPromotion(workspace, {
      name,
      from: options.from as Stage,
      to: options.to as Stage,
      ...(typeof options.version === 'string' ? { version: options.version } : {}),
    }),
  );
