/** The Redis behind the cache, as the command line and the environment say it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fail, messageOf, ok, problem, type Result } from '../base/index.js';
import { parseRedisUrl, type RedisOptions } from '../serving/index.js';
import type { OptionValues } from './command.js';
import type { CommandIo } from './io.js';

/** Nothing in it where no Redis is asked for. No problem quotes the URL, which may hold a password. */
export async function redisFrom(
  { workingDirectory }: Pick<CommandIo, 'workingDirectory'>,
  options: OptionValues,
): Promise<Result<{ readonly redis?: RedisOptions }>> {
  if (typeof options.redis !== 'string' || options.redis === '') return ok({});
  const target = parseRedisUrl(options.redis, '--redis');
  if (!target.ok) return target;
  if (typeof options.redisCa !== 'string') return ok({ redis: { target: target.value } });
  if (!target.value.tls) {
    return fail(
      problem(
        'InvalidRedisUrl',
        '--redis-ca',
        'the URL of --redis does not ask for TLS',
        'begin it with rediss',
      ),
    );
  }
  try {
    const ca = await readFile(path.resolve(workingDirectory, options.redisCa), 'utf8');
    return ok({ redis: { target: target.value, ca } });
  } catch (error) {
    return fail(
      problem('RedisCaUnreadable', '--redis-ca', messageOf(error), 'name a file with certificates (PEM)'),
    );
  }
}
