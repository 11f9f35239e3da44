import type { Logger } from '../../base/index.js';

/** Distinct warnings that are remembered, so that each is logged once. */
const MAX_REMEMBERED = 256;
/** RFC 9111's warning: code, agent, text in quotes. */
const WARNING = /299 \S+ "((?:[^"\\]|\\.)*)"/g;

/** Logs what an API server says in Warning headers (deprecated versions, unknown fields), each text once. */
export function createWarningLog(logger: Logger): (header: string | undefined) => void {
  const seen = new Set<string>();
  return (header) => {
    if (header === undefined) return;
    for (const [, quoted = ''] of header.matchAll(WARNING)) {
      const warning = quoted.replace(/\\(.)/g, '$1');
      if (seen.has(warning) || seen.size >= MAX_REMEMBERED) continue;
      seen.add(warning);
      logger.warn({ warning }, 'the API server warns');
    }
  };
}
