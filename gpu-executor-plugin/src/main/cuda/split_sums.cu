// SPDX-License-Identifier: Apache-2.0
// The second pass of products that were split along k.
#include "tiles.cuh"

namespace {

// Sums of splits, added in their order; element i belongs to channel i / inner % channels.
template <typename T>
__device__ void splitSums(
    const T* partial, T* y, const Epilogue<T>& epilogue, int total, int splits, int inner, int channels) {
  const int i = blockIdx.x * THREADS + threadIdx.x;
  if (i >= total) return;
  T sum = partial[i];
  for (int s = 1; s < splits; s++) sum += partial[(long long)s * total + i];
  y[i] = epilogue.apply(sum, i, i / inner % channels);
}

}  // namespace

#define SPLIT_SUMS(SUFFIX, TYPE)                                                                                        \
  extern "C" __global__ void __launch_bounds__(THREADS) split_sums_##SUFFIX(                                    \
      const TYPE* partial, TYPE* y, const TYPE* bias, const TYPE* scale, const TYPE* shift, const TYPE* summand,        \
      int relu, int total, int splits, int inner, int channels) {                                                       \
    splitSums<TYPE>(partial, y, {bias, scale, shift, summand, relu}, total, splits, inner, channels);                   \
  }

SPLIT_SUMS(f32, float)
SPLIT_SUMS(f64, double)
