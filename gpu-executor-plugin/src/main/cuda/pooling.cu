// SPDX-License-Identifier: Apache-2.0
// Maxima and means of windows of planes, and their gradients. A thread makes one result, and a gradient gathers from the
// windows that hold its element, in their order: nothing is added by two threads. The place of a maximum is its number
// within the window, row by row.

#define WINDOWS                                                                                                        \
  int height, int width, int outHeight, int outWidth, int kernelHeight, int kernelWidth, int strideHeight,            \
      int strideWidth, int padHeight, int padWidth

namespace {

template <typename T>
struct alignas(2 * sizeof(T)) Pair {
  T a, b;
};

__device__ unsigned thread() { return blockIdx.x * blockDim.x + threadIdx.x; }

// Element i of [planes, height, width].
struct Point {
  int row, column;
  long long plane;

  __device__ Point(unsigned i, int height, int width) {
    column = i % width;
    unsigned line = i / width;
    row = line % height;
    plane = line / height;
  }
};

// A NaN is larger than everything, the last of several the largest; of equal numbers the first counts.
template <typename T, typename Place>
struct Maximum {
  T value;
  Place place;

  __device__ void see(T x, int at) {
    if (x > value || x != x) {
      value = x;
      place = Place(at);
    }
  }
};

template <typename T, typename Place>
__device__ void maxPool(const T* x, T* y, Place* places, unsigned total, WINDOWS) {
  const unsigned i = thread();
  if (i >= total) return;
  const Point out(i, outHeight, outWidth);
  const int top = out.row * strideHeight - padHeight, left = out.column * strideWidth - padWidth;
  const int firstRow = max(top, 0), firstColumn = max(left, 0);
  const int rows = min(top + kernelHeight, height), columns = min(left + kernelWidth, width);
  x += out.plane * height * width;
  Maximum<T, Place> best = {x[firstRow * width + firstColumn],
                            Place((firstRow - top) * kernelWidth + firstColumn - left)};
  for (int r = firstRow; r < rows; r++)
    for (int c = firstColumn; c < columns; c++) best.see(x[r * width + c], (r - top) * kernelWidth + c - left);
  y[i] = best.value;
  if (places) places[i] = best.place;
}

// Windows of K·K in steps of S: all loads are under way before the first is looked at.
template <typename T, int K, int S>
__device__ void maxPoolSquare(const T* x, T* y, unsigned char* places, unsigned total, WINDOWS) {
  const unsigned i = thread();
  if (i >= total) return;
  const Point out(i, outHeight, outWidth);
  const int top = out.row * S - padHeight, left = out.column * S - padWidth;
  x += out.plane * height * width;
  T seen[K * K];
#pragma unroll
  for (int k = 0; k < K * K; k++) {
    const int r = min(max(top + k / K, 0), height - 1), c = min(max(left + k % K, 0), width - 1);
    seen[k] = x[r * width + c];
  }
  const int first = max(-top, 0) * K + max(-left, 0);
  T start = seen[0];
#pragma unroll
  for (int k = 1; k < K * K; k++) start = k == first ? seen[k] : start;
  Maximum<T, unsigned char> best = {start, (unsigned char)first};
#pragma unroll
  for (int k = 0; k < K * K; k++) {
    const int r = top + k / K, c = left + k % K;
    if (unsigned(r) < unsigned(height) && unsigned(c) < unsigned(width)) best.see(seen[k], k);
  }
  y[i] = best.value;
  if (places) places[i] = best.place;
}

// Windows of 2·2 in steps of 2 that cover the planes exactly.
template <typename T>
__device__ void maxPoolQuarters(const T* x, T* y, unsigned char* places, unsigned total, int outWidth) {
  const unsigned i = thread();
  if (i >= total) return;
  const unsigned line = i / outWidth;
  const Pair<T>* in = reinterpret_cast<const Pair<T>*>(x) + 2LL * line * outWidth + i % outWidth;
  const Pair<T> above = in[0], below = in[outWidth];
  Maximum<T, unsigned char> best = {above.a, 0};
  best.see(above.a, 0);
  best.see(above.b, 1);
  best.see(below.a, 2);
  best.see(below.b, 3);
  y[i] = best.value;
  if (places) places[i] = best.place;
}

// First window that holds a position of the padded input, and the last.
__device__ int firstWindow(int at, int kernel, int stride) { return at < kernel ? 0 : (at - kernel) / stride + 1; }
__device__ int lastWindow(int at, int stride, int windows) { return min(at / stride, windows - 1); }

template <typename T, typename Place>
__device__ void maxPoolGradient(const Place* places, const T* yGradient, T* xGradient, unsigned total, WINDOWS) {
  const unsigned i = thread();
  if (i >= total) return;
  const Point in(i, height, width);
  const int row = in.row + padHeight, column = in.column + padWidth;
  const int lastRow = lastWindow(row, strideHeight, outHeight), lastColumn = lastWindow(column, strideWidth, outWidth);
  places += in.plane * outHeight * outWidth;
  yGradient += in.plane * outHeight * outWidth;
  T sum = 0;
  for (int r = firstWindow(row, kernelHeight, strideHeight); r <= lastRow; r++)
    for (int c = firstWindow(column, kernelWidth, strideWidth); c <= lastColumn; c++) {
      const int place = (row - r * strideHeight) * kernelWidth + column - c * strideWidth;
      if (places[r * outWidth + c] == place) sum += yGradient[r * outWidth + c];
    }
  xGradient[i] = sum;
}

template <typename T>
__device__ void maxPoolGradientQuarters(const unsigned char* places, const T* yGradient, T* xGradient, unsigned total,
                                        int outWidth) {
  const unsigned i = thread();
  if (i >= total) return;
  const unsigned line = i / outWidth;
  Pair<T>* to = reinterpret_cast<Pair<T>*>(xGradient) + 2LL * line * outWidth + i % outWidth;
  const T g = yGradient[i];
  const int place = places[i];
  to[0] = {place == 0 ? g : T(0), place == 1 ? g : T(0)};
  to[outWidth] = {place == 2 ? g : T(0), place == 3 ? g : T(0)};
}

template <typename Place>
__device__ void maxPoolIndices(const Place* places, long long* indices, unsigned total, WINDOWS) {
  const unsigned i = thread();
  if (i >= total) return;
  const Point out(i, outHeight, outWidth);
  const int row = out.row * strideHeight - padHeight + places[i] / kernelWidth;
  const int column = out.column * strideWidth - padWidth + places[i] % kernelWidth;
  indices[i] = (out.plane * height + row) * width + column;
}

// The part of a window within the input, and by how much its sum is divided: what ceil mode adds never counts.
struct Mean {
  int top, bottom, left, right, divisor;

