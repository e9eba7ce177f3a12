// SPDX-License-Identifier: Apache-2.0
// Convolutions as products whose operands are gathered from images on the way to shared memory. Output and input gradient
// are one product, [channels, pixels of all images], of weights and patches:
//   y[o, pixel]  = sum over (c, t, u) of w[o, c, t, u] · x[c, row·stride - pad + t·dilation, ...]
//   gx[c, pixel] = sum over (o, t, u) of w[o, c, t, u] · gy[o, (row + pad - t·dilation) / stride, ...]
// where the second asks for exact quotients only. Rows whose remainder of row + pad is the same use the same taps, and among
// these rows and taps it is a convolution with stride 1: so each class of remainders is a product of its own, and none
// multiplies zeros. The weight gradient is the product [outputs, (c, t, u)] over all pixels, which is split along these.
#pragma once
#include "conv2d_sizes.cuh"
#include "tiles.cuh"

// An axis of a product of weights and patches: result i and tap j meet at first + i·stride + j·dilation of the source;
// result i is line start + i·step of the target, tap j is tap + j·tapStep of the kernel.
struct Axis {
  int results, first, stride, dilation;
  int start, step;
  int taps, tap, tapStep;
};

__device__ inline Axis forwardAxis(int out, int kernel, int stride, int pad, int dilation) {
  return {out, -pad, stride, dilation, 0, 1, kernel, 0, 1};
}

// Lines i with (i + pad) % stride == remainder, and the taps j with j·dilation % stride == remainder.
__device__ inline Axis gradientAxis(int size, int kernel, int stride, int pad, int dilation, int remainder) {
  Axis axis = {};
  axis.start = ((remainder - pad) % stride + stride) % stride;
  axis.step = stride;
  axis.results = axis.start < size ? (size - 1 - axis.start) / stride + 1 : 0;
  while (axis.tap < kernel && axis.tap * (long long)dilation % stride != remainder) axis.tap++;
  axis.tapStep = 1;
  while (axis.tapStep * (long long)dilation % stride != 0) axis.tapStep++;
  axis.taps = axis.tap < kernel ? (kernel - 1 - axis.tap) / axis.tapStep + 1 : 0;
  axis.first = (axis.start + pad - axis.tap * dilation) / stride;  // exact where there is a tap
  axis.stride = 1;
  axis.dilation = -(axis.tapStep * dilation / stride);
  return axis;
}

// A number with three digits, the lower two of radices `r1` and `r0`, that grows by `step` without a division.
struct Digits {
  int r1, r0;
  int d2, d1, d0;
  int s2, s1, s0;

  Digits() = default;
  __device__ Digits(int value, int step, int r1, int r0)
      : r1(r1), r0(r0), d2(value / (r1 * r0)), d1(value / r0 % r1), d0(value % r0), s2(step / (r1 * r0)),
        s1(step / r0 % r1), s0(step % r0) {}

  __device__ void grow() {
    d0 += s0;
    d1 += s1;
    d2 += s2;
    carry();
  }

  __device__ void increment() {
    d0++;
    carry();
  }

  __device__ void carry() {
    if (d0 >= r0) {
      d0 -= r0;
      d1++;
    }
    if (d1 >= r1) {
      d1 -= r1;
      d2++;
    }
  }
};

constexpr int NOWHERE = -0x40000000;  // a line that no offset brings into an image

// Which source and weight a value of k means.
struct Tap {
  int offset, row, column;  // in the source, from where the patch begins
  int weight;               // from where the weights of the channel begin, or -1 behind the end
};

// What the threads of a block share: tables of the taps of a step, whose row k thread k writes, and what that needs. It all
// stands in shared memory, since registers are what the sums need.
template <class Tile>
struct Taps {
  alignas(16) Tap tables[2][Tile::K];
  Axis rows, columns;
  Digits next[Tile::K];
  int channels, plane, width;      // of the source
  int weightChannel, kernelWidth;  // steps in the weights

  __device__ void begin(int k) {
    if (threadIdx.x < Tile::K) next[threadIdx.x] = Digits(k + threadIdx.x, Tile::K, rows.taps, columns.taps);
  }

