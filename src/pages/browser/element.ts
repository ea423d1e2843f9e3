type Child = Node | string;

/** An element with its attributes and children. Texts become text, never markup: they are other people's. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A few buttons of which one is chosen. */
export function choice<Value extends string>(
  options: [Value, string][],
  chosen: Value,
  choose: (value: Value) => void,
): HTMLElement {
  const buttons = options.map(([value, text]) => {
    const button = element('button', { type: 'button', 'aria-pressed': String(value === chosen) }, text);
    button.addEventListener('click', () => {
      for (const each of buttons) each.setAttribute('aria-pressed', String(each === button));
      choose(value);
    });
    return button;
  });
  return element('span', { class: 'choice' }, ...buttons);
}

export function select(options: string[], choose: (value: string) => void): HTMLSelectElement {
  const made = element('select', {}, ...options.map((each) => element('option', { value: each }, each)));
  made.addEventListener('change', () => choose(made.value));
  return made;
}
