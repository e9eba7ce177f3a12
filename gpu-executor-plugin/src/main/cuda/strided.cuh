// SPDX-License-Identifier: Apache-2.0
// A region whose elements stand in two buffers, each with strides of its own. Fewer than 2^31 elements: indices of
// 64 bits would cost several times as much to divide.
#pragma once

struct Strided {
  static constexpr int RANK = 8;
  int rank, count;
  int dims[RANK], first[RANK], second[RANK];

  // f(number of the element, its place in the first buffer, its place in the second)
  template <typename F>
  __device__ void each(F f) const {
    for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < (unsigned)count; i += gridDim.x * blockDim.x) {
      unsigned rest = i;
      int a = 0, b = 0;
#pragma unroll
      for (int axis = RANK - 1; axis >= 0; axis--) {
        if (axis < rank) {
          const unsigned quotient = rest / (unsigned)dims[axis];
          const int at = (int)(rest - quotient * dims[axis]);
          rest = quotient;
          a += at * first[axis];
          b += at * second[axis];
        }
      }
      f(i, a, b);
    }
  }
};