  __device__ Mean(int outRow, int outColumn, bool countIncludePad, WINDOWS) {
    const int row = outRow * strideHeight - padHeight, column = outColumn * strideWidth - padWidth;
    top = max(row, 0);
    bottom = min(row + kernelHeight, height);
    left = max(column, 0);
    right = min(column + kernelWidth, width);
    divisor = countIncludePad ? (min(row + kernelHeight, height + padHeight) - row) *
                                    (min(column + kernelWidth, width + padWidth) - column)
                              : (bottom - top) * (right - left);
  }
};

#define WINDOW_VALUES                                                                                                  \
  height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideHeight, strideWidth, padHeight, padWidth

template <typename T>
__device__ void avgPool(const T* x, T* y, unsigned total, int countIncludePad, WINDOWS) {
  const unsigned i = thread();
  if (i >= total) return;
  const Point out(i, outHeight, outWidth);
  const Mean window(out.row, out.column, countIncludePad, WINDOW_VALUES);
  x += out.plane * height * width;
  T sum = 0;
  for (int r = window.top; r < window.bottom; r++)
    for (int c = window.left; c < window.right; c++) sum += x[r * width + c];
  y[i] = sum / T(window.divisor);
}

// A warp for each result, for windows of 32 elements and more.
template <typename T>
__device__ void avgPoolWide(const T* x, T* y, unsigned total, int countIncludePad, WINDOWS) {
  // Results, not threads, are fewer than 2^32.
  const unsigned i = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32, lane = threadIdx.x % 32;
  if (i >= total) return;
  const Point out(i, outHeight, outWidth);
  const Mean window(out.row, out.column, countIncludePad, WINDOW_VALUES);
  x += out.plane * height * width;
  const int columns = window.right - window.left, elements = (window.bottom - window.top) * columns;
  T sum = 0;
  for (int e = lane; e < elements; e += 32) sum += x[(window.top + e / columns) * width + window.left + e % columns];
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_down_sync(0xffffffffu, sum, distance);
  if (lane == 0) y[i] = sum / T(window.divisor);
}

template <typename T>
__device__ void avgPoolGradient(const T* yGradient, T* xGradient, unsigned total, int countIncludePad, WINDOWS) {
  const unsigned i = thread();
  if (i >= total) return;
  const Point in(i, height, width);
  const int row = in.row + padHeight, column = in.column + padWidth;
  const int lastRow = lastWindow(row, strideHeight, outHeight), lastColumn = lastWindow(column, strideWidth, outWidth);
  yGradient += in.plane * outHeight * outWidth;
  T sum = 0;
  for (int r = firstWindow(row, kernelHeight, strideHeight); r <= lastRow; r++)
    for (int c = firstWindow(column, kernelWidth, strideWidth); c <= lastColumn; c++)
      sum += yGradient[r * outWidth + c] / T(Mean(r, c, countIncludePad, WINDOW_VALUES).divisor);
  xGradient[i] = sum;
}

}  // namespace

