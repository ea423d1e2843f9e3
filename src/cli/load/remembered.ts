/** The value known by this name, or the one found and remembered now. */
export function remembered<Value>(known: Map<string, Value>, name: string, find: () => Value): Value {
  const value = known.get(name) ?? find();
  known.set(name, value);
  return value;
}