  // One step after the other.
  __device__ void write(Tap* table) {
    if (threadIdx.x >= Tile::K) return;
    Digits& at = next[threadIdx.x];
    const int row = at.d1 * rows.dilation, column = at.d0 * columns.dilation;
    Tap tap = {at.d2 * plane + row * width + column, row, column,
               at.d2 * weightChannel + (rows.tap + at.d1 * rows.tapStep) * kernelWidth + columns.tap +
                   at.d0 * columns.tapStep};
    if (at.d2 >= channels) tap = {0, NOWHERE, 0, -1};
    table[threadIdx.x] = tap;
    at.grow();
  }
};

// K x N of patches: neighbouring threads have neighbouring pixels.
template <class Tile>
struct Patches {
  using T = typename Tile::T;
  static constexpr int PER_WORD = Tile::Math::PER_WORD, PIECES = Tile::WORDS * Tile::N / THREADS;

  const T* from;
  int row, column, height, width;
  T piece[PIECES][PER_WORD];

  // Of images of `image` elements.
  __device__ Patches(const T* source, int pixel, int pixels, const Axis& rows, const Axis& columns, long long image, int height, int width)
      : height(height), width(width) {
    const Digits at(pixel, 0, rows.results, columns.results);
    row = pixel < pixels ? rows.first + at.d1 * rows.stride : NOWHERE;
    column = columns.first + at.d0 * columns.stride;
    from = source + at.d2 * image + (long long)row * width + column;
  }

  __device__ void fetch(const Tap* table) {
#pragma unroll
    for (int p = 0; p < PIECES; p++)
#pragma unroll
      for (int e = 0; e < PER_WORD; e++) {
        const Tap tap = table[(threadIdx.x / Tile::N * PIECES + p) * PER_WORD + e];
        const bool inside = unsigned(row + tap.row) < unsigned(height) && unsigned(column + tap.column) < unsigned(width);
        piece[p][e] = inside ? from[tap.offset] : T(0);
      }
  }

  __device__ void store(typename Tile::Word* shared) const {
#pragma unroll
    for (int p = 0; p < PIECES; p++)
      shared[slot<Tile::N>(threadIdx.x / Tile::N * PIECES + p, threadIdx.x % Tile::N)] = Tile::Math::word(piece[p]);
  }
};

// M x K of weights that do not lie side by side: neighbouring threads have neighbouring channels.
template <class Tile>
struct ScatteredWeights {
  using T = typename Tile::T;
  static constexpr int PER_WORD = Tile::Math::PER_WORD, PIECES = Tile::WORDS * Tile::M / THREADS;

  const T* from;
  bool inside;
  T piece[PIECES][PER_WORD];

  __device__ ScatteredWeights(const T* weights, int first, int channels, int step)
      : from(weights + (long long)(first + threadIdx.x % Tile::M) * step), inside(first + threadIdx.x % Tile::M < channels) {}

  __device__ void fetch(int, const Tap* table) {
#pragma unroll
    for (int p = 0; p < PIECES; p++)
#pragma unroll
      for (int e = 0; e < PER_WORD; e++) {
        const int weight = table[(threadIdx.x / Tile::M * PIECES + p) * PER_WORD + e].weight;
        piece[p][e] = inside && weight >= 0 ? from[weight] : T(0);
      }
  }

  __device__ void store(typename Tile::Word* shared) const {
#pragma unroll
    for (int p = 0; p < PIECES; p++)
      shared[slot<Tile::M>(threadIdx.x / Tile::M * PIECES + p, threadIdx.x % Tile::M)] = Tile::Math::word(piece[p]);
  }
};

// M x K of weights as they lie.
template <class Tile>
struct DenseWeights : AlongK<Tile, Tile::M> {
  using AlongK<Tile, Tile::M>::AlongK;

  __device__ void fetch(int k, const Tap*) { AlongK<Tile, Tile::M>::fetch(k); }
};

template <class Tile, class Weights>
struct WeightsAndPatches {
  Weights weights;
  Patches<Tile> patches;
  Taps<Tile>& taps;
  int step = 0;