#define PLACES(P, PLACE)                                                                                               \
  extern "C" __global__ void max_pool2d_indices_##P(const PLACE* places, long long* indices, unsigned total, WINDOWS) {\
    maxPoolIndices(places, indices, total, WINDOW_VALUES);                                                             \
  }

#define GENERAL(P, PLACE, F, T)                                                                                        \
  extern "C" __global__ void max_pool2d_##P##_##F(const T* x, T* y, PLACE* places, unsigned total, WINDOWS) {          \
    maxPool(x, y, places, total, WINDOW_VALUES);                                                                       \
  }                                                                                                                    \
  extern "C" __global__ void max_pool2d_gradient_##P##_##F(const PLACE* places, const T* yGradient, T* xGradient,      \
                                                           unsigned total, WINDOWS) {                                  \
    maxPoolGradient(places, yGradient, xGradient, total, WINDOW_VALUES);                                               \
  }

#define FLOATING(F, T)                                                                                                 \
  GENERAL(u8, unsigned char, F, T)                                                                                     \
  GENERAL(i32, int, F, T)                                                                                              \
  extern "C" __global__ void max_pool2d_3x3_##F(const T* x, T* y, unsigned char* places, unsigned total, WINDOWS) {    \
    maxPoolSquare<T, 3, 2>(x, y, places, total, WINDOW_VALUES);                                                        \
  }                                                                                                                    \
  extern "C" __global__ void max_pool2d_2x2_##F(const T* x, T* y, unsigned char* places, unsigned total,               \
                                                int outWidth) {                                                        \
    maxPoolQuarters(x, y, places, total, outWidth);                                                                    \
  }                                                                                                                    \
  extern "C" __global__ void max_pool2d_gradient_2x2_##F(const unsigned char* places, const T* yGradient,              \
                                                         T* xGradient, unsigned total, int outWidth) {                 \
    maxPoolGradientQuarters(places, yGradient, xGradient, total, outWidth);                                            \
  }                                                                                                                    \
  extern "C" __global__ void avg_pool2d_##F(const T* x, T* y, unsigned total, int countIncludePad, WINDOWS) {          \
    avgPool(x, y, total, countIncludePad, WINDOW_VALUES);                                                              \
  }                                                                                                                    \
  extern "C" __global__ void avg_pool2d_wide_##F(const T* x, T* y, unsigned total, int countIncludePad, WINDOWS) {     \
    avgPoolWide(x, y, total, countIncludePad, WINDOW_VALUES);                                                          \
  }                                                                                                                    \
  extern "C" __global__ void avg_pool2d_gradient_##F(const T* yGradient, T* xGradient, unsigned total,                 \
                                                     int countIncludePad, WINDOWS) {                                   \
    avgPoolGradient(yGradient, xGradient, total, countIncludePad, WINDOW_VALUES);                                      \
  }

PLACES(u8, unsigned char)
PLACES(i32, int)
FLOATING(f32, float)
FLOATING(f64, double)
