import { basename, dirname, join } from 'node:path';

/** A build of TensorFlow with exact contents: its wheels, and the files to unpack from them. */
export interface PinnedBuild {
  /** goes into stage keys, and names the folder */
  identity: string;
  /** the path of the two libraries' folder in the build's folder */
  librariesIn: string;
  /** `contentMark` of the two libraries, which identifies the same build in a user's own folder */
  contentMark: string;
  wheels: readonly PinnedWheel[];
}

export interface PinnedWheel {
  /** in pip's syntax: `tensorflow-cpu==2.21.0` */
  requirement: string;
  fileName: string;
  sha256: string;
  bytes: number;
  /** the files to unpack: names in the wheel, with sizes in bytes */
  files: Readonly<Record<string, number>>;
}

export const cpuBuild: PinnedBuild = {
  identity: 'tensorflow-cpu 2.21.0',
  librariesIn: '.',
  contentMark: 'b2236c277267828c',
  wheels: [
    {
      requirement: 'tensorflow-cpu==2.21.0',
      fileName: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
      sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
      bytes: 273_829_956,
      files: {
        'tensorflow/libtensorflow_framework.so.2': 65_222_328,
        'tensorflow/libtensorflow_cc.so.2': 788_086_608,
      },
    },
  ],
};

/** Options that make pip choose this wheel under any version of Python. */
export function pipOptions({ fileName }: PinnedWheel): string[] {
  const platform = fileName.slice(fileName.lastIndexOf('-') + 1, -'.whl'.length).split('.')[0]!;
  return [
    '--no-deps',
    '--only-binary=:all:',
    '--python-version',
    '3.11',
    '--implementation',
    'cp',
    '--platform',
    platform,
  ];
}

/** The path of a wheel's file in the build's folder. */
export function pathInBuild({ librariesIn }: PinnedBuild, nameInWheel: string): string {
  return dirname(nameInWheel) === 'tensorflow' ? join(librariesIn, basename(nameInWheel)) : nameInWheel;
}

/** The path and size in bytes of every file of a complete build. */
export function filesOf(build: PinnedBuild): [path: string, bytes: number][] {
  return build.wheels.flatMap(({ files }) =>
    Object.entries(files).map(([name, bytes]): [string, number] => [pathInBuild(build, name), bytes]),
  );
}

export function sizeOf(build: PinnedBuild): { wheelBytes: number; unpackedBytes: number } {
  const sum = (numbers: number[]): number => numbers.reduce((total, bytes) => total + bytes, 0);
  return {
    wheelBytes: sum(build.wheels.map(({ bytes }) => bytes)),
    unpackedBytes: sum(filesOf(build).map(([, bytes]) => bytes)),
  };
}
