/** The one build of TensorFlow that is installed: the wheel, and the two libraries that are taken out of it. */
export const pinnedWheel = {
  identity: 'tensorflow-cpu 2.21.0',
  requirement: 'tensorflow-cpu==2.21.0',
  fileName: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  bytes: 273_829_956,
  /** What makes pip choose this wheel, whatever Python runs it. */
  pipOptions: [
    '--no-deps', '--only-binary=:all:', '--python-version', '3.11', '--implementation', 'cp', '--platform', 'manylinux_2_27_x86_64',
  ],
  /** By their names in the wheel, with their sizes in bytes. */
  libraries: {
    'tensorflow/libtensorflow_framework.so.2': 65_222_328,
    'tensorflow/libtensorflow_cc.so.2': 788_086_608,
  },
  /** `contentMark` of the two libraries: a user's own folder that holds the same files is the same TensorFlow. */
  contentMark: 'b2236c277267828c',
} as const;
