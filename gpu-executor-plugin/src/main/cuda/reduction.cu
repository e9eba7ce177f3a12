// SPDX-License-Identifier: Apache-2.0
// Reductions over any axes, and along the last one: running ones and the place of the maximum. The order of sums depends
// on shapes alone.
#include "order.cuh"
#include "quotient.cuh"
#include "rows.cuh"

namespace {

// What a reduction starts with, and how two values become one; rows.cuh has the sum.
struct Prod {
  template <typename T>
  static __device__ T neutral() { return 1; }
  template <typename T>
  static __device__ T merge(T a, T b) { return a * b; }
};

struct Max {
  template <typename T>
  static __device__ T neutral() { return -T(INFINITY); }
  template <typename T>
  static __device__ T merge(T a, T b) { return larger(a, b); }
};

// Some axes of x: how many elements they have together, and where the i-th of these stands.
struct Axes {
  static constexpr int RANK = 4;
  int rank;
  long long dims[RANK], count, strides[RANK];

  __device__ long long at(long long i) const {
    long long place = 0;
#pragma unroll
    for (int axis = RANK - 1; axis > 0; axis--) {
      if (axis < rank) {
        const long long rest = quotient(i, dims[axis], count);
        place += (i - rest * dims[axis]) * strides[axis];
        i = rest;
      }
    }
    return place + i * strides[0];
  }
};

// The part of the reduced elements that the blocks of one blockIdx.y take.
struct Part {
  long long from, to;
  __device__ explicit Part(long long count) {
    const long long size = (count + gridDim.y - 1) / gridDim.y;
    from = min(count, size * blockIdx.y);
    to = min(count, from + size);
  }
};

// LANES neighbouring threads for each result: for reduced axes along which memory runs.
template <typename T, typename Op, int LANES>
__device__ void reduceRows(const T* x, T* y, const Axes& kept, const Axes& reduced) {
  const long long result = (long long)blockIdx.x * (BLOCK / LANES) + threadIdx.x / LANES;
  const Part part(reduced.count);
  Value<T, Op> total{Op::template neutral<T>()};
  if (result < kept.count) {
    const T* start = x + kept.at(result);
#pragma unroll 4
    for (long long r = part.from + threadIdx.x % LANES; r < part.to; r += LANES)
      total.v = Op::merge(total.v, start[reduced.at(r)]);
  }
  total = reduceNeighbours<LANES>(total);
  if (result < kept.count && threadIdx.x % LANES == 0) y[blockIdx.y * kept.count + result] = total.v;
}

// 32 results side by side, 8 threads for each: for reduced axes across which memory runs.
template <typename T, typename Op>
__device__ void reduceAcross(const T* x, T* y, const Axes& kept, const Axes& reduced) {
  const long long result = (long long)blockIdx.x * 32 + threadIdx.x % 32;
  const Part part(reduced.count);
  Value<T, Op> total{Op::template neutral<T>()};
  if (result < kept.count) {
    const T* start = x + kept.at(result);
#pragma unroll 4
    for (long long r = part.from + threadIdx.x / 32; r < part.to; r += BLOCK / 32)
      total.v = Op::merge(total.v, start[reduced.at(r)]);
  }
  total = reduceColumns(total);
  if (result < kept.count && threadIdx.x < 32) y[blockIdx.y * kept.count + result] = total.v;
}

// The first of the largest, where NaN is larger than all numbers.
template <typename T>
struct Best {
  T value;
  long long at;

  static __device__ Best merge(Best a, Best b) {
    if (a.at < 0) return b;
    if (b.at < 0) return a;
    const bool tie = a.value == b.value || (isNaN(a.value) && isNaN(b.value));
    if (tie) return a.at < b.at ? a : b;
    return isNaN(a.value) || a.value > b.value ? a : b;
  }

  __device__ Best down(int distance) const {
    return {__shfl_down_sync(0xffffffffu, value, distance), __shfl_down_sync(0xffffffffu, at, distance)};
  }
};

template <typename T, int LANES>
__device__ void argmax(const T* x, long long* y, long long rows, long long columns) {
  const Row<T, LANES> row(rows, columns);
  Best<T> best{0, -1};
  row.each([&](long long i) { best = Best<T>::merge(best, {x[i], i - row.row * columns}); });
  best = reduceNeighbours<LANES>(best);
  if (row.inside && row.lane == 0) y[row.row] = best.at;
}

// A warp for each row, 32 columns at a time.
template <typename T, typename Op>
__device__ void scan(const T* x, T* y, long long rows, long long columns) {
  const long long row = (long long)blockIdx.x * (BLOCK / 32) + threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  if (row >= rows) return;
  T carry = Op::template neutral<T>();
  for (long long first = 0; first < columns; first += 32) {
    const long long i = row * columns + first + lane;
    T v = first + lane < columns ? x[i] : Op::template neutral<T>();
#pragma unroll
    for (int distance = 1; distance < 32; distance *= 2) {
      const T before = __shfl_up_sync(0xffffffffu, v, distance);
      if (lane >= distance) v = Op::merge(before, v);
    }
    v = Op::merge(carry, v);
    if (first + lane < columns) y[i] = v;
    carry = __shfl_sync(0xffffffffu, v, 31);
  }
}

}  // namespace

#define REDUCE(T, SUFFIX, NAME, OP)                                                                                    \
  extern "C" __global__ void reduce_##NAME##_warp_##SUFFIX(const T* x, T* y, Axes kept, Axes reduced) {                \
    reduceRows<T, OP, 32>(x, y, kept, reduced);                                                                        \
  }                                                                                                                    \
  extern "C" __global__ void reduce_##NAME##_block_##SUFFIX(const T* x, T* y, Axes kept, Axes reduced) {               \
    reduceRows<T, OP, BLOCK>(x, y, kept, reduced);                                                                     \
  }                                                                                                                    \
  extern "C" __global__ void reduce_##NAME##_across_##SUFFIX(const T* x, T* y, Axes kept, Axes reduced) {              \
    reduceAcross<T, OP>(x, y, kept, reduced);                                                                          \
  }                                                                                                                    \
  extern "C" __global__ void scan_##NAME##_##SUFFIX(const T* x, T* y, long long rows, long long columns) {             \
    scan<T, OP>(x, y, rows, columns);                                                                                  \
  }

#define ROWS(T, SUFFIX, LANES_NAME, LANES)                                                                             \
  extern "C" __global__ void argmax_##LANES_NAME##_##SUFFIX(const T* x, long long* y, long long rows,                  \
                                                            long long columns) {                                       \
    argmax<T, LANES>(x, y, rows, columns);                                                                             \
  }

#define ALL(T, SUFFIX)              \
  REDUCE(T, SUFFIX, sum, Sum)       \
  REDUCE(T, SUFFIX, max, Max)       \
  REDUCE(T, SUFFIX, prod, Prod)     \
  ROWS(T, SUFFIX, warp, 32)         \
  ROWS(T, SUFFIX, block, BLOCK)

ALL(float, f32)
ALL(double, f64)
