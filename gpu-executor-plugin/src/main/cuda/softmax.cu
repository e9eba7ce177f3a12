// SPDX-License-Identifier: Apache-2.0
// Softmax along rows, its logarithm, cross entropy with class numbers, and their gradients: LANES threads for each row, a
// warp or a block. A row of x is read once where its threads hold it in registers, HELD elements each, and twice where they
// do not: maximum and sum are found together.
#include <cfloat>

#include "rows.cuh"

namespace {

__device__ float lowest(float) { return -FLT_MAX; }
__device__ double lowest(double) { return -DBL_MAX; }

// The largest of some numbers and Σ e^(x − max), scaled anew for each larger one (Milakov & Gimelshein 2018). The sum is
// NaN where one of them is NaN or ∞, and 0 where all are −∞.
template <typename T>
struct Exponentials {
  T max, sum;

  __device__ void see(T x) {
    const bool below = x <= max;
    const T e = exp(below ? x - max : max - x);
    sum = below ? sum + e : sum * e + (1 + (x - x));
    if (!below) max = x;
  }

  static __device__ Exponentials merge(Exponentials a, Exponentials b) {
    const bool first = a.max >= b.max;
    const Exponentials high = first ? a : b, low = first ? b : a;
    return {high.max, high.sum + low.sum * exp(low.max - high.max)};
  }

  __device__ Exponentials down(int distance) const {
    return {__shfl_down_sync(0xffffffffu, max, distance), __shfl_down_sync(0xffffffffu, sum, distance)};
  }
};

template <typename T, int LANES, int HELD>
struct Distribution {
  const Row<T, LANES> row;
  const T* x;
  T held[HELD > 0 ? HELD : 1];
  Exponentials<T> all;

  __device__ Distribution(const T* x, long long rows, long long columns)
      : row(rows, columns), x(x), all{lowest(T(0)), 0} {
    eachHeld([&](int k, long long i) { held[k] = x[i]; });
    eachHeld([&](int k, long long) { all.max = held[k] > all.max ? held[k] : all.max; });
    eachHeld([&](int k, long long) { all.sum += exp(held[k] - all.max); });
    if (HELD == 0) row.each([&](long long i) { all.see(x[i]); });
    all = reduceNeighbours<LANES>(all);
  }

  // Calls f(i, x[i] - max).
  template <typename F>
  __device__ void each(F f) const {
    eachHeld([&](int k, long long i) { f(i, held[k] - all.max); });
    if (HELD == 0) row.each([&](long long i) { f(i, x[i] - all.max); });
  }

