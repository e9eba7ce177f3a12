// SPDX-License-Identifier: Apache-2.0
// Convolutions and their input gradients as products whose operands are gathered from weights and images on the way to
// shared memory.
#pragma once
#include "convolution_taps.cuh"
#include "tiles.cuh"

// What the threads of a block share: tables of the taps of a step, whose row k thread k writes, and what that needs. It all
// stands in shared memory, since registers are what the sums need.
template <class Tile>
struct Taps {
  alignas(16) Tap tables[2][Tile::K];
  TapSource source;
  Digits next[Tile::K];
  int top, left;  // of the tile, for when it is written

  __device__ void place(int tileTop, int tileLeft) {
    top = tileTop;
    left = tileLeft;
  }

  __device__ void begin(int k) {
    if (threadIdx.x < Tile::K) next[threadIdx.x] = Digits(k + threadIdx.x, Tile::K, source.rows.taps, source.columns.taps);
  }

  // One step after the other.
  __device__ void write(Tap* table) {
    if (threadIdx.x >= Tile::K) return;
    table[threadIdx.x] = source.tap(next[threadIdx.x]);
    next[threadIdx.x].grow();
  }
};

// K x N of patches: neighbouring threads have neighbouring pixels.
template <class Tile>
struct Patches {
  using T = typename Tile::T;
  static constexpr int PER_WORD = Tile::Math::PER_WORD, PIECES = Tile::WORDS * Tile::N / THREADS;

  const T* from;
  int row, column, height, width;
  T piece[PIECES][PER_WORD];

  // Of images of `image` elements.
  __device__ Patches(const T* source, int pixel, int pixels, const Axis& rows, const Axis& columns, long long image, int height, int width)
      : height(height), width(width) {
    const Digits at(pixel, 0, rows.results, columns.results);
    row = pixel < pixels ? rows.first + at.d1 * rows.stride : NOWHERE;
    column = columns.first + at.d0 * columns.stride;
    from = source + at.d2 * image + (long long)row * width + column;
  }

  __device__ void fetch(const Tap* table) {
#pragma unroll
    for (int p = 0; p < PIECES; p++)
#pragma unroll
      for (int e = 0; e < PER_WORD; e++) {
        const Tap tap = table[(threadIdx.x / Tile::N * PIECES + p) * PER_WORD + e];
        const bool inside = unsigned(row + tap.row) < unsigned(height) && unsigned(column + tap.column) < unsigned(width);
        piece[p][e] = inside ? from[tap.offset] : T(0);
      }
  }

  __device__ void store(typename Tile::Word* shared) const {
#pragma unroll
    for (int p = 0; p < PIECES; p++)
      shared[slot<Tile::N>(threadIdx.x / Tile::N * PIECES + p, threadIdx.x % Tile::N)] = Tile::Math::word(piece[p]);
  }
};

// M x K of weights that do not lie side by side: neighbouring threads have neighbouring channels.
template <class Tile>
struct ScatteredWeights {
  using T = typename Tile::T;
  static constexpr int PER_WORD = Tile::Math::PER_WORD, PIECES = Tile::WORDS * Tile::M / THREADS;

  const T* from;
  bool inside;
  T piece[PIECES][PER_WORD];

  __device__ ScatteredWeights(const T* weights, int first, int channels, int step)
      : from(weights + (long long)(first + threadIdx.x % Tile::M) * step), inside(first + threadIdx.x % Tile::M < channels) {}

  __device__ void fetch(int, const Tap* table) {
#pragma unroll
    for (int p = 0; p < PIECES; p++)
#pragma unroll
      for (int e = 0; e < PER_WORD; e++) {
        const int weight = table[(threadIdx.x / Tile::M * PIECES + p) * PER_WORD + e].weight;
        piece[p][e] = inside && weight >= 0 ? from[weight] : T(0);
      }
  }

  __device__ void store(typename Tile::Word* shared) const {
#pragma unroll
    for (int p = 0; p < PIECES; p++)
      shared[slot<Tile::M>(threadIdx.x / Tile::M * PIECES + p, threadIdx.x % Tile::M)] = Tile::Math::word(piece[p]);
  }
};

// M x K of weights as they lie.
template <class Tile>
struct DenseWeights : AlongK<Tile, Tile::M> {
  using AlongK<Tile, Tile::M>::AlongK;

  __device__ void fetch(int k, const Tap*) { AlongK<Tile, Tile::M>::fetch(k); }
};

template <class Tile, class Weights>
struct WeightsAndPatches {
  Weights weights;
  Patches<Tile> patches;
  Taps<Tile>& taps;
  int step = 0;

  __device__ void begin(int k) {
    taps.begin(k);
    taps.write(taps.tables[0]);
    __syncthreads();
  }