  __device__ void begin(int k) {
    taps.begin(k);
    taps.write(taps.tables[0]);
    __syncthreads();
  }

  __device__ void fetch(int k) {
    const Tap* table = taps.tables[step];
    patches.fetch(table);
    weights.fetch(k, table);
    step ^= 1;
    taps.write(taps.tables[step]);  // whoever read it has passed a barrier since
  }

  __device__ void store(typename Tile::Word* a, typename Tile::Word* b) const {
    weights.store(a);
    patches.store(b);
  }
};

// [images, channels, height, width] seen as [channels, pixels of all images].
struct ImageTarget {
  int rows, columns, channel0;
  const Axis &vertical, &horizontal;
  int channels, height, width;
  bool packed;

  __device__ long long place(int row, int column) const {
    const Digits at(column, 0, vertical.results, horizontal.results);
    return (((long long)at.d2 * channels + channel0 + row) * height + vertical.start + at.d1 * vertical.step) * width +
           horizontal.start + at.d0 * horizontal.step;
  }
  __device__ int channel(int row, int) const { return channel0 + row; }
};

// The grid is [tiles, splits, groups].
template <class Tile, class Sums, typename T>
__device__ void conv2d(const T* x, const T* w, T* y, const Epilogue<T>& epilogue, const Conv2dSizes& s) {
  const int inputs = s.inChannels / s.groups, outputs = s.outChannels / s.groups, group = blockIdx.z;
  const int taps = s.kernelHeight * s.kernelWidth, plane = s.height * s.width;
  const int pixels = s.n * s.outHeight * s.outWidth, all = inputs * taps;
  const TilePlace tile(blockIdx.x, (outputs + Tile::M - 1) / Tile::M, (pixels + Tile::N - 1) / Tile::N);
  const int top = tile.row * Tile::M, left = tile.column * Tile::N;
  const int begin = blockIdx.y * s.kPerSplit, end = min(begin + s.kPerSplit, all);
  __shared__ Shared<Tile> shared;
  __shared__ Taps<Tile> t;
  if (threadIdx.x == 0) {
    t.rows = forwardAxis(s.outHeight, s.kernelHeight, s.strideHeight, s.padHeight, s.dilationHeight);
    t.columns = forwardAxis(s.outWidth, s.kernelWidth, s.strideWidth, s.padWidth, s.dilationWidth);
    t.channels = inputs;
    t.plane = plane;
    t.width = s.width;
    t.weightChannel = taps;
    t.kernelWidth = s.kernelWidth;
  }
  __syncthreads();
  using Weights = DenseWeights<Tile>;
  WeightsAndPatches<Tile, Weights> source = {
      Weights(w + (long long)group * outputs * all, top, outputs, all, end),
      Patches<Tile>(x + (long long)group * inputs * plane, left + threadIdx.x % Tile::N, pixels, t.rows, t.columns,
                    (long long)s.inChannels * plane, s.height, s.width),
      t};
  Sums sums;
  accumulate<Tile>(shared, source, begin, end, sums);
  const ImageTarget target = {outputs,     pixels,     group * outputs, t.rows, t.columns, s.outChannels,
                              s.outHeight, s.outWidth, s.outHeight * s.outWidth % 4 == 0};
  write<Tile>(shared, sums, target, top, left, y + (long long)blockIdx.y * s.total, epilogue);
}

