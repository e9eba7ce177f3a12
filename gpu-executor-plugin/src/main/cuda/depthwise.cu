// SPDX-License-Identifier: Apache-2.0
// Convolutions whose groups have one input channel: as products they would fill a row of a tile. A thread makes one result
// of output or input gradient, a block one of the weight gradient. They wait for memory, so plain loops do; neighbours read
// the same lines again, from the L1 cache.
#include "conv2d_sizes.cuh"
#include "reduce.cuh"
#include "tiles.cuh"

namespace {

// Element i of [n, channels, height, width].
struct Position {
  int n, channel, row, column;

  __device__ Position(int i, int channels, int height, int width) {
    column = i % width;
    row = i / width % height;
    channel = i / (width * height) % channels;
    n = i / (width * height) / channels;
  }
};

template <typename T>
__device__ void depthwise(const T* x, const T* w, T* y, const Epilogue<T>& epilogue, const Conv2dSizes& s) {
  const int i = blockIdx.x * BLOCK + threadIdx.x;
  if (i >= s.total) return;
  const Position at(i, s.outChannels, s.outHeight, s.outWidth);
  const int input = at.channel / (s.outChannels / s.groups), taps = s.kernelHeight * s.kernelWidth;
  const int top = at.row * s.strideHeight - s.padHeight, left = at.column * s.strideWidth - s.padWidth;
  x += ((long long)at.n * s.inChannels + input) * s.height * s.width;
  w += (long long)at.channel * taps;
  T sum = 0;
  for (int t = 0; t < s.kernelHeight; t++) {
    const int row = top + t * s.dilationHeight;
    if (unsigned(row) >= unsigned(s.height)) continue;
    for (int u = 0; u < s.kernelWidth; u++) {
      const int column = left + u * s.dilationWidth;
      if (unsigned(column) < unsigned(s.width)) sum += x[row * s.width + column] * w[t * s.kernelWidth + u];
    }
  }
  y[i] = epilogue.apply(sum, i, at.channel);
}

template <typename T>
__device__ void depthwiseInputGradient(const T* gy, const T* w, T* gx, const Conv2dSizes& s) {
  const int i = blockIdx.x * BLOCK + threadIdx.x;
  if (i >= s.total) return;
  const Position at(i, s.inChannels, s.height, s.width);
  const int outputs = s.outChannels / s.groups, plane = s.outHeight * s.outWidth, taps = s.kernelHeight * s.kernelWidth;
  gy += ((long long)at.n * s.outChannels + at.channel * outputs) * plane;
  w += (long long)at.channel * outputs * taps;
  T sum = 0;
  for (int t = 0; t < s.kernelHeight; t++) {
    const int down = at.row + s.padHeight - t * s.dilationHeight, row = down / s.strideHeight;
    if (down < 0 || down % s.strideHeight != 0 || row >= s.outHeight) continue;
    for (int u = 0; u < s.kernelWidth; u++) {
      const int right = at.column + s.padWidth - u * s.dilationWidth, column = right / s.strideWidth;
      if (right < 0 || right % s.strideWidth != 0 || column >= s.outWidth) continue;
      for (int o = 0; o < outputs; o++)
        sum += gy[o * plane + row * s.outWidth + column] * w[o * taps + t * s.kernelWidth + u];
    }
  }
  gx[i] = sum;
}

// The grid is [weights, splits of the images].
template <typename T>
__device__ void depthwiseWeightGradient(const T* x, const T* gy, T* gw, const Conv2dSizes& s) {
  const int taps = s.kernelHeight * s.kernelWidth, plane = s.outHeight * s.outWidth;
  const int output = blockIdx.x / taps, tap = blockIdx.x % taps, input = output / (s.outChannels / s.groups);
  const int down = tap / s.kernelWidth * s.dilationHeight - s.padHeight;
  const int right = tap % s.kernelWidth * s.dilationWidth - s.padWidth;
  const int end = min((blockIdx.y + 1) * s.kPerSplit, s.n * plane);
  Sums<T> sum = {0, 0};
  for (int k = blockIdx.y * s.kPerSplit + threadIdx.x; k < end; k += BLOCK) {
    const int n = k / plane, pixel = k % plane;
    const int row = pixel / s.outWidth * s.strideHeight + down, column = pixel % s.outWidth * s.strideWidth + right;
    if (unsigned(row) < unsigned(s.height) && unsigned(column) < unsigned(s.width))
      sum.a += gy[((long long)n * s.outChannels + output) * plane + pixel] *
               x[(((long long)n * s.inChannels + input) * s.height + row) * s.width + column];
  }
  sum = reduceNeighbours<BLOCK>(sum);
  if (threadIdx.x == 0) gw[(long long)blockIdx.y * s.total + blockIdx.x] = sum.a;
}

}  // namespace

#define DEPTHWISE(SUFFIX, TYPE)                                                                                         \
  extern "C" __global__ void __launch_bounds__(BLOCK) depthwise_conv2d_##SUFFIX(                                        \
      const TYPE* x, const TYPE* w, TYPE* y, const TYPE* bias, const TYPE* scale, const TYPE* shift,                    \
      const TYPE* summand, int relu, Conv2dSizes sizes) {                                                               \
    depthwise<TYPE>(x, w, y, {bias, scale, shift, summand, relu}, sizes);                                               \
  }                                                                                                                     \
  extern "C" __global__ void __launch_bounds__(BLOCK) depthwise_conv2d_input_gradient_##SUFFIX(                         \
      const TYPE* gy, const TYPE* w, TYPE* gx, Conv2dSizes sizes) {                                                     \
    depthwiseInputGradient<TYPE>(gy, w, gx, sizes);                                                                     \
  }                                                                                                                     \
  extern "C" __global__ void __launch_bounds__(BLOCK) depthwise_conv2d_weight_gradient_##SUFFIX(                        \
      const TYPE* x, const TYPE* gy, TYPE* gw, Conv2dSizes sizes) {                                                     \
    depthwiseWeightGradient<TYPE>(x, gy, gw, sizes);                                                                    \
  }

DEPTHWISE(f32, float)
DEPTHWISE(f64, double)
