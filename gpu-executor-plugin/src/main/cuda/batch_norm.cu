// SPDX-License-Identifier: Apache-2.0
// Batch normalisation of [n, channels, plane]. A channel's elements are cut into `splits` runs, a number that depends on
// the geometry alone. Where there are several, a first kernel leaves what each run adds up to in `partial`, [2, splits,
// channels], and the second one begins by putting that together; where there is one, the second kernel does it all.
#include "reduce.cuh"

namespace {

// What a thread sees of its channel: COLUMNS channels side by side in a block (1, or 32 for small planes), packs of VEC
// elements.
template <typename T, int COLUMNS, int VEC>
struct Walk {
  static constexpr int LANES = BLOCK / COLUMNS;
  const int channels, plane, lane, channel;
  const unsigned begin, end, stepImage, stepPlace;

  __device__ Walk(int n, int channels, int elements, int splits, int split)
      : channels(channels),
        plane(elements / VEC),
        lane(threadIdx.x / COLUMNS),
        channel(blockIdx.x * COLUMNS + threadIdx.x % COLUMNS),
        begin(first(n * unsigned(plane), splits, split)),
        end(first(n * unsigned(plane), splits, split + 1)),
        stepImage(LANES / plane),
        stepPlace(LANES % plane) {}

  static __device__ unsigned first(unsigned units, int splits, int split) {
    const unsigned run = (units + splits - 1) / splits;
    return min(units, run * unsigned(split));
  }

  __device__ bool inside() const { return channel < channels; }
  // Of its split.
  __device__ T count() const { return T(end - begin) * VEC; }

  // Calls f(offset) with the place of each of the thread's packs.
  template <typename F>
  __device__ void each(F f) const {
    if (!inside() || begin + lane >= end) return;
    unsigned image = (begin + lane) / plane, place = (begin + lane) % plane;
#pragma unroll 2
    for (unsigned unit = begin + lane; unit < end; unit += LANES) {
      f(((long long)image * channels + channel) * plane + place);
      image += stepImage;
      place += stepPlace;
      if (place >= plane) {
        place -= plane;
        image++;
      }
    }
  }

