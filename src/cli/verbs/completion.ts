import { defineVerb, requiredChoice } from '../verb.ts';

export const completionVerb = defineVerb({
  name: 'completion',
  group: 'Other',
  positionals: { shell: requiredChoice(['bash', 'zsh', 'fish']) },
  about: 'print a script that makes your shell complete verbs, flags, files, stages and runs',
  anywhere: true,
  flags: {},
  examples: [
    'completion bash >> ~/.bashrc',
    'completion zsh > ~/.zfunc/_runner',
    'completion fish > ~/.config/fish/completions/runner.fish',
  ],
  run: async () => (await import('../shell/completion.ts')).printCompletion,
});
