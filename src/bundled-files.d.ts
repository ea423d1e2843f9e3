/** What `build.mjs` compiles from the AssemblyScript beside. */
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

/** As much of it as is used here; Node's own types leave it to the browser's. */
declare namespace WebAssembly {
  // oxlint-disable-next-line typescript/no-extraneous-class
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: unknown;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  interface Global {
    readonly value: number;
  }
}

/** The text of a file; esbuild puts it into the bundle. */
declare module '*.txt' {
  const text: string;
  export default text;
}