  template <typename V>
  static __device__ V reduce(V value) {
    if constexpr (COLUMNS == 1)
      return reduceNeighbours<BLOCK>(value);
    else
      return reduceColumns(value);
  }
};

template <typename T, int COLUMNS, int VEC>
__device__ Moments<T> moments(const Walk<T, COLUMNS, VEC>& walk, const T* x) {
  Moments<T> seen = {0, 0, 0};
  walk.each([&](long long at) {
    const auto e = Elements<T, VEC>::load(x, at);
    if constexpr (VEC == 4)
      seen.see(e.v[0], e.v[1], e.v[2], e.v[3]);
    else
      seen.see(e.v[0]);
  });
  return walk.reduce(seen);
}

template <typename T, int COLUMNS, int VEC>
__device__ void statistics(const T* x, T* partial, int n, int channels, int plane, int splits) {
  const Walk<T, COLUMNS, VEC> walk(n, channels, plane, splits, blockIdx.y);
  const Moments<T> all = moments(walk, x);
  if (walk.lane == 0 && walk.inside()) {
    partial[blockIdx.y * channels + walk.channel] = all.mean;
    partial[(splits + blockIdx.y) * channels + walk.channel] = all.squares;
  }
}

template <typename T, int COLUMNS, int VEC>
__device__ Moments<T> merged(const Walk<T, COLUMNS, VEC>& walk, const T* partial, int n, int channels, int plane,
                             int splits) {
  Moments<T> seen = {0, 0, 0};
  for (int split = walk.lane; walk.inside() && split < splits; split += walk.LANES) {
    const T count = Walk<T, COLUMNS, VEC>(n, channels, plane, splits, split).count();
    seen = Moments<T>::merge(seen, {count, partial[split * channels + walk.channel],
                                    partial[(splits + split) * channels + walk.channel]});
  }
  return walk.reduce(seen);
}

template <typename T, int COLUMNS, int VEC>
__device__ void normalize(const T* x, const T* weight, const T* bias, T* mean, T* variance, T* y, const T* partial,
                          int n, int channels, int plane, int splits, int ofBatch, T eps) {
  const Walk<T, COLUMNS, VEC> walk(n, channels, plane, splits, blockIdx.y);
  T m = 0, v = 0;
  if (ofBatch) {
    const Moments<T> all =
        splits == 1 ? moments(walk, x) : merged(walk, partial, n, channels, plane, splits);
    m = all.mean;
    v = all.variance();
    if (walk.lane == 0 && walk.inside() && blockIdx.y == 0) {
      mean[walk.channel] = m;
      variance[walk.channel] = v;
    }
  } else if (walk.inside()) {
    m = mean[walk.channel];
    v = variance[walk.channel];
  }
  if (!walk.inside()) return;
  const T factor = (weight ? weight[walk.channel] : T(1)) / sqrt(v + eps);
  const T shift = bias ? bias[walk.channel] : T(0);
  walk.each([&](long long at) {
    auto e = Elements<T, VEC>::load(x, at);
    for (int k = 0; k < VEC; k++) e.v[k] = (e.v[k] - m) * factor + shift;
    e.store(y, at);
  });
}

// Σ g and Σ g·(x − mean), the latter if `along` says so.
template <typename T, int COLUMNS, int VEC>
__device__ Sums<T> gradientSums(const Walk<T, COLUMNS, VEC>& walk, const T* x, const T* mean, const T* yGradient,
                                bool along) {
  Sums<T> sums = {0, 0};
  const T m = walk.inside() && along ? mean[walk.channel] : T(0);
  walk.each([&](long long at) {
    const auto g = Elements<T, VEC>::load(yGradient, at);
    for (int k = 0; k < VEC; k++) sums.a += g.v[k];
    if (along) {
      const auto e = Elements<T, VEC>::load(x, at);
      for (int k = 0; k < VEC; k++) sums.b += g.v[k] * (e.v[k] - m);
    }
  });
  return walk.reduce(sums);
}

template <typename T, int COLUMNS, int VEC>
__device__ void partialSums(const T* x, const T* mean, const T* yGradient, T* partial, int n, int channels, int plane,
                            int splits, int along) {
  const Walk<T, COLUMNS, VEC> walk(n, channels, plane, splits, blockIdx.y);
  const Sums<T> sums = gradientSums(walk, x, mean, yGradient, along);
  if (walk.lane == 0 && walk.inside()) {
    partial[blockIdx.y * channels + walk.channel] = sums.a;
    partial[(splits + blockIdx.y) * channels + walk.channel] = sums.b;
  }
}

template <typename T, int COLUMNS, int VEC>
__device__ Sums<T> added(const Walk<T, COLUMNS, VEC>& walk, const T* partial, int channels, int splits) {
  Sums<T> sums = {0, 0};
  for (int split = walk.lane; walk.inside() && split < splits; split += walk.LANES)
    sums = Sums<T>::merge(sums, {partial[split * channels + walk.channel],
                                 partial[(splits + split) * channels + walk.channel]});
  return walk.reduce(sums);
}

// Without any sums where the statistics were given and no gradient but the input's is wanted; x is read if `along`.
template <typename T, int COLUMNS, int VEC>
__device__ void gradients(const T* x, const T* weight, const T* mean, const T* variance, const T* yGradient,
                          T* xGradient, T* weightGradient, T* biasGradient, const T* partial, int n, int channels,
                          int plane, int splits, int ofBatch, int along, T eps) {
  const Walk<T, COLUMNS, VEC> walk(n, channels, plane, splits, blockIdx.y);
  Sums<T> sums = {0, 0};
  if (ofBatch || weightGradient || biasGradient)
    sums = splits == 1 ? gradientSums(walk, x, mean, yGradient, along) : added(walk, partial, channels, splits);
  if (!walk.inside()) return;
  const int c = walk.channel;
  const T inverse = 1 / sqrt(variance[c] + eps);
  if (walk.lane == 0 && blockIdx.y == 0) {
    if (weightGradient) weightGradient[c] = sums.b * inverse;
    if (biasGradient) biasGradient[c] = sums.a;
  }
  if (!xGradient) return;
  const T factor = (weight ? weight[c] : T(1)) * inverse;
  if (!ofBatch) {
    walk.each([&](long long at) {
      auto g = Elements<T, VEC>::load(yGradient, at);
      for (int k = 0; k < VEC; k++) g.v[k] *= factor;
      g.store(xGradient, at);
    });
    return;
  }
  const T count = T(n) * T(plane), m = mean[c];
  const T a = sums.a / count, b = sums.b * inverse * inverse / count;
  walk.each([&](long long at) {
    auto g = Elements<T, VEC>::load(yGradient, at);
    const auto e = Elements<T, VEC>::load(x, at);
    for (int k = 0; k < VEC; k++) g.v[k] = factor * (g.v[k] - a - (e.v[k] - m) * b);
    g.store(xGradient, at);
  });
}

}  // namespace

#define ENTRIES(NAME, T, COLUMNS, VEC)                                                                                 \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                                                  \
      batch_norm_statistics_##NAME(const T* x, T* partial, int n, int channels, int plane, int splits) {               \
    statistics<T, COLUMNS, VEC>(x, partial, n, channels, plane, splits);                                               \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                                                  \
      batch_norm_##NAME(const T* x, const T* weight, const T* bias, T* mean, T* variance, T* y, const T* partial,      \
                        int n, int channels, int plane, int splits, int ofBatch, T eps) {                              \
    normalize<T, COLUMNS, VEC>(x, weight, bias, mean, variance, y, partial, n, channels, plane, splits, ofBatch, eps); \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                                                  \
      batch_norm_sums_##NAME(const T* x, const T* mean, const T* yGradient, T* partial, int n, int channels,           \
                             int plane, int splits, int along) {                                                       \
    partialSums<T, COLUMNS, VEC>(x, mean, yGradient, partial, n, channels, plane, splits, along);                      \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                                                  \
      batch_norm_gradient_##NAME(const T* x, const T* weight, const T* mean, const T* variance, const T* yGradient,    \
                                 T* xGradient, T* weightGradient, T* biasGradient, const T* partial, int n,            \
                                 int channels, int plane, int splits, int ofBatch, int along, T eps) {                 \
    gradients<T, COLUMNS, VEC>(x, weight, mean, variance, yGradient, xGradient, weightGradient, biasGradient, partial, \
                               n, channels, plane, splits, ofBatch, along, eps);                                       \
  }

ENTRIES(plane_f32, float, 1, 1)
ENTRIES(packed_f32, float, 1, 4)
ENTRIES(columns_f32, float, 32, 1)
ENTRIES(plane_f64, double, 1, 1)
ENTRIES(columns_f64, double, 32, 1)
