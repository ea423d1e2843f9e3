import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Alias, Node, Pair } from 'yaml';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { tooDeepAt } from './nesting.ts';
import { TOO_DEEP, syntaxMessage } from './syntax-message.ts';
import { noPlaces } from './tree.ts';
import type { Json, Places, Span, Tree } from './tree.ts';

/**
 * Anchors are allowed, and each alias stands for a copy; so many values may come out of copies before it is taken for a
 * mistake or an attack.
 */
const MOST_COPIED_VALUES = 100_000;

/** Text to tree, or to every syntax error in it. Never throws for what stands in the text. */
export function parseTree(file: string, text: string): { tree: Tree; diagnostics: Diagnostic[] } {
  const lines = new LineCounter();
  const tree: Tree = { value: null, places: noPlaces() };
  const at = (range: readonly number[], message: string, hint?: string): Diagnostic => ({
    file,
    ...spanOf(range, lines),
    message,
    ...(hint ? { hint } : {}),
  });
  const deep = tooDeepAt(text);
  if (deep !== null) return { tree, diagnostics: [{ file, ...placeIn(text, deep), length: 1, message: TOO_DEEP }] };
  try {
    // duplicate keys are looked for below: the parser's own search compares every key with every other
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    const errors = [...document.errors, ...document.warnings];
    const tooDeep = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
    const diagnostics = (tooDeep ? [tooDeep] : errors).map((error) =>
      at(error.pos, ...syntaxMessage(error.code, error.message)),
    );
    if (diagnostics.length) return { tree, diagnostics };
    const state: Walk = {
      file,
      lines,
      anchors: new Map(),
      open: new Set(),
      copies: 0,
      left: MOST_COPIED_VALUES,
      outermost: [0, 1],
      complain: (range, message, hint) => void diagnostics.push(at(range, message, hint)),
    };
    tree.value = walk(document.contents, tree.places, state);
    return { tree, diagnostics };
  } catch (error) {
    if (error instanceof TooManyCopies)
      return {
        tree,
        diagnostics: [
          at(
            error.range,
            `more than ${MOST_COPIED_VALUES.toLocaleString('en-US')} values once aliases are copied out`,
            'write the values out instead of nesting aliases',
          ),
        ],
      };
    throw error;
  }
}

// ---------------------------------------------------------------------------

class TooManyCopies extends Error {
  readonly range: readonly number[];
  constructor(range: readonly number[]) {
    super('too many copies');
    this.range = range;
  }
}

interface Walk {
  file: string;
  lines: LineCounter;
  /** the newest anchor of each name so far */
  anchors: Map<string, Node>;
  /** anchored nodes that are being copied out */
  open: Set<Node>;
  /** how many aliases deep we are */
  copies: number;
  left: number;
  /** the alias in the text that is being copied out */
  outermost: readonly number[];
  complain(range: readonly number[], message: string, hint?: string): void;
}

function walk(node: unknown, places: Places, state: Walk): Json {
  if (isAlias(node)) return copyOf(node, places, state);
  if (state.copies > 0 && --state.left < 0) throw new TooManyCopies(state.outermost);
  const anchor = (node as (Node & { anchor?: string }) | null)?.anchor;
  if (anchor && state.copies === 0) state.anchors.set(anchor, node as Node);
  const span = spanOf(rangeOf(node), state.lines);
  places.place ??= { file: state.file, key: span, value: span };
  if (isMap(node)) return mapOf(node.items, places, state);
  if (isSeq(node)) return node.items.map((item, index) => walk(item, under(places, String(index)), state));
  return isScalar(node) ? plain(node.value) : null;
}

function mapOf(pairs: Pair[], places: Places, state: Walk): Json {
  const object: { [key: string]: Json } = {};
  for (const { key, value } of pairs) {
    if (!isScalar(key)) {
      state.complain(rangeOf(key ?? value), 'a key is a plain word here');
      continue;
    }
    const name = String(key.value);
    const span = spanOf(rangeOf(key), state.lines);
    if (Object.hasOwn(object, name)) {
      state.complain(
        rangeOf(key),
        `"${name}" stands twice in one mapping`,
        `first in line ${places.below.get(name)?.place?.key.line}`,
      );
      continue;
    }
    if (name === '<<' && isAlias(value)) {
      state.complain(
        rangeOf(key),
        'merge keys are not read here',
        'write the keys out, or put them into a file and pull that in with `use:`',
      );
      continue;
    }
    const inner = under(places, name);
    inner.place = { file: state.file, key: span, value: value === null ? span : spanOf(rangeOf(value), state.lines) };
    // defineProperty, so that a key `__proto__` is a key like any other
    Object.defineProperty(object, name, {
      value: walk(value, inner, state),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return object;
}

/** What an alias stands for. The places are those of the anchored text, but its own is where the alias stands. */
function copyOf(alias: Alias, places: Places, state: Walk): Json {
  const meant = state.anchors.get(alias.source);
  const span = spanOf(rangeOf(alias), state.lines);
  places.place ??= { file: state.file, key: span, value: span };
  if (!meant || state.open.has(meant)) {
    state.complain(
      rangeOf(alias),
      meant ? `*${alias.source} stands inside what it names` : `no anchor &${alias.source} before this`,
    );
    return null;
  }
  if (state.copies === 0) state.outermost = rangeOf(alias);
  else if (--state.left < 0) throw new TooManyCopies(state.outermost);
  state.open.add(meant);
  state.copies++;
  const value = walk(meant, places, state);
  state.copies--;
  state.open.delete(meant);
  return value;
}

function plain(value: unknown): Json {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  return String(value);
}

function placeIn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

const rangeOf = (node: unknown): readonly number[] => (node as Node | null)?.range ?? [0, 1];

function spanOf([start = 0, end = start + 1]: readonly number[], lines: LineCounter): Span {
  const { line, col } = lines.linePos(start);
  return { line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, end - start) };
}

function under(places: Places, step: string): Places {
  const inner = noPlaces();
  places.below.set(step, inner);
  return inner;
}
