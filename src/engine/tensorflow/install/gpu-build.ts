import type { PinnedBuild } from './pinned-build.ts';

/**
 * For NVIDIA cards: the wheel `tensorflow` and the CUDA 12 wheels required by its extra `and-cuda`, in the newest
 * allowed versions at the time of writing. TensorFlow searches for CUDA's libraries, and XLA for `ptxas`, in the folder
 * `nvidia` beside its own.
 */
export const gpuBuild: PinnedBuild = {
  identity: 'tensorflow 2.21.0',
  librariesIn: 'tensorflow',
  contentMark: 'c8214ac7ba8f01f6',
  wheels: [
    {
      requirement: 'tensorflow==2.21.0',
      fileName: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
      sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
      bytes: 572_440_367,
      files: {
        'tensorflow/libtensorflow_framework.so.2': 162_648_808,
        'tensorflow/libtensorflow_cc.so.2': 1_096_372_272,
      },
    },
    {
      requirement: 'nvidia-cublas-cu12==12.9.3.13',
      fileName: 'nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl',
      sha256: 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
      bytes: 581_217_458,
      files: {
        'nvidia/cublas/lib/libcublas.so.12': 105_140_976,
        'nvidia/cublas/lib/libcublasLt.so.12': 749_169_616,
      },
    },
    {
      requirement: 'nvidia-cuda-cupti-cu12==12.8.90',
      fileName: 'nvidia_cuda_cupti_cu12-12.8.90-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      sha256: 'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
      bytes: 10_248_621,
      files: {
        'nvidia/cuda_cupti/lib/libcupti.so.12': 7_595_792,
      },
    },
    {
      requirement: 'nvidia-cuda-nvcc-cu12==12.9.86',
      fileName: 'nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
      sha256: '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
      bytes: 40_546_229,
      files: {
        'nvidia/cuda_nvcc/bin/ptxas': 34_931_056,
        'nvidia/cuda_nvcc/nvvm/lib64/libnvvm.so': 62_581_536,
        'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc': 486_168,
      },
    },
    {
      requirement: 'nvidia-cuda-nvrtc-cu12==12.9.86',
      fileName: 'nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
      sha256: '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
      bytes: 89_568_129,
      files: {
        'nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.9': 7_202_760,
        'nvidia/cuda_nvrtc/lib/libnvrtc.so.12': 106_244_480,
      },
    },
    {
      requirement: 'nvidia-cuda-runtime-cu12==12.9.79',
      fileName: 'nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      sha256: '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
      bytes: 3_493_179,
      files: {
        'nvidia/cuda_runtime/lib/libcudart.so.12': 741_088,
      },
    },
    {
      requirement: 'nvidia-cudnn-cu12==9.28.0.42',
      fileName: 'nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl',
      sha256: '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
      bytes: 716_538_495,
      files: {
        'nvidia/cudnn/lib/libcudnn.so.9': 137_432,
        'nvidia/cudnn/lib/libcudnn_adv.so.9': 232_904_280,
        'nvidia/cudnn/lib/libcudnn_cnn.so.9': 4_203_992,
        'nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9': 559_964_512,
        'nvidia/cudnn/lib/libcudnn_engines_runtime_compiled.so.9': 48_269_792,
        'nvidia/cudnn/lib/libcudnn_engines_tensor_ir.so.9': 2_099_128,
        'nvidia/cudnn/lib/libcudnn_ext.so.9': 10_492_448,
        'nvidia/cudnn/lib/libcudnn_graph.so.9': 115_563_344,
        'nvidia/cudnn/lib/libcudnn_heuristic.so.9': 96_473_944,
        'nvidia/cudnn/lib/libcudnn_ops.so.9': 92_284_600,
      },
    },
    {
      requirement: 'nvidia-cufft-cu12==11.4.1.4',
      fileName: 'nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      sha256: 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
      bytes: 200_877_592,
      files: {
        'nvidia/cufft/lib/libcufft.so.11': 291_507_928,
      },
    },
    {
      requirement: 'nvidia-curand-cu12==10.3.10.19',
      fileName: 'nvidia_curand_cu12-10.3.10.19-py3-none-manylinux_2_27_x86_64.whl',
      sha256: '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
      bytes: 68_295_626,
      files: {
        'nvidia/curand/lib/libcurand.so.10': 166_965_432,
      },
    },
    {
      requirement: 'nvidia-cusolver-cu12==11.7.5.82',
      fileName: 'nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl',
      sha256: '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
      bytes: 338_117_415,
      files: {
        'nvidia/cusolver/lib/libcusolver.so.11': 302_024_152,
      },
    },
    {
      requirement: 'nvidia-cusparse-cu12==12.5.10.65',
      fileName: 'nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      sha256: '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
      bytes: 366_465_088,
      files: {
        'nvidia/cusparse/lib/libcusparse.so.12': 486_556_368,
      },
    },
    {
      requirement: 'nvidia-nccl-cu12==2.32.3',
      fileName: 'nvidia_nccl_cu12-2.32.3-py3-none-manylinux_2_27_x86_64.whl',
      sha256: 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
      bytes: 351_526_311,
      files: {
        'nvidia/nccl/lib/libnccl.so.2': 473_614_536,
        'nvidia/nccl/lib/libnccl_device.bc': 5_459_448,
      },
    },
    {
      requirement: 'nvidia-nvjitlink-cu12==12.9.86',
      fileName: 'nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
      sha256: 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
      bytes: 39_748_338,
      files: {
        'nvidia/nvjitlink/lib/libnvJitLink.so.12': 95_935_344,
      },
    },
  ],
};
