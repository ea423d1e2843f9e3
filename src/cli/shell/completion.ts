type Shell = 'bash' | 'zsh' | 'fish';

/** Each script calls `runner complete WORD…`; the last word is the one under the cursor. */
const scripts: Record<Shell, string> = {
  bash: `# completion of runner for bash: source this file, or append it to ~/.bashrc
_runner() {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}") cur="\${COMP_WORDS[COMP_CWORD]}" IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" complete "\${words[@]}" 2>/dev/null))
  [[ \${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "$cur"))
  # no space after an unfinished --set path, value or folder
  [[ \${#COMPREPLY[@]} -eq 1 && ( "\${COMPREPLY[0]}" == *. || "\${COMPREPLY[0]}" == *= || "\${COMPREPLY[0]}" == */ ) ]] && compopt -o nospace
}
complete -o bashdefault -F _runner runner ./runner
`,
  zsh: `#compdef runner ./runner
# completion of runner for zsh: save this file as _runner in a folder of $fpath, or source it after compinit
_runner() {
  local -a found
  found=("\${(@f)$("\${words[1]}" complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -z "\${found[1]}" ]]; then _files; else compadd -S '' -- "\${found[@]}"; fi
}
if [[ "$funcstack[1]" == _runner ]]; then _runner "$@"; else compdef _runner runner ./runner; fi
`,
  fish: `# completion of runner for fish: save this file as ~/.config/fish/completions/runner.fish
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

/** `runner completion SHELL`: prints the script for the shell. */
export function printCompletion({ shell }: { shell: Shell }): number {
  process.stdout.write(scripts[shell]);
  return 0;
}
