type Child = Node | string;

/**
 * An element with its attributes and children. Strings are inserted as text, never as markup, because they are not
 * trusted.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value);
  created.append(...children);
  return created;
}

/** A group of buttons, one of which is selected. */
export function choice<Value extends string>(
  options: [Value, string][],
  chosen: Value,
  choose: (value: Value) => void,
): HTMLElement {
  const buttons = options.map(([value, text]) => {
    const button = element('button', { type: 'button', 'aria-pressed': String(value === chosen) }, text);
    button.addEventListener('click', () => {
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      choose(value);
    });
    return button;
  });
  return element('span', { class: 'choice' }, ...buttons);
}

export function select(options: string[], choose: (value: string) => void): HTMLSelectElement {
  const list = element('select', {}, ...options.map((value) => element('option', { value }, value)));
  list.addEventListener('change', () => choose(list.value));
  return list;
}
