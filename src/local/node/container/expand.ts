/**
 * Replaces `$(NAME)` by the variable's value and `$$` by `$`; references to unknown variables stay as they are
 * (k8s.io/kubernetes/third_party/forked/golang/expansion).
 */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (match: string, name: string | undefined) => {
    if (name === undefined) return '$';
    return variables.get(name) ?? match;
  });
}