// The grid is [tiles of the largest class, splits, groups·classes].
template <class Tile, class Sums, typename T>
__device__ void conv2dInputGradient(const T* gy, const T* w, T* gx, const Conv2dSizes& s) {
  const int classes = s.strideHeight * s.strideWidth, group = blockIdx.z / classes;
  __shared__ Shared<Tile> shared;
  __shared__ Taps<Tile> t;
  const int inputs = s.inChannels / s.groups, outputs = s.outChannels / s.groups;
  const int taps = s.kernelHeight * s.kernelWidth, plane = s.outHeight * s.outWidth;
  if (threadIdx.x == 0) {
    t.rows = gradientAxis(s.height, s.kernelHeight, s.strideHeight, s.padHeight, s.dilationHeight,
                          blockIdx.z % classes / s.strideWidth);
    t.columns =
        gradientAxis(s.width, s.kernelWidth, s.strideWidth, s.padWidth, s.dilationWidth, blockIdx.z % s.strideWidth);
    t.channels = outputs;
    t.plane = plane;
    t.width = s.outWidth;
    t.weightChannel = inputs * taps;
    t.kernelWidth = s.kernelWidth;
  }
  __syncthreads();
  const int pixels = s.n * t.rows.results * t.columns.results, all = outputs * t.rows.taps * t.columns.taps;
  const int rows = (inputs + Tile::M - 1) / Tile::M, columns = (pixels + Tile::N - 1) / Tile::N;
  if (blockIdx.x >= rows * columns) return;
  const TilePlace tile(blockIdx.x, rows, columns);
  const int top = tile.row * Tile::M, left = tile.column * Tile::N;
  const int begin = blockIdx.y * s.kPerSplit, end = min(begin + s.kPerSplit, all);
  using Weights = ScatteredWeights<Tile>;
  Sums sums;
  if (all > 0) {
    WeightsAndPatches<Tile, Weights> source = {
        Weights(w + (long long)group * outputs * inputs * taps, top, inputs, taps),
        Patches<Tile>(gy + (long long)group * outputs * plane, left + threadIdx.x % Tile::N, pixels, t.rows, t.columns,
                      (long long)s.outChannels * plane, s.outHeight, s.outWidth),
        t};
    accumulate<Tile>(shared, source, begin, end, sums);
  }
  const ImageTarget target = {inputs,   pixels,  group * inputs, t.rows, t.columns, s.inChannels,
                              s.height, s.width, classes == 1 && s.height * s.width % 4 == 0};
  write<Tile>(shared, sums, target, top, left, gx + (long long)blockIdx.y * s.total, Epilogue<T>{});
}

// Both operands of the weight gradient run along the pixels; a thread takes the same four of both.
template <class Tile>
struct GradientsAndPatches {
  using T = typename Tile::T;
  static constexpr int LANES = Tile::K / 4, STEP = THREADS / LANES;
  static constexpr int A_PIECES = Tile::M / STEP, B_PIECES = Tile::N / STEP;

  const Conv2dSizes& s;
  const T *gy, *x;
  int outputs, columns, end;
  int row, column;                                     // of the tile's results, this thread's first
  int offset[B_PIECES], tapRow[B_PIECES], tapColumn[B_PIECES];  // of the column's channel and tap
  Digits pixel;
  Run<T, 4> a[A_PIECES], b[B_PIECES];

  __device__ GradientsAndPatches(
      const Conv2dSizes& s, const T* gy, const T* x, int outputs, int columns, int top, int left, int begin, int end)
      : s(s), gy(gy), x(x), outputs(outputs), columns(columns), end(end), row(top + threadIdx.x / LANES),
        column(left + threadIdx.x / LANES), pixel(begin + threadIdx.x % LANES * 4, Tile::K, s.outHeight, s.outWidth) {
#pragma unroll
    for (int p = 0; p < B_PIECES; p++) {
      const Digits at(column + p * STEP, 0, s.kernelHeight, s.kernelWidth);
      tapRow[p] = column + p * STEP < columns ? at.d1 * s.dilationHeight - s.padHeight : NOWHERE;
      tapColumn[p] = at.d0 * s.dilationWidth - s.padWidth;
      offset[p] = at.d2 * s.height * s.width;
    }
  }

  __device__ void begin(int) {}

