/** An image is a name this node knows how to run: there are no layers and there is no registry. */
export interface LocalImage {
  /** Whether a container's `image` names this one. */
  matches(image: string): boolean;
  /** Where the image's files are on this machine: path in the container -> path on the host. */
  readonly paths: Readonly<Record<string, string>>;
  /** Entry point, in paths of this machine; used when the container has no `command`. */
  readonly command?: readonly string[];
  /** Used when the container has neither `command` nor `args`. */
  readonly args?: readonly string[];
  /** Environment the image sets, such as the address to listen on: every pod has a loopback address of its own. */
  env(podIP: string): Readonly<Record<string, string>>;
}

export function findImage(images: readonly LocalImage[], name: string): LocalImage | undefined {
  return images.find((image) => image.matches(name));
}
