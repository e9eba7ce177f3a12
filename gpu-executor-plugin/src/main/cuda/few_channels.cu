// SPDX-License-Identifier: Apache-2.0
// Convolutions to few channels, and input gradients of few: most rows of a tile would be zeros. A thread has all rows of two
// pixels, so that it alone wants what it reads of the images, 32 neighbours at a time, and multiplies it from registers; the
// weights are the same for all threads, which get them from shared memory in broadcasts.
#include "convolution_taps.cuh"
#include "tiles.cuh"

namespace {

constexpr int BLOCK = 128, PIXELS = 2, TAPS = 64;

// TAPS taps, from k = begin on, and their weights for all rows.
template <int ROWS, typename T>
struct Chunk {
  Tap taps[TAPS];
  alignas(16) T weights[TAPS][ROWS];

  __device__ void load(const TapSource& source, const ImageProduct<T>& product, int begin) {
    if (threadIdx.x < TAPS) taps[threadIdx.x] = source.tap(Digits(begin + threadIdx.x, 0, source.rows.taps, source.columns.taps));
    __syncthreads();
    for (int i = threadIdx.x; i < TAPS * ROWS; i += BLOCK) {
      const int tap = i / ROWS, row = i % ROWS, weight = taps[tap].weight;
      const bool inside = weight >= 0 && row < product.target.rows;
      weights[tap][row] = inside ? product.weights[(long long)row * product.weightRow + weight] : T(0);
    }
    __syncthreads();
  }
};

// The pixel that a thread has, of those of all images, and where its patch begins.
template <typename T>
struct Patch {
  const T* from;
  int pixel, row, column;

  __device__ Patch(const TapSource& source, const ImageProduct<T>& product, int pixel) : pixel(pixel) {
    const Digits at(pixel, 0, source.rows.results, source.columns.results);
    row = pixel < product.target.columns ? source.rows.first + at.d1 * source.rows.stride : NOWHERE;
    column = source.columns.first + at.d0 * source.columns.stride;
    from = product.source + at.d2 * product.image + (long long)row * product.width + column;
  }

  __device__ T at(const Tap& tap, const ImageProduct<T>& product) const {
    const bool inside = unsigned(row + tap.row) < unsigned(product.height) &&
                        unsigned(column + tap.column) < unsigned(product.width);
    return inside ? from[tap.offset] : T(0);
  }
};

template <int ROWS, typename T>
__device__ void fewChannels(const TapSource& source, const ImageProduct<T>& product, T* to, const Epilogue<T>& epilogue) {
  __shared__ Chunk<ROWS, T> chunk;
  if (blockIdx.x * BLOCK * PIXELS >= product.target.columns) return;
  const int first = blockIdx.x * BLOCK * PIXELS + threadIdx.x, all = source.count();
  const Patch<T> patches[PIXELS] = {Patch<T>(source, product, first), Patch<T>(source, product, first + BLOCK)};
  T sums[PIXELS][ROWS] = {};
  for (int begin = 0; begin < all; begin += TAPS) {
    chunk.load(source, product, begin);
    const int count = min(TAPS, all - begin);
#pragma unroll(32 / ROWS)
    for (int k = 0; k < count; k++) {
      const Tap tap = chunk.taps[k];
      T x[PIXELS];
#pragma unroll
      for (int p = 0; p < PIXELS; p++) x[p] = patches[p].at(tap, product);
#pragma unroll
      for (int row = 0; row < ROWS; row += 4) {
        const auto weights = *reinterpret_cast<const Run<T, 4>*>(&chunk.weights[k][row]);
#pragma unroll
        for (int e = 0; e < 4; e++)
#pragma unroll
          for (int p = 0; p < PIXELS; p++) sums[p][row + e] += weights.v[e] * x[p];
      }
    }
    __syncthreads();
  }
  // By way of what were the weights, so that the epilogue is there four times and not once for each sum: a thread reads back
  // its own.
  constexpr int AT_ONCE = TAPS * ROWS / BLOCK;
  T* const own = &chunk.weights[0][0] + threadIdx.x;
  const ImageTarget& target = product.target;
#pragma unroll
  for (int p = 0; p < PIXELS; p++) {
    if (patches[p].pixel >= target.columns) continue;
    long long at = target.place(0, patches[p].pixel);
#pragma unroll
    for (int top = 0; top < ROWS; top += AT_ONCE) {
#pragma unroll
      for (int i = 0; i < AT_ONCE; i++) own[i * BLOCK] = sums[p][top + i];
#pragma unroll 1
      for (int i = 0; i < AT_ONCE && top + i < target.rows; i++) {
        to[at] = epilogue.apply(own[i * BLOCK], at, target.channel(top + i, 0));
        at += (long long)target.height * target.width;
      }
    }
  }
}

// The grid is [blocks, 1, groups].
template <int ROWS, typename T>
__device__ void conv2d(const T* x, const T* w, T* y, const Epilogue<T>& epilogue, const Conv2dSizes& s) {
  __shared__ TapSource taps;
  if (threadIdx.x == 0) taps = outputTaps(s);
  __syncthreads();
  fewChannels<ROWS>(taps, outputProduct(x, w, s, blockIdx.z, taps), y, epilogue);
}

// The grid is [blocks of the largest class, 1, groups·classes].
template <int ROWS, typename T>
__device__ void conv2dInputGradient(const T* gy, const T* w, T* gx, const Conv2dSizes& s) {
  const int classes = s.strideHeight * s.strideWidth;
  __shared__ TapSource taps;
  if (threadIdx.x == 0) taps = inputGradientTaps(s, blockIdx.z % classes);
  __syncthreads();
  fewChannels<ROWS>(taps, inputGradientProduct(gy, w, s, blockIdx.z / classes, taps), gx, Epilogue<T>{});
}

}  // namespace

#define FEW_CHANNELS(ROWS)                                                                                              \
  extern "C" __global__ void __launch_bounds__(BLOCK, 4) conv2d_few_##ROWS##_f32(                                       \
      const float* x, const float* w, float* y, const float* bias, const float* scale, const float* shift,              \
      const float* summand, int relu, Conv2dSizes sizes) {                                                              \
    conv2d<ROWS, float>(x, w, y, {bias, scale, shift, summand, relu}, sizes);                                           \
  }                                                                                                                     \
  extern "C" __global__ void __launch_bounds__(BLOCK, 4) conv2d_input_gradient_few_##ROWS##_f32(                        \
      const float* gy, const float* w, float* gx, Conv2dSizes sizes) {                                                  \
    conv2dInputGradient<ROWS, float>(gy, w, gx, sizes);                                                                 \
  }

FEW_CHANNELS(16)
FEW_CHANNELS(32)