  __device__ void fetch(int start) {
    const int plane = s.outHeight * s.outWidth;
    Digits at = pixel;
#pragma unroll
    for (int e = 0; e < 4; e++) {
      const bool inside = start + threadIdx.x % LANES * 4 + e < end;
      const T* gradient = gy + (long long)at.d2 * s.outChannels * plane + at.d1 * s.outWidth + at.d0;
#pragma unroll
      for (int p = 0; p < A_PIECES; p++)
        a[p].v[e] = inside && row + p * STEP < outputs ? gradient[(long long)(row + p * STEP) * plane] : T(0);
      const T* image = x + (long long)at.d2 * s.inChannels * s.height * s.width;
#pragma unroll
      for (int p = 0; p < B_PIECES; p++) {
        const int y = at.d1 * s.strideHeight + tapRow[p], z = at.d0 * s.strideWidth + tapColumn[p];
        const bool seen = inside && unsigned(y) < unsigned(s.height) && unsigned(z) < unsigned(s.width);
        b[p].v[e] = seen ? image[offset[p] + y * s.width + z] : T(0);
      }
      at.increment();
    }
    pixel.grow();
  }

  __device__ void store(typename Tile::Word* aShared, typename Tile::Word* bShared) const {
#pragma unroll
    for (int p = 0; p < A_PIECES; p++) storeAlongK<Tile, Tile::M>(aShared, a[p], threadIdx.x / LANES + p * STEP);
#pragma unroll
    for (int p = 0; p < B_PIECES; p++) storeAlongK<Tile, Tile::N>(bShared, b[p], threadIdx.x / LANES + p * STEP);
  }
};

struct WeightTarget {
  int rows, columns;
  bool packed;

  __device__ long long place(int row, int column) const { return (long long)row * columns + column; }
  __device__ int channel(int, int) const { return 0; }
};

// The grid is [tiles, splits, groups].
template <class Tile, class Sums, typename T>
__device__ void conv2dWeightGradient(const T* x, const T* gy, T* gw, const Conv2dSizes& s) {
  const int inputs = s.inChannels / s.groups, outputs = s.outChannels / s.groups, group = blockIdx.z;
  const int pixels = s.n * s.outHeight * s.outWidth, columns = inputs * s.kernelHeight * s.kernelWidth;
  const TilePlace tile(blockIdx.x, (outputs + Tile::M - 1) / Tile::M, (columns + Tile::N - 1) / Tile::N);
  const int top = tile.row * Tile::M, left = tile.column * Tile::N;
  const int begin = blockIdx.y * s.kPerSplit, end = min(begin + s.kPerSplit, pixels);
  __shared__ Shared<Tile> shared;
  GradientsAndPatches<Tile> source(s, gy + (long long)group * outputs * s.outHeight * s.outWidth,
                                   x + (long long)group * inputs * s.height * s.width, outputs, columns, top, left, begin, end);
  Sums sums;
  accumulate<Tile>(shared, source, begin, end, sums);
  const WeightTarget target = {outputs, columns, columns % 4 == 0};
  write<Tile>(shared, sums, target, top, left,
              gw + (long long)blockIdx.y * s.total + (long long)group * outputs * columns, Epilogue<T>{});
}

#define CONVOLUTION(TILE_NAME, SUFFIX, TYPE, TILE, SUMS)                                                                \
  extern "C" __global__ void __launch_bounds__(THREADS, 2) conv2d_##TILE_NAME##_##SUFFIX(                               \
      const TYPE* x, const TYPE* w, TYPE* y, const TYPE* bias, const TYPE* scale, const TYPE* shift,                    \
      const TYPE* summand, int relu, Conv2dSizes sizes) {                                                               \
    conv2d<TILE, SUMS<TILE>, TYPE>(x, w, y, {bias, scale, shift, summand, relu}, sizes);                                \
  }                                                                                                                     \
  extern "C" __global__ void __launch_bounds__(THREADS, 2) conv2d_input_gradient_##TILE_NAME##_##SUFFIX(                \
      const TYPE* gy, const TYPE* w, TYPE* gx, Conv2dSizes sizes) {                                                     \
    conv2dInputGradient<TILE, SUMS<TILE>, TYPE>(gy, w, gx, sizes);                                                      \
  }                                                                                                                     \
  extern "C" __global__ void __launch_bounds__(THREADS, 2) conv2d_weight_gradient_##TILE_NAME##_##SUFFIX(               \
      const TYPE* x, const TYPE* gy, TYPE* gw, Conv2dSizes sizes) {                                                     \
    conv2dWeightGradient<TILE, SUMS<TILE>, TYPE>(x, gy, gw, sizes);                                                     \
  }
