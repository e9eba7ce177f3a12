// SPDX-License-Identifier: Apache-2.0
// Layer normalisation of [rows, columns]: LANES threads for each row, a warp or a block. The gradients of weight and
// bias are sums down the columns: runs of rows first, whose number depends on the geometry alone, then their sums.
#include "reduce.cuh"

namespace {

// The columns that a thread sees of its row, in packs of VEC.
template <typename T, int LANES, int VEC>
struct Row {
  static constexpr int ROWS = BLOCK / LANES;
  const int lane, packs;
  const long long row;
  const bool inside;

  __device__ Row(int rows, int columns)
      : lane(threadIdx.x % LANES),
        packs(columns / VEC),
        row((long long)blockIdx.x * ROWS + threadIdx.x / LANES),
        inside(row < rows) {}

  // Calls f(pack) with the number of each of the thread's packs.
  template <typename F>
  __device__ void each(F f) const {
    if (!inside) return;
#pragma unroll(sizeof(T) == 4 ? 2 : 1)
    for (int pack = lane; pack < packs; pack += LANES) f(pack);
  }
};

template <typename T, int LANES, int VEC>
__device__ void forward(const T* x, const T* weight, const T* bias, T* mean, T* variance, T* y, int rows, int columns,
                        T eps) {
  using Pack = Elements<T, VEC>;
  const Row<T, LANES, VEC> row(rows, columns);
  x += row.row * columns;
  y += row.row * columns;
  Moments<T> seen = {0, 0, 0};
  row.each([&](int at) {
    const Pack e = Pack::load(x, at);
    if constexpr (VEC == 4)
      seen.see(e.v[0], e.v[1], e.v[2], e.v[3]);
    else
      seen.see(e.v[0]);
  });
  seen = reduceNeighbours<LANES>(seen);
  if (!row.inside) return;
  const T m = seen.mean, v = seen.variance(), inverse = 1 / sqrt(v + eps);
  if (row.lane == 0) {
    mean[row.row] = m;
    variance[row.row] = v;
  }
  row.each([&](int at) {
    Pack e = Pack::load(x, at);
    const Pack w = Pack::load(weight, at, 1), b = Pack::load(bias, at, 0);
    for (int k = 0; k < VEC; k++) e.v[k] = (e.v[k] - m) * inverse * w.v[k] + b.v[k];
    e.store(y, at);
  });
}

template <typename T, int LANES, int VEC>
__device__ void inputGradient(const T* x, const T* weight, const T* mean, const T* variance, const T* yGradient,
                              T* xGradient, int rows, int columns, T eps) {
  using Pack = Elements<T, VEC>;
  const Row<T, LANES, VEC> row(rows, columns);
  x += row.row * columns;
  yGradient += row.row * columns;
  xGradient += row.row * columns;
  const T m = row.inside ? mean[row.row] : T(0);
  const T inverse = row.inside ? 1 / sqrt(variance[row.row] + eps) : T(0);
  Sums<T> sums = {0, 0};
  row.each([&](int at) {
    const Pack e = Pack::load(x, at), g = Pack::load(yGradient, at), w = Pack::load(weight, at, 1);
    for (int k = 0; k < VEC; k++) {
      const T scaled = g.v[k] * w.v[k];
      sums.a += scaled;
      sums.b += scaled * ((e.v[k] - m) * inverse);
    }
  });
  sums = reduceNeighbours<LANES>(sums);
  const T a = sums.a / T(columns), b = sums.b / T(columns);
  row.each([&](int at) {
    Pack e = Pack::load(x, at);
    const Pack g = Pack::load(yGradient, at), w = Pack::load(weight, at, 1);
    for (int k = 0; k < VEC; k++) e.v[k] = (g.v[k] * w.v[k] - a - (e.v[k] - m) * inverse * b) * inverse;
    e.store(xGradient, at);
  });
}

// Sums of a run of rows, blockIdx.y of them, into weightSums and biasSums, [splits, columns], those that are not null.
template <typename T>
__device__ void columnSums(const T* x, const T* mean, const T* variance, const T* yGradient, T* weightSums,
                           T* biasSums, int rows, int columns, int splits, T eps) {
  const int column = blockIdx.x * 32 + threadIdx.x % 32;
  const int run = (rows + splits - 1) / splits;
  const long long begin = (long long)run * blockIdx.y, end = min((long long)rows, begin + run);
  Sums<T> sums = {0, 0};
  for (long long row = begin + threadIdx.x / 32; row < end && column < columns; row += BLOCK / 32) {
    const T g = yGradient[row * columns + column];
    if (weightSums) sums.a += g * ((x[row * columns + column] - mean[row]) * (1 / sqrt(variance[row] + eps)));
    sums.b += g;
  }
  sums = reduceColumns(sums);
  if (threadIdx.x >= 32 || column >= columns) return;
  if (weightSums) weightSums[(long long)blockIdx.y * columns + column] = sums.a;
  if (biasSums) biasSums[(long long)blockIdx.y * columns + column] = sums.b;
}

template <typename T>
__device__ void splitSums(const T* weightSums, const T* biasSums, T* weightGradient, T* biasGradient, int columns,
                          int splits) {
  const int column = blockIdx.x * blockDim.x + threadIdx.x;
  if (column >= columns) return;
  Sums<T> sums = {0, 0};
  for (int split = 0; split < splits; split++) {
    const long long from = (long long)split * columns + column;
    if (weightGradient) sums.a += weightSums[from];
    if (biasGradient) sums.b += biasSums[from];
  }
  if (weightGradient) weightGradient[column] = sums.a;
  if (biasGradient) biasGradient[column] = sums.b;
}

}  // namespace

#define ROWS(NAME, T, LANES, VEC)                                                                                      \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                                                  \
      layer_norm_##NAME(const T* x, const T* weight, const T* bias, T* mean, T* variance, T* y, int rows, int columns, \
                        T eps) {                                                                                       \
    forward<T, LANES, VEC>(x, weight, bias, mean, variance, y, rows, columns, eps);                                    \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                                                  \
      layer_norm_gradient_##NAME(const T* x, const T* weight, const T* mean, const T* variance, const T* yGradient,    \
                                 T* xGradient, int rows, int columns, T eps) {                                         \
    inputGradient<T, LANES, VEC>(x, weight, mean, variance, yGradient, xGradient, rows, columns, eps);                 \
  }

#define COLUMNS(F, T)                                                                                                  \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                                                  \
      layer_norm_column_sums_##F(const T* x, const T* mean, const T* variance, const T* yGradient, T* weightSums,      \
                                 T* biasSums, int rows, int columns, int splits, T eps) {                              \
    columnSums(x, mean, variance, yGradient, weightSums, biasSums, rows, columns, splits, eps);                        \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                                                  \
      layer_norm_split_sums_##F(const T* weightSums, const T* biasSums, T* weightGradient, T* biasGradient,            \
                                int columns, int splits) {                                                             \
    splitSums(weightSums, biasSums, weightGradient, biasGradient, columns, splits);                                    \
  }

ROWS(warp_f32, float, 32, 1)
ROWS(warp_packed_f32, float, 32, 4)
ROWS(block_f32, float, 256, 1)
ROWS(block_packed_f32, float, 256, 4)
ROWS(warp_f64, double, 32, 1)
ROWS(block_f64, double, 256, 1)
COLUMNS(f32, float)
COLUMNS(f64, double)
