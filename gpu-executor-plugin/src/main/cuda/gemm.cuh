// SPDX-License-Identifier: Apache-2.0
// Batches of matrix products. The grid is [tiles·batch, splits]: with splits each share of k writes sums of its own, which
// split_sums adds.
#pragma once
#include "tiles.cuh"

struct GemmSizes {
  long long aStep, bStep;  // from one matrix of the batch to the next, 0 where one serves all
  int batch, m, n, k;
  int kPerSplit;           // a multiple of the tile's
  int channelsAreRows;     // of the epilogue
};

template <class Tile, class A, class B>
struct Matrices {
  A a;
  B b;

  __device__ void begin(int) {}

  __device__ void fetch(int k) {
    a.fetch(k);
    b.fetch(k);
  }

  __device__ void store(typename Tile::Word* aShared, typename Tile::Word* bShared) const {
    a.store(aShared);
    b.store(bShared);
  }
};

struct MatrixTarget {
  int rows, columns, channelsAreRows;
  bool packed;

  __device__ long long place(int row, int column) const { return (long long)row * columns + column; }
  __device__ int channel(int row, int column) const { return channelsAreRows ? row : column; }
};

template <bool FIRST, class A, class B>
struct Choice {
  using Type = A;
};

template <class A, class B>
struct Choice<false, A, B> {
  using Type = B;
};

template <class Tile, class Sums, bool TRANSPOSE_A, bool TRANSPOSE_B, typename T>
__device__ void gemm(const T* a, const T* b, T* c, Epilogue<T> epilogue, const GemmSizes& g) {
  using A = typename Choice<TRANSPOSE_A, AlongRows<Tile, Tile::M>, AlongK<Tile, Tile::M>>::Type;
  using B = typename Choice<TRANSPOSE_B, AlongK<Tile, Tile::N>, AlongRows<Tile, Tile::N>>::Type;
  const int rows = (g.m + Tile::M - 1) / Tile::M, columns = (g.n + Tile::N - 1) / Tile::N;
  const int batch = blockIdx.x / (rows * columns);
  const TilePlace tile(blockIdx.x % (rows * columns), rows, columns);
  const int top = tile.row * Tile::M, left = tile.column * Tile::N;
  const int begin = blockIdx.y * g.kPerSplit, end = min(begin + g.kPerSplit, g.k);
  Matrices<Tile, A, B> source = {
      A(a + batch * g.aStep, top, g.m, TRANSPOSE_A ? g.m : g.k, end),
      B(b + batch * g.bStep, left, g.n, TRANSPOSE_B ? g.k : g.n, end)};
  Sums sums;
  __shared__ Shared<Tile> shared;
  accumulate<Tile>(shared, source, begin, end, sums);
  const long long offset = ((long long)blockIdx.y * g.batch + batch) * g.m * g.n;
  if (epilogue.summand) epilogue.summand += offset;
  const MatrixTarget target = {g.m, g.n, g.channelsAreRows, g.n % 4 == 0};
  write<Tile>(shared, sums, target, top, left, c + offset, epilogue);
}

// Kernels NAME_nn, NAME_nt, NAME_tn, NAME_tt: whether A and B are transposed.
#define GEMM_OF(NAME, TYPE, TILE, SUMS, TA, TB)                                                                         \
  extern "C" __global__ void __launch_bounds__(THREADS, 2) NAME(                                                           \
      const TYPE* a, const TYPE* b, TYPE* c, const TYPE* bias, const TYPE* scale, const TYPE* shift,                    \
      const TYPE* summand, int relu, GemmSizes sizes) {                                                                 \
    gemm<TILE, SUMS<TILE>, TA, TB, TYPE>(a, b, c, {bias, scale, shift, summand, relu}, sizes);                          \
  }

#define GEMM(PREFIX, SUFFIX, TYPE, TILE, SUMS)                                                                          \
  GEMM_OF(PREFIX##_nn_##SUFFIX, TYPE, TILE, SUMS, false, false)                                                         \
  GEMM_OF(PREFIX##_nt_##SUFFIX, TYPE, TILE, SUMS, false, true)                                                          \
  GEMM_OF(PREFIX##_tn_##SUFFIX, TYPE, TILE, SUMS, true, false)                                                          \
  GEMM_OF(PREFIX##_tt_##SUFFIX, TYPE, TILE, SUMS, true, true)
