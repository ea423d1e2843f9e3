import { basename, dirname, join } from 'node:path';

/** One build of TensorFlow that is installed, byte for byte: the wheels, and the files that are taken out of them. */
export interface PinnedBuild {
  /** what stands in a key, and names the folder */
  identity: string;
  /** where the two libraries lie, from the build's folder */
  librariesIn: string;
  /** `contentMark` of the two libraries: a user's own folder that holds the same files is the same TensorFlow */
  contentMark: string;
  wheels: readonly PinnedWheel[];
}

export interface PinnedWheel {
  /** for pip: `tensorflow-cpu==2.21.0` */
  requirement: string;
  fileName: string;
  sha256: string;
  bytes: number;
  /** what is unpacked: names in the wheel, with their sizes in bytes */
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

/** What makes pip choose this wheel, whatever Python runs it. */
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

/** Where a file of a wheel lies, from the build's folder. */
export function placeOf({ librariesIn }: PinnedBuild, nameInWheel: string): string {
  return dirname(nameInWheel) === 'tensorflow' ? join(librariesIn, basename(nameInWheel)) : nameInWheel;
}

/** [place, bytes] of everything that a whole build holds. */
export function filesOf(build: PinnedBuild): [place: string, bytes: number][] {
  return build.wheels.flatMap(({ files }) =>
    Object.entries(files).map(([name, bytes]): [string, number] => [placeOf(build, name), bytes]),
  );
}

export function sizeOf(build: PinnedBuild): { wheelBytes: number; unpackedBytes: number } {
  const sum = (numbers: number[]): number => numbers.reduce((total, bytes) => total + bytes, 0);
  return {
    wheelBytes: sum(build.wheels.map(({ bytes }) => bytes)),
    unpackedBytes: sum(filesOf(build).map(([, bytes]) => bytes)),
  };
}
