/** The Kubernetes this server behaves like; kubectl warns when it is more than one minor version away. */
export const KUBERNETES_VERSION = { major: '1', minor: '35', gitVersion: 'v1.35.2' } as const;

/** The document at /version. */
export function versionInfo(): Record<string, string> {
  const { major, minor, gitVersion } = KUBERNETES_VERSION;
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion: 'go1.26.0',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}
