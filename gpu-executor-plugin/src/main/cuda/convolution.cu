// SPDX-License-Identifier: Apache-2.0
// Convolutions without tensor cores, in FP32 and FP64, and the gradient of the bias.
#include "convolution.cuh"
#include "reduce.cuh"
#include "slices.cuh"
#include "weight_gradient.cuh"

namespace {

using Large = Tile<Exact<float>, 64, 128, 16>;
using Small = Tile<Exact<float>, 64, 64, 16>;
using FewRows = Tile<Exact<float>, 32, 64, 32>;
using Double = Tile<Exact<double>, 64, 64, 16>;

}  // namespace

CONVOLUTION(64x128, f32, float, Large, Threads)
CONVOLUTION(64x64, f32, float, Small, Threads)
CONVOLUTION(64x64, f64, double, Double, Threads)
WEIGHT_GRADIENT(64x128, f32, float, Large, Threads)
WEIGHT_GRADIENT(64x64, f32, float, Small, Threads)
WEIGHT_GRADIENT(32x64, f32, float, FewRows, Slices)
WEIGHT_GRADIENT(64x64, f64, double, Double, Threads)

namespace {

// Sums over the images and pixels of a channel. The grid is [channels, splits], which take some images each.
template <typename T>
__device__ void biasGradient(const T* gy, T* gb, int images, int channels, int plane, int imagesPerSplit) {
  const int first = blockIdx.y * imagesPerSplit, count = min(imagesPerSplit, images - first);
  gy += ((long long)first * channels + blockIdx.x) * plane;
  const int stepImage = BLOCK / plane, stepPlace = BLOCK % plane;
  int image = threadIdx.x / plane, place = threadIdx.x % plane;
  Sums<T> sum = {0, 0};
#pragma unroll 4
  for (int i = threadIdx.x; i < count * plane; i += BLOCK) {
    sum.a += gy[(long long)image * channels * plane + place];
    image += stepImage;
    place += stepPlace;
    if (place >= plane) {
      place -= plane;
      image++;
    }
  }
  sum = reduceNeighbours<BLOCK>(sum);
  if (threadIdx.x == 0) gb[blockIdx.y * channels + blockIdx.x] = sum.a;
}

}  // namespace

#define BIAS_GRADIENT(SUFFIX, TYPE)                                                                                     \
  extern "C" __global__ void __launch_bounds__(BLOCK) conv2d_bias_gradient_##SUFFIX(                                    \
      const TYPE* gy, TYPE* gb, int images, int channels, int plane, int imagesPerSplit) {                              \
    biasGradient<TYPE>(gy, gb, images, channels, plane, imagesPerSplit);                                                \
  }

BIAS_GRADIENT(f32, float)
BIAS_GRADIENT(f64, double)
