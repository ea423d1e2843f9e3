/** The value remembered under this name; if there is none, finds and remembers it. */
export function remembered<Value>(known: Map<string, Value>, name: string, find: () => Value): Value {
  const value = known.get(name) ?? find();
  known.set(name, value);
  return value;
}
