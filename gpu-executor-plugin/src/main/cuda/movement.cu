// SPDX-License-Identifier: Apache-2.0
// Moves elements: conversions, strided copies, rows by number.
#include "quotient.cuh"
#include "strided.cuh"

namespace {

using Long = long long;
using Bool = unsigned char;

// As Java converts: to integers by cutting off, NaN to 0, what is too large to the largest.
template <typename To, typename From>
struct Cast {
  static __device__ To of(From x) { return (To)x; }
};

template <typename From>
struct Cast<Bool, From> {
  static __device__ Bool of(From x) { return x != 0; }
};

template <typename From>
__device__ Long cut(From x) {
  return x != x ? 0 : __double2ll_rz((double)x);
}

template <>
struct Cast<Long, float> {
  static __device__ Long of(float x) { return cut(x); }
};

template <>
struct Cast<Long, double> {
  static __device__ Long of(double x) { return cut(x); }
};

}  // namespace

#define CAST(FROM, FROM_NAME, TO, TO_NAME)                                                                           \
  extern "C" __global__ void cast_##FROM_NAME##_##TO_NAME(const FROM* x, TO* y, long long n) {                       \
    const long long step = (long long)gridDim.x * blockDim.x;                                                        \
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) y[i] = Cast<TO, FROM>::of(x[i]); \
  }

#define CASTS(FROM, NAME)       \
  CAST(FROM, NAME, float, f32)  \
  CAST(FROM, NAME, double, f64) \
  CAST(FROM, NAME, Long, i64)   \
  CAST(FROM, NAME, Bool, bool)

CASTS(float, f32)
CASTS(double, f64)
CASTS(Long, i64)
CASTS(Bool, bool)

// Elements by their size, for copies do not look at them: units of bytes that lie side by side in both buffers, in which
// strides count bytes.
#define MOVE(T, BYTES)                                                                                               \
  extern "C" __global__ void copy_##BYTES(const char* x, char* y, Strided region) {                                  \
    const unsigned step = gridDim.x * blockDim.x;                                                                    \
    for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < (unsigned)region.count; i += step) {                \
      const Strided::Place at = region.place(i);                                                                     \
      *reinterpret_cast<T*>(y + at.second) = *reinterpret_cast<const T*>(x + at.first);                              \
    }                                                                                                                \
  }                                                                                                                  \
  extern "C" __global__ void gather_rows_##BYTES(const T* x, const Long* indices, T* y, long long rows, long long columns) { \
    const long long n = rows * columns, step = (long long)gridDim.x * blockDim.x;                                    \
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) {                         \
      const long long row = quotient(i, columns, n);                                                                 \
      y[i] = x[indices[row] * columns + (i - row * columns)];                                                        \
    }                                                                                                                \
  }
MOVE(Bool, 1)
MOVE(float, 4)
MOVE(double, 8)
MOVE(uint4, 16)

namespace {

constexpr int TILE = 32, ROWS = 8;

// [n, rows, columns] to [n, columns, rows] by tiles in shared memory, so that reads and writes both run along memory;
// the one column more keeps the 32 threads that read a column of the tile in 32 banks.
template <typename T>
__device__ void transpose(const T* x, T* y, int rows, int columns) {
  __shared__ T tile[TILE][TILE + 1];
  const long long start = (long long)blockIdx.z * rows * columns;
  const int column = blockIdx.x * TILE + threadIdx.x % TILE, lane = threadIdx.x / TILE;
  for (int r = lane; r < TILE; r += ROWS) {
    const int row = blockIdx.y * TILE + r;
    if (row < rows && column < columns) tile[r][threadIdx.x % TILE] = x[start + (long long)row * columns + column];
  }
  __syncthreads();
  const int row = blockIdx.y * TILE + threadIdx.x % TILE;
  for (int r = lane; r < TILE; r += ROWS) {
    const int c = blockIdx.x * TILE + r;
    if (row < rows && c < columns) y[start + (long long)c * rows + row] = tile[threadIdx.x % TILE][r];
  }
}

}  // namespace

extern "C" __global__ void transpose_4(const float* x, float* y, int rows, int columns) { transpose(x, y, rows, columns); }
extern "C" __global__ void transpose_8(const double* x, double* y, int rows, int columns) { transpose(x, y, rows, columns); }

namespace {

constexpr int SLICE = 128;

// y[indices[i]] += x[i] in the order of i. The rows of y are dealt to 2^bits parts, by a hash (Knuth's multiplicative one)
// since indices often have a stride in common. A warp for each part and slice of columns looks for its rows among all
// indices, 32 at a time: it alone writes them, and reads the indices as often as there are parts, however long y is.
template <typename T>
__device__ void scatterAdd(const T* x, const Long* indices, T* y, long long rows, long long columns, int bits) {
  const unsigned part = blockIdx.y * (blockDim.x / 32) + threadIdx.x / 32;
  if (part >> bits) return;
  const int lane = threadIdx.x % 32;
  const long long from = (long long)blockIdx.x * SLICE, to = min(columns, from + SLICE);
  for (long long first = 0; first < rows; first += 32) {
    const bool inside = first + lane < rows;
    const Long target = inside ? indices[first + lane] : 0;
    const unsigned hash = (unsigned)(((unsigned long long)target * 0x9e3779b97f4a7c15ull) >> 32) >> (32 - bits);
    unsigned hits = __ballot_sync(0xffffffffu, inside && hash == part);
    for (; hits; hits &= hits - 1) {
      const int hit = __ffs(hits) - 1;
      const long long row = __shfl_sync(0xffffffffu, target, hit);
      for (long long c = from + lane; c < to; c += 32) y[row * columns + c] += x[(first + hit) * columns + c];
    }
  }
}

}  // namespace

#define SCATTER(T, NAME)                                                                                             \
  extern "C" __global__ void scatter_add_##NAME(const T* x, const Long* indices, T* y, long long rows, long long columns, \
                                                int bits) {                                                          \
    scatterAdd(x, indices, y, rows, columns, bits);                                                                  \
  }
SCATTER(float, f32)
SCATTER(double, f64)