 private:
  template <typename F>
  __device__ void eachHeld(F f) const {
    if (!row.inside) return;
#pragma unroll
    for (int k = 0; k < HELD; k++) {
      const int c = row.lane + k * LANES;
      if (c >= row.columns) break;
      f(k, row.row * row.columns + c);
    }
  }
};

template <typename T, int LANES>
__device__ T sumOfRow(T own) {
  return reduceNeighbours<LANES>(Value<T, Sum>{own}).v;
}

template <typename T, int LANES, int HELD, bool LOG>
__device__ void softmax(const T* x, T* y, long long rows, long long columns) {
  const Distribution<T, LANES, HELD> d(x, rows, columns);
  // In this order: max + log(sum) would round away what large inputs differ in.
  const T scale = LOG ? log(d.all.sum) : 1 / d.all.sum;
  d.each([&](long long i, T v) { y[i] = LOG ? v - scale : exp(v) * scale; });
}

// y·(g − Σ g·y), and g − exp(y)·Σ g for the logarithm.
template <typename T, int LANES, bool LOG>
__device__ void softmaxGradient(const T* y, const T* g, T* gx, long long rows, long long columns) {
  const Row<T, LANES> row(rows, columns);
  T sum = 0;
  row.each([&](long long i) { sum += LOG ? g[i] : g[i] * y[i]; });
  sum = sumOfRow<T, LANES>(sum);
  row.each([&](long long i) { gx[i] = LOG ? g[i] - exp(y[i]) * sum : y[i] * (g[i] - sum); });
}

// loss = −onTarget·w[t]·ℓ[t] − onEach·Σ w·ℓ with ℓ = log softmax(x), which is written to logs; 0 where t is negative.
template <typename T, int LANES, int HELD>
__device__ void crossEntropy(const T* x, const long long* targets, const T* weight, T* logs, T* losses, T onTarget,
                             T onEach, long long rows, long long columns) {
  const Distribution<T, LANES, HELD> d(x, rows, columns);
  const long long start = d.row.row * columns, target = d.row.inside ? targets[d.row.row] : -1;
  const T logSum = log(d.all.sum);
  T spread = 0;
  d.each([&](long long i, T v) {
    const T l = v - logSum;
    logs[i] = l;
    if (onEach > 0) spread += weight ? weight[i - start] * l : l;
  });
  spread = sumOfRow<T, LANES>(spread);
  if (!d.row.inside || d.row.lane > 0) return;
  T loss = 0;
  if (target >= 0) {
    loss = onTarget * (weight ? weight[target] : T(1)) * (d.all.max - x[start + target] + logSum);
    if (onEach > 0) loss -= onEach * spread;
  }
  losses[d.row.row] = loss;
}

// With c the coefficients of −ℓ in the loss, g·(exp(ℓ)·Σ c − c); an ignored row has none, whatever g is.
template <typename T, int LANES>
__device__ void crossEntropyGradient(const T* logs, const long long* targets, const T* weight, const T* g, T* gx,
                                     T onTarget, T onEach, long long rows, long long columns) {
  const Row<T, LANES> row(rows, columns);
  const long long start = row.row * columns, target = row.inside ? targets[row.row] : -1;
  T weights = columns;
  if (weight && onEach > 0) {
    weights = 0;
    row.each([&](long long i) { weights += weight[i - start]; });
    weights = sumOfRow<T, LANES>(weights);
  }
  T hit = 0, each = 0;
  if (target >= 0) {
    hit = g[row.row] * onTarget * (weight ? weight[target] : T(1));
    if (onEach > 0) each = g[row.row] * onEach;
  }
  const T total = hit + each * weights;
  row.each([&](long long i) {
    T c = i == start + target ? hit : T(0);
    if (onEach > 0) c += each * (weight ? weight[i - start] : T(1));
    gx[i] = exp(logs[i]) * total - c;
  });
}

}  // namespace

#define SOFTMAX(T, NAME, KERNEL, LANES, HELD, LOG)                                                                     \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                                                  \
      KERNEL##_##NAME(const T* x, T* y, long long rows, long long columns) {                                           \
    softmax<T, LANES, HELD, LOG>(x, y, rows, columns);                                                                 \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                                                  \
      KERNEL##_gradient_##NAME(const T* y, const T* g, T* gx, long long rows, long long columns) {                     \
    softmaxGradient<T, LANES, LOG>(y, g, gx, rows, columns);                                                           \
  }

#define ALL(T, NAME, LANES, HELD)                                                                                      \
  SOFTMAX(T, NAME, softmax, LANES, HELD, false)                                                                        \
  SOFTMAX(T, NAME, log_softmax, LANES, HELD, true)                                                                     \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                                                  \
      cross_entropy_##NAME(const T* x, const long long* targets, const T* weight, T* logs, T* losses, T onTarget,      \
                           T onEach, long long rows, long long columns) {                                              \
    crossEntropy<T, LANES, HELD>(x, targets, weight, logs, losses, onTarget, onEach, rows, columns);                   \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                                                  \
      cross_entropy_gradient_##NAME(const T* logs, const long long* targets, const T* weight, const T* g, T* gx,       \
                                    T onTarget, T onEach, long long rows, long long columns) {                         \
    crossEntropyGradient<T, LANES>(logs, targets, weight, g, gx, onTarget, onEach, rows, columns);                     \
  }

ALL(float, warp_f32, 32, 32)
ALL(float, block_f32, BLOCK, 0)
ALL(double, warp_f64, 32, 0)
ALL(double, block_f64, BLOCK, 0)
