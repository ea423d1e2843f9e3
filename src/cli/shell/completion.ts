import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import { UsageError } from '../verb.ts';

/** What the shell's function asks: `runner complete WORD…`, the last word being the one under the cursor. */
const scripts: Record<string, string> = {
  bash: `# completion of runner for bash: source this file, or append it to ~/.bashrc
_runner() {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}") cur="\${COMP_WORDS[COMP_CWORD]}" IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" complete "\${words[@]}" 2>/dev/null))
  [[ \${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "$cur"))
  # a path of --set goes on after its last dot
  [[ \${#COMPREPLY[@]} -eq 1 && ( "\${COMPREPLY[0]}" == *. || "\${COMPREPLY[0]}" == *= || "\${COMPREPLY[0]}" == */ ) ]] && compopt -o nospace
}
complete -o bashdefault -F _runner runner ./runner
`,
  zsh: `#compdef runner ./runner
# completion of runner for zsh: put this file as _runner into a folder of $fpath, or source it after compinit
_runner() {
  local -a found
  found=("\${(@f)$("\${words[1]}" complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -z "\${found[1]}" ]]; then _files; else compadd -S '' -- "\${found[@]}"; fi
}
if [[ "$funcstack[1]" == _runner ]]; then _runner "$@"; else compdef _runner runner ./runner; fi
`,
  fish: `# completion of runner for fish: put this file into ~/.config/fish/completions as runner.fish
function __runner_complete
    set -l words (commandline -opc) (commandline -ct)
    type -q $words[1]; or return
    set -l found ($words[1] complete $words[2..-1] 2>/dev/null)
    if count $found >/dev/null
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c runner -f -a '(__runner_complete)'
`,
};

/** `runner completion SHELL`: the function that the shell needs. */
export async function completionVerb(argv: string[]): Promise<number> {
  const [shell, ...more] = argv;
  const script = shell === undefined || more.length ? undefined : scripts[shell];
  if (!script)
    throw new UsageError(
      shell === undefined
        ? 'for which shell? ./runner completion bash (or zsh, fish)'
        : `"completion" does not know "${shell}"; ${suggestion(shell, Object.keys(scripts), 'shells')}`,
    );
  process.stdout.write(script);
  return 0;
}

/**
 * `runner complete WORD…`: what could stand in place of the last word, a line each; nothing where the shell knows
 * better.
 */
export async function completeVerb(argv: string[]): Promise<number> {
  const { candidates } = await import('./complete.ts');
  const found = await candidates(argv);
  if (found.length) console.log(found.join('\n'));
  return 0;
}
