/** Shell completion scripts, made from the table of commands. */

/** A command as shell completion needs it: its words and its long flags. */
export interface CommandDescription {
  readonly path: readonly string[];
  readonly summary: string;
  readonly flags: readonly { readonly flag: string; readonly summary: string }[];
}

type Shell = 'bash' | 'zsh' | 'fish';

/** The words that may follow each command path. */
function candidates(commands: readonly CommandDescription[]): [path: string, words: string[]][] {
  const paths = [[], ...commands.map((command) => command.path)];
  return paths.map((path) => {
    const children = commands.filter(
      (c) => c.path.length === path.length + 1 && path.every((word, i) => c.path[i] === word),
    );
    const own = commands.find((c) => c.path.join(' ') === path.join(' '));
    return [
      path.join(' '),
      [...children.map((c) => c.path.at(-1)!), ...(own?.flags.map((f) => f.flag) ?? ['--help', '--version'])],
    ];
  });
}

function bash(commands: readonly CommandDescription[]): string {
  const cases = candidates(commands)
    .filter(([path]) => path !== '')
    .map(([path, words]) => `    "${path}"*) words="${words.join(' ')}" ;;`)
    .sort((a, b) => b.length - a.length);
  const top = candidates(commands)[0]?.[1].join(' ') ?? '';
  return `# gantry completion for bash: eval "$(gantry completion bash)"
_gantry() {
  local line="\${COMP_WORDS[*]:1:COMP_CWORD-1}" words
  case "$line" in
${cases.join('\n')}
    *) words="${top}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [[ \${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o filenames -F _gantry gantry
`;
}

function fish(commands: readonly CommandDescription[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap((command) => {
    const seen = command.path.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
    const parents = command.path
      .slice(0, -1)
      .map((word) => `__fish_seen_subcommand_from ${word}`)
      .join('; and ');
    const where = parents === '' ? '__fish_use_subcommand' : parents;
    return [
      `complete -c gantry -n ${quote(where)} -a ${command.path.at(-1)} -d ${quote(command.summary)}`,
      ...command.flags.map(
        (f) => `complete -c gantry -n ${quote(seen)} -l ${f.flag.slice(2)} -d ${quote(f.summary)}`,
      ),
    ];
  });
  return `# gantry completion for fish: gantry completion fish | source\n${lines.join('\n')}\n`;
}

/** The script to evaluate in the shell's start file. zsh runs bash's through its own bridge. */
export function completionScript(shell: Shell, commands: readonly CommandDescription[]): string {
  if (shell === 'fish') return fish(commands);
  const bridge = 'autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n';
  return shell === 'zsh' ? bridge + bash(commands) : bash(commands);
}
