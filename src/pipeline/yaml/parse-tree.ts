import { withCommas } from '../../numbers/counted.ts';
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Alias, Node, Pair, Scalar, YAMLError } from 'yaml';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { tooDeepAt } from './nesting.ts';
import { NO_BREAK_SPACE, TOO_DEEP, quotesHint, syntaxMessage } from './syntax-message.ts';
import { noLocations } from './tree.ts';
import type { Json, Locations, Span, Tree } from './tree.ts';

/**
 * Anchors are allowed, and each alias is replaced by a copy. A file whose copies have more values than this is taken
 * for a mistake or an attack.
 */
const MAX_COPIED_VALUES = 100_000;

/** Parses a text to a tree, or to all of its syntax errors. No text makes it throw. */
export function parseTree(file: string, text: string): { tree: Tree; diagnostics: Diagnostic[] } {
  const lines = new LineCounter();
  const tree: Tree = { value: null, locations: noLocations() };
  const diagnosticAt = (range: readonly number[], message: string, hint?: string): Diagnostic => ({
    file,
    ...spanOf(range, lines),
    message,
    ...(hint ? { hint } : {}),
  });
  const deepOffset = tooDeepAt(text);
  if (deepOffset !== null)
    return { tree, diagnostics: [{ file, ...lineAndColumn(text, deepOffset), length: 1, message: TOO_DEEP }] };
  try {
    // mapOf looks for duplicate keys: the parser compares every key with every other one
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    const errors = [...document.errors, ...document.warnings];
    const tooDeep = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
    const diagnostics = (tooDeep ? [tooDeep] : withoutFollowing(errors, lines)).map((error) =>
      diagnosticAt(error.pos, ...syntaxMessage(error.code, error.message, lineAt(text, error.pos[0]))),
    );
    if (diagnostics.length) return { tree, diagnostics };
    const state: WalkState = {
      file,
      lines,
      anchors: new Map(),
      open: new Set(),
      aliasDepth: 0,
      copiesLeft: MAX_COPIED_VALUES,
      outermostAlias: [0, 1],
      lineAt: (offset) => lineAt(text, offset),
      report: (range, message, hint) => void diagnostics.push(diagnosticAt(range, message, hint)),
    };
    tree.value = walk(document.contents, tree.locations, state);
    return { tree, diagnostics };
  } catch (error) {
    if (error instanceof TooManyCopies)
      return {
        tree,
        diagnostics: [
          diagnosticAt(
            error.range,
            `the aliases expand to more than ${withCommas(MAX_COPIED_VALUES)} values`,
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

interface WalkState {
  file: string;
  lines: LineCounter;
  /** the newest anchor of each name so far */
  anchors: Map<string, Node>;
  /** anchored nodes that are being copied, to detect an alias inside its own anchor */
  open: Set<Node>;
  /** how many aliases the current node is nested in */
  aliasDepth: number;
  /** how many more values may come from copies */
  copiesLeft: number;
  /** the alias that was written in the text, of those that the current node is nested in */
  outermostAlias: readonly number[];
  /** the line that holds an offset */
  lineAt(offset: number): string;
  report(range: readonly number[], message: string, hint?: string): void;
}

/** One error for a line, because the parser stumbles on; after a tab, whose width it cannot know, none that follows. */
function withoutFollowing(errors: YAMLError[], lines: LineCounter): YAMLError[] {
  const sorted = errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  const tab = sorted.find(({ code }) => code === 'TAB_AS_INDENT');
  if (tab) return [tab];
  const seen = new Set<number>();
  return sorted.filter(({ pos }) => {
    const { line } = lines.linePos(pos[0]);
    const isFirst = !seen.has(line);
    seen.add(line);
    return isFirst;
  });
}

/** The line of the text that holds an offset. */
function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
}

function walk(node: unknown, locations: Locations, state: WalkState): Json {
  if (isAlias(node)) return copyOf(node, locations, state);
  if (state.aliasDepth > 0 && --state.copiesLeft < 0) throw new TooManyCopies(state.outermostAlias);
  const anchor = (node as (Node & { anchor?: string }) | null)?.anchor;
  if (anchor && state.aliasDepth === 0) state.anchors.set(anchor, node as Node);
  const span = spanOf(rangeOf(node), state.lines);
  locations.location ??= { file: state.file, key: span, value: span };
  if (isMap(node)) return mapOf(node.items, locations, state);
  if (isSeq(node)) return node.items.map((item, index) => walk(item, addBelow(locations, String(index)), state));
  if (!isScalar(node)) return null;
  const fault = numberFault(node);
  if (fault) state.report(rangeOf(node), ...fault);
  return plain(node.value);
}

/** Why a number cannot be kept as it is written. */
function numberFault({ value, source = '' }: Scalar): [message: string, hint: string] | null {
  if (typeof value !== 'number') return null;
  if (!Number.isFinite(value)) return [`${source} is not a number that can be computed with`, 'write a finite number'];
  const digits = /^[-+]?0*(\d+)$/.exec(source)?.[1];
  if (digits === undefined || Number.isSafeInteger(value) || String(Math.abs(value)) === digits) return null;
  return [`${source} has more digits than a number can hold`, 'put quotes around it if it is a name or an id'];
}

function mapOf(pairs: Pair[], locations: Locations, state: WalkState): Json {
  const object: { [key: string]: Json } = {};
  for (const { key, value } of pairs) {
    if (!isScalar(key)) {
      state.report(rangeOf(key ?? value), 'a key must be a plain word');
      continue;
    }
    // as written: a phone number or an id as a key keeps its digits
    const name = key.type === 'PLAIN' ? (key.source ?? String(key.value)) : String(key.value);
    const span = spanOf(rangeOf(key), state.lines);
    if (name.includes('\u00a0')) {
      state.report(rangeOf(key), ...NO_BREAK_SPACE);
      continue;
    }
    if (key.type === 'PLAIN' && name === '') {
      state.report(
        rangeOf(key),
        'text with braces or a colon needs quotes',
        quotesHint(state.lineAt(rangeOf(key)[0]!)),
      );
      return object;
    }
    if (Object.hasOwn(object, name)) {
      state.report(
        rangeOf(key),
        `duplicate key "${name}"`,
        `first used in line ${locations.below.get(name)?.location?.key.line}`,
      );
      continue;
    }
    if (name === '<<' && isAlias(value)) {
      state.report(
        rangeOf(key),
        'merge keys (`<<`) are not supported',
        'repeat the keys, or move them to a file and include it with `use:`',
      );
      continue;
    }
    const inner = addBelow(locations, name);
    inner.location = {
      file: state.file,
      key: span,
      value: value === null ? span : spanOf(rangeOf(value), state.lines),
    };
    // defineProperty makes `__proto__` a key like any other
    Object.defineProperty(object, name, {
      value: walk(value, inner, state),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return object;
}

/** The value of an alias. Its own location is that of the alias; everything in it is located at the anchor. */
function copyOf(alias: Alias, locations: Locations, state: WalkState): Json {
  const anchored = state.anchors.get(alias.source);
  const span = spanOf(rangeOf(alias), state.lines);
  locations.location ??= { file: state.file, key: span, value: span };
  if (!anchored || state.open.has(anchored)) {
    state.report(
      rangeOf(alias),
      anchored
        ? `*${alias.source} is inside the value that it refers to`
        : `no anchor &${alias.source} before this alias`,
    );
    return null;
  }
  if (state.aliasDepth === 0) state.outermostAlias = rangeOf(alias);
  else if (--state.copiesLeft < 0) throw new TooManyCopies(state.outermostAlias);
  state.open.add(anchored);
  state.aliasDepth++;
  const value = walk(anchored, locations, state);
  state.aliasDepth--;
  state.open.delete(anchored);
  return value;
}

function plain(value: unknown): Json {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  return String(value);
}

function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

const rangeOf = (node: unknown): readonly number[] => (node as Node | null)?.range ?? [0, 1];

function spanOf([start = 0, end = start + 1]: readonly number[], lines: LineCounter): Span {
  const { line, col } = lines.linePos(start);
  return { line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, end - start) };
}

function addBelow(locations: Locations, step: string): Locations {
  const inner = noLocations();
  locations.below.set(step, inner);
  return inner;
}
