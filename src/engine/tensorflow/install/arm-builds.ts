import type { PinnedBuild } from './pinned-build.ts';

/** For Macs with Apple silicon and macOS 12 or newer. */
export const macBuild: PinnedBuild = {
  identity: 'tensorflow 2.21.0 macos-arm64',
  librariesIn: '.',
  contentMark: '07c43d6677519968',
  wheels: [
    {
      requirement: 'tensorflow==2.21.0',
      fileName: 'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl',
      sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
      bytes: 223_405_849,
      files: {
        'tensorflow/libtensorflow_framework.2.dylib': 49_452_976,
        'tensorflow/libtensorflow_cc.2.dylib': 691_352_648,
      },
    },
  ],
};

/** For Linux on arm64, which is also what a container on such a Mac runs. */
export const linuxArmBuild: PinnedBuild = {
  identity: 'tensorflow 2.21.0 linux-arm64',
  librariesIn: '.',
  contentMark: 'b3d6de3ed75000d6',
  wheels: [
    {
      requirement: 'tensorflow==2.21.0',
      fileName: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl',
      sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
      bytes: 281_828_020,
      files: {
        'tensorflow/libtensorflow_framework.so.2': 68_176_664,
        'tensorflow/libtensorflow_cc.so.2': 814_885_544,
      },
    },
  ],
};