  __device__ void fetch(int k) {
    const Tap* table = taps.tables[step];
    patches.fetch(table);
    weights.fetch(k, table);
    step ^= 1;
    taps.write(taps.tables[step]);  // whoever read it has passed a barrier since
  }

  __device__ void store(typename Tile::Word* a, typename Tile::Word* b) const {
    weights.store(a);
    patches.store(b);
  }
};

// The part of a product that a block makes, without what finishes it.
template <class Tile, class Weights, typename T>
__device__ WeightsAndPatches<Tile, Weights> operands(
    const ImageProduct<T>& product, const Weights& weights, int left, Taps<Tile>& taps) {
  const Axis &rows = taps.source.rows, &columns = taps.source.columns;
  return {weights,
          Patches<Tile>(product.source, left + threadIdx.x % Tile::N, product.target.columns, rows, columns, product.image,
                        product.height, product.width),
          taps};
}

// The grid is [tiles, splits, groups].
template <class Tile, class Sums, typename T>
__device__ void conv2d(const T* x, const T* w, T* y, const Epilogue<T>& epilogue, const Conv2dSizes& s) {
  __shared__ Shared<Tile> shared;
  __shared__ Taps<Tile> taps;
  if (threadIdx.x == 0) taps.source = outputTaps(s);
  __syncthreads();
  const ImageProduct<T> product = outputProduct(x, w, s, blockIdx.z, taps.source);
  const ImageTarget& target = product.target;
  const TilePlace tile(blockIdx.x, (target.rows + Tile::M - 1) / Tile::M, (target.columns + Tile::N - 1) / Tile::N);
  const int top = tile.row * Tile::M, left = tile.column * Tile::N, all = taps.source.count();
  if (threadIdx.x == 0) taps.place(top, left);
  __syncthreads();
  const int begin = blockIdx.y * s.kPerSplit, end = min(begin + s.kPerSplit, all);
  using Weights = DenseWeights<Tile>;
  auto source = operands<Tile>(product, Weights(product.weights, top, target.rows, all, end), left, taps);
  Sums sums;
  accumulate<Tile>(shared, source, begin, end, sums);
  write<Tile>(shared, sums, target, taps.top, taps.left, y + (long long)blockIdx.y * s.total, epilogue);
}

// The grid is [tiles of the largest class, splits, groups·classes].
template <class Tile, class Sums, typename T>
__device__ void conv2dInputGradient(const T* gy, const T* w, T* gx, const Conv2dSizes& s) {
  const int classes = s.strideHeight * s.strideWidth;
  __shared__ Shared<Tile> shared;
  __shared__ Taps<Tile> taps;
  if (threadIdx.x == 0) taps.source = inputGradientTaps(s, blockIdx.z % classes);
  __syncthreads();
  const ImageProduct<T> product = inputGradientProduct(gy, w, s, blockIdx.z / classes, taps.source);
  const ImageTarget& target = product.target;
  const int rows = (target.rows + Tile::M - 1) / Tile::M, columns = (target.columns + Tile::N - 1) / Tile::N;
  if (blockIdx.x >= rows * columns) return;
  const TilePlace tile(blockIdx.x, rows, columns);
  const int top = tile.row * Tile::M, left = tile.column * Tile::N, all = taps.source.count();
  const int begin = blockIdx.y * s.kPerSplit, end = min(begin + s.kPerSplit, all);
  using Weights = ScatteredWeights<Tile>;
  Sums sums;
  if (all > 0) {
    auto source = operands<Tile>(product, Weights(product.weights, top, target.rows, product.weightRow), left, taps);
    accumulate<Tile>(shared, source, begin, end, sums);
  }
  write<Tile>(shared, sums, target, top, left, gx + (long long)blockIdx.y * s.total, Epilogue<T>{});
}

#define CONVOLUTION(TILE_NAME, SUFFIX, TYPE, TILE, SUMS)                                                                \
  extern "C" __global__ void __launch_bounds__(THREADS, 2) conv2d_##TILE_NAME##_##SUFFIX(                               \
      const TYPE* x, const TYPE* w, TYPE* y, const TYPE* bias, const TYPE* scale, const TYPE* shift,                    \
      const TYPE* summand, int relu, Conv2dSizes sizes) {                                                               \
    conv2d<TILE, SUMS<TILE>, TYPE>(x, w, y, {bias, scale, shift, summand, relu}, sizes);                                \
  }                                                                                                                     \
  extern "C" __global__ void __launch_bounds__(THREADS, 2) conv2d_input_gradient_##TILE_NAME##_##SUFFIX(                \
      const TYPE* gy, const TYPE* w, TYPE* gx, Conv2dSizes sizes) {                                                     \
    conv2dInputGradient<TILE, SUMS<TILE>, TYPE>(gy, w, gx, sizes);                                                      \
  }
