import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, messageOf, ok, type Result } from '../../../base/index.js';
import type { Pod, Volume, VolumeMount } from '../../objects/index.js';
import type { Sources } from '../container/environment.js';
import { writePayload } from './atomicWriter.js';
import { hasPayload, volumePayload } from './payload.js';

/** A volume that could not be set up, in kubelet's words. */
export interface MountFailure {
  readonly volume: string;
  readonly message: string;
}

/** Where a volume is on the host: its own folder of the pod, or the path a hostPath names. */
export function volumeFolder(podFolder: string, volume: Volume): string {
  return volume.hostPath?.path ?? join(podFolder, 'volumes', volume.name);
}

/** Where a mount leads on the host. A mount of a volume that is not in the pod leads to an empty folder of its name. */
export function mountFolder(podFolder: string, pod: Pod, mount: VolumeMount): string {
  const volume = pod.spec.volumes?.find(({ name }) => name === mount.name) ?? { name: mount.name };
  const folder = volumeFolder(podFolder, volume);
  return mount.subPath === undefined || mount.subPath === '' ? folder : join(folder, mount.subPath);
}

/** Makes or refreshes every volume of the pod. Stops at the first that fails. */
export async function mountVolumes(
  podFolder: string,
  pod: Pod,
  sources: Sources,
): Promise<Result<void, MountFailure>> {
  for (const volume of pod.spec.volumes ?? []) {
    const error = await mountVolume(podFolder, pod, volume, sources);
    if (error === undefined) continue;
    const message = `MountVolume.SetUp failed for volume "${volume.name}" : ${error}`;
    return fail({ volume: volume.name, message });
  }
  return ok(undefined);
}

async function mountVolume(
  podFolder: string,
  pod: Pod,
  volume: Volume,
  sources: Sources,
): Promise<string | undefined> {
  const folder = volumeFolder(podFolder, volume);
  try {
    if (hasPayload(volume)) {
      const payload = volumePayload(pod, volume, sources);
      if (!payload.ok) return payload.error;
      await writePayload(folder, payload.value);
      return undefined;
    }
    if (volume.emptyDir !== undefined) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return undefined;
    }
    if (volume.hostPath !== undefined) return await checkHostPath(volume.hostPath);
    const source = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
    return `this node does not mount volumes of type ${source}; use configMap, secret, emptyDir, downwardAPI, projected or hostPath`;
  } catch (error) {
    return messageOf(error);
  }
}

async function checkHostPath({
  path,
  type = '',
}: {
  path: string;
  type?: string;
}): Promise<string | undefined> {
  if (type === '') return undefined;
  const found = await stat(path).catch(() => undefined);
  if (type === 'DirectoryOrCreate' && found === undefined) {
    await mkdir(path, { recursive: true, mode: 0o755 });
    return undefined;
  }
  if (type.startsWith('Directory') && found?.isDirectory() !== true) {
    return 'hostPath type check failed: ' + path + ' is not a directory';
  }
  if (type === 'File' && found?.isFile() !== true)
    return 'hostPath type check failed: ' + path + ' is not a file';
  return undefined;
}
