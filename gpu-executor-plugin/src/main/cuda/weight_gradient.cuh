// SPDX-License-Identifier: Apache-2.0
// The gradient of a convolution's weights as a product, [outputs, (c, t, u)], over all pixels, which is split along these.
#pragma once
#include "convolution_taps.cuh"
#include "tiles.cuh"

// Both operands of the weight gradient run along the pixels; a thread takes the same four of both.
template <class Tile>
struct GradientsAndPatches {
  using T = typename Tile::T;
  static constexpr int LANES = Tile::K / 4, STEP = THREADS / LANES;
  static constexpr int A_PIECES = Tile::M / STEP, B_PIECES = Tile::N / STEP;

  const Conv2dSizes& s;
  const T *gy, *x;
  int outputs, columns, end;
  int row, column;                                     // of the tile's results, this thread's first
  int offset[B_PIECES], tapRow[B_PIECES], tapColumn[B_PIECES];  // of the column's channel and tap
  Digits pixel;
  Run<T, 4> a[A_PIECES], b[B_PIECES];

  __device__ GradientsAndPatches(
      const Conv2dSizes& s, const T* gy, const T* x, int outputs, int columns, int top, int left, int begin, int end)
      : s(s), gy(gy), x(x), outputs(outputs), columns(columns), end(end), row(top + threadIdx.x / LANES),
        column(left + threadIdx.x / LANES), pixel(begin + threadIdx.x % LANES * 4, Tile::K, s.outHeight, s.outWidth) {
#pragma unroll
    for (int p = 0; p < B_PIECES; p++) {
      const Digits at(column + p * STEP, 0, s.kernelHeight, s.kernelWidth);
      tapRow[p] = column + p * STEP < columns ? at.d1 * s.dilationHeight - s.padHeight : NOWHERE;
      tapColumn[p] = at.d0 * s.dilationWidth - s.padWidth;
      offset[p] = at.d2 * s.height * s.width;
    }
  }

  __device__ void begin(int) {}

  __device__ void fetch(int start) {
    const int plane = s.outHeight * s.outWidth;
    Digits at = pixel;
    const bool packed = plane % 4 == 0;  // then the four lie side by side
    if (packed) {
      const bool inside = start + threadIdx.x % LANES * 4 < end;
      const T* gradient = gy + (long long)at.d2 * s.outChannels * plane + at.d1 * s.outWidth + at.d0;
#pragma unroll
      for (int p = 0; p < A_PIECES; p++)
        a[p] = inside && row + p * STEP < outputs
                   ? *reinterpret_cast<const Run<T, 4>*>(gradient + (long long)(row + p * STEP) * plane)
                   : Run<T, 4>{};
    }
#pragma unroll
    for (int e = 0; e < 4; e++) {
      const bool inside = start + threadIdx.x % LANES * 4 + e < end;
      const T* gradient = gy + (long long)at.d2 * s.outChannels * plane + at.d1 * s.outWidth + at.d0;
      if (!packed) {
#pragma unroll
        for (int p = 0; p < A_PIECES; p++)
          a[p].v[e] = inside && row + p * STEP < outputs ? gradient[(long long)(row + p * STEP) * plane] : T(0);
      }
      const T* image = x + (long long)at.d2 * s.inChannels * s.height * s.width;
#pragma unroll
      for (int p = 0; p < B_PIECES; p++) {
        const int y = at.d1 * s.strideHeight + tapRow[p], z = at.d0 * s.strideWidth + tapColumn[p];
        const bool seen = inside && unsigned(y) < unsigned(s.height) && unsigned(z) < unsigned(s.width);
        b[p].v[e] = seen ? image[offset[p] + y * s.width + z] : T(0);
      }
      at.increment();
    }
    pixel.grow();
  }

  __device__ void store(typename Tile::Word* aShared, typename Tile::Word* bShared) const {
#pragma unroll
    for (int p = 0; p < A_PIECES; p++) storeAlongK<Tile, Tile::M>(aShared, a[p], threadIdx.x / LANES + p * STEP);
#pragma unroll
    for (int p = 0; p < B_PIECES; p++) storeAlongK<Tile, Tile::N>(bShared, b[p], threadIdx.x / LANES + p * STEP);
  }
};

struct WeightTarget {
  int rows, columns;
  bool packed;

  __device__ long long place(int row, int column) const { return (long long)row * columns + column; }
  __device__ int channel(int, int) const { return 0; }
};

// The grid is [tiles, splits, groups].
template <class Tile, class Sums, typename T>
__device__ void conv2dWeightGradient(const T* x, const T* gy, T* gw, const Conv2dSizes& s) {
  const int inputs = s.inChannels / s.groups, outputs = s.outChannels / s.groups, group = blockIdx.z;
  const int pixels = s.n * s.outHeight * s.outWidth, columns = inputs * s.kernelHeight * s.kernelWidth;
  const TilePlace tile(blockIdx.x, (outputs + Tile::M - 1) / Tile::M, (columns + Tile::N - 1) / Tile::N);
  const int top = tile.row * Tile::M, left = tile.column * Tile::N;
  const int begin = blockIdx.y * s.kPerSplit, end = min(begin + s.kPerSplit, pixels);
  __shared__ Shared<Tile> shared;
  GradientsAndPatches<Tile> source(s, gy + (long long)group * outputs * s.outHeight * s.outWidth,
                                   x + (long long)group * inputs * s.height * s.width, outputs, columns, top, left, begin, end);
  Sums sums;
  accumulate<Tile>(shared, source, begin, end, sums);
  const WeightTarget target = {outputs, columns, columns % 4 == 0};
  write<Tile>(shared, sums, target, top, left,
              gw + (long long)blockIdx.y * s.total + (long long)group * outputs * columns, Epilogue<T>{});
}

#define WEIGHT_GRADIENT(TILE_NAME, SUFFIX, TYPE, TILE, SUMS)                                                            \
  extern "C" __global__ void __launch_bounds__(THREADS, 2) conv2d_weight_gradient_##TILE_NAME##_##SUFFIX(               \
      const TYPE* x, const TYPE* gy, TYPE* gw, Conv2dSizes sizes) {                                                     \
    conv2dWeightGradient<TILE, SUMS<TILE>, TYPE>(x, gy, gw, sizes);                                                     \
  }
