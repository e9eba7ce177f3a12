// SPDX-License-Identifier: Apache-2.0
// What normalisations share: elements in packs, moments and sums, and reductions over the threads of a block, in an order
// that depends on nothing but its shape. A value to reduce has a `static V merge(V, V)` and, for warps, a `V down(int
// distance)` that fetches another lane's.
#pragma once

constexpr int BLOCK = 256;

template <typename T>
struct alignas(16) Pack {
  static constexpr int SIZE = 16 / sizeof(T);
  T v[SIZE];
};

// VEC elements, one or a pack, at some place counted in as many.
template <typename T, int VEC>
struct Elements {
  T v[VEC];

  static __device__ Elements load(const T* from, long long at) {
    Elements e;
    if constexpr (VEC == 1) {
      e.v[0] = from[at];
    } else {
      const Pack<T> p = reinterpret_cast<const Pack<T>*>(from)[at];
      for (int k = 0; k < VEC; k++) e.v[k] = p.v[k];
    }
    return e;
  }

  // All the same where there is nothing to load from.
  static __device__ Elements load(const T* from, long long at, T otherwise) {
    if (from) return load(from, at);
    Elements e;
    for (int k = 0; k < VEC; k++) e.v[k] = otherwise;
    return e;
  }

  __device__ void store(T* to, long long at) const {
    if constexpr (VEC == 1) {
      to[at] = v[0];
    } else {
      Pack<T> p;
      for (int k = 0; k < VEC; k++) p.v[k] = v[k];
      reinterpret_cast<Pack<T>*>(to)[at] = p;
    }
  }
};

// Count, mean and sum of squared deviations of some numbers (Chan, Golub & LeVeque 1979).
template <typename T>
struct Moments {
  T count, mean, squares;

  static __device__ Moments merge(Moments a, Moments b) {
    if (b.count == 0) return a;
    if (a.count == 0) return b;
    const T count = a.count + b.count, distance = b.mean - a.mean, share = b.count / count;
    return {count, a.mean + distance * share, a.squares + b.squares + distance * distance * a.count * share};
  }

  __device__ void see(T x) {
    count += 1;
    const T distance = x - mean;
    mean += distance / count;
    squares += distance * (x - mean);
  }

  // Four at once, for a quarter of the divisions.
  __device__ void see(T a, T b, T c, T d) {
    const T middle = (a + b + (c + d)) / 4, before = count;
    a -= middle;
    b -= middle;
    c -= middle;
    d -= middle;
    count += 4;
    const T distance = middle - mean, share = 4 / count;
    mean += distance * share;
    squares += a * a + b * b + (c * c + d * d) + distance * distance * before * share;
  }

  // NaN where a number is infinite, since its deviation is.
  __device__ T variance() const { return squares / count + (mean - mean); }

  __device__ Moments down(int distance) const {
    return {__shfl_down_sync(0xffffffffu, count, distance), __shfl_down_sync(0xffffffffu, mean, distance),
            __shfl_down_sync(0xffffffffu, squares, distance)};
  }
};

// Two sums.
template <typename T>
struct Sums {
  T a, b;

  static __device__ Sums merge(Sums s, Sums t) { return {s.a + t.a, s.b + t.b}; }

  __device__ Sums down(int distance) const {
    return {__shfl_down_sync(0xffffffffu, a, distance), __shfl_down_sync(0xffffffffu, b, distance)};
  }
};

// Over groups of LANES neighbouring threads, 32 or all of the block; all of them get the result. Once per kernel.
template <int LANES, typename V>
__device__ V reduceNeighbours(V value) {
  __shared__ V shared[BLOCK / 32];
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) value = V::merge(value, value.down(distance));
  const int warp = threadIdx.x / 32;
  if (threadIdx.x % 32 == 0) shared[warp] = value;
  if (LANES == 32) {
    __syncwarp();
    return shared[warp];
  }
  __syncthreads();
  value = shared[0];
#pragma unroll 1
  for (int w = 1; w < BLOCK / 32; w++) value = V::merge(value, shared[w]);
  return value;
}

// Over threads that are 32 apart; all of them get the result. Once per kernel.
template <typename V>
__device__ V reduceColumns(V value) {
  __shared__ V shared[BLOCK];
  shared[threadIdx.x] = value;
  __syncthreads();
  value = shared[threadIdx.x % 32];
#pragma unroll 1
  for (int lane = 1; lane < BLOCK / 32; lane++) value = V::merge(value, shared[threadIdx.x % 32 + 32 * lane]);
  return value;
}
