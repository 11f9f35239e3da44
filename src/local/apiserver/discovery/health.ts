const ROOTS = new Set(['healthz', 'livez', 'readyz']);
const CHECKS = ['ping', 'log', 'etcd'];

/** The text of a health path; undefined for any other path. The server has nothing that fails while it answers. */
export function healthAnswer(path: string, query: URLSearchParams): string | undefined {
  const [root = '', check, ...rest] = path.split('/').filter(Boolean);
  if (!ROOTS.has(root) || rest.length > 0) return undefined;
  if (check !== undefined) return CHECKS.includes(check) ? 'ok' : undefined;
  if (!query.has('verbose')) return 'ok';
  return `${CHECKS.map((name) => `[+]${name} ok\n`).join('')}${root} check passed\n`;
}
