// SPDX-License-Identifier: Apache-2.0
// What kernels share that go along rows: how their threads are laid on them, and sums.
#pragma once

#include "reduce.cuh"

struct Sum {
  template <typename T>
  static __device__ T neutral() { return 0; }
  template <typename T>
  static __device__ T merge(T a, T b) { return a + b; }
};

// A value to reduce, by an operation such as Sum.
template <typename T, typename Op>
struct Value {
  T v;
  static __device__ Value merge(Value a, Value b) { return {Op::merge(a.v, b.v)}; }
  __device__ Value down(int distance) const { return {__shfl_down_sync(0xffffffffu, v, distance)}; }
};

// One row, seen by LANES threads.
template <typename T, int LANES>
struct Row {
  const long long row, columns;
  const int lane;
  const bool inside;

  __device__ Row(long long rows, long long columns)
      : row((long long)blockIdx.x * (BLOCK / LANES) + threadIdx.x / LANES),
        columns(columns),
        lane(threadIdx.x % LANES),
        inside(row < rows) {}

  template <typename F>
  __device__ void each(F f) const {
    if (!inside) return;
#pragma unroll(sizeof(T) == 4 ? 4 : 1)
    for (long long c = lane; c < columns; c += LANES) f(row * columns + c);
  }
};
