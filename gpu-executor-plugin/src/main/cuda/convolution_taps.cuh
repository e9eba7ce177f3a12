// SPDX-License-Identifier: Apache-2.0
// Which pixels and which weights the products of a convolution are of. Output and input gradient are one product,
// [channels, pixels of all images], of weights and patches:
//   y[o, pixel]  = sum over (c, t, u) of w[o, c, t, u] · x[c, row·stride - pad + t·dilation, ...]
//   gx[c, pixel] = sum over (o, t, u) of w[o, c, t, u] · gy[o, (row + pad - t·dilation) / stride, ...]
// where the second asks for exact quotients only. Rows whose remainder of row + pad is the same use the same taps, and among
// these rows and taps it is a convolution with stride 1: so each class of remainders is a product of its own, and none
// multiplies zeros.
#pragma once
#include "conv2d_sizes.cuh"

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

// The taps of one of these products, of all channels of the source.
struct TapSource {
  Axis rows, columns;
  int channels, plane, width;      // of the source
  int weightChannel, kernelWidth;  // steps in the weights

  // How many there are: what k counts.
  __device__ int count() const { return channels * rows.taps * columns.taps; }

  // The one that the digits of k, of radices rows.taps and columns.taps, mean.
  __device__ Tap tap(const Digits& at) const {
    const int row = at.d1 * rows.dilation, column = at.d0 * columns.dilation;
    if (at.d2 >= channels) return {0, NOWHERE, 0, -1};
    return {at.d2 * plane + row * width + column, row, column,
            at.d2 * weightChannel + (rows.tap + at.d1 * rows.tapStep) * kernelWidth + columns.tap +
                at.d0 * columns.tapStep};
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

// The product that makes one group's output, or one class of pixels of its input gradient.
template <typename T>
struct ImageProduct {
  const T *weights, *source;  // of the group
  int weightRow;              // from one row's weights to the next one's
  long long image;            // from one image of the source to the next
  int height, width;          // of these
  ImageTarget target;
};

template <typename T>
__device__ ImageProduct<T> outputProduct(const T* x, const T* w, const Conv2dSizes& s, int group, const TapSource& taps) {
  const int inputs = s.inChannels / s.groups, outputs = s.outChannels / s.groups;
  const int plane = s.outHeight * s.outWidth, all = taps.count();
  return {w + (long long)group * outputs * all,
          x + (long long)group * inputs * s.height * s.width,
          all,
          (long long)s.inChannels * s.height * s.width,
          s.height,
          s.width,
          {outputs, s.n * plane, group * outputs, taps.rows, taps.columns, s.outChannels, s.outHeight, s.outWidth,
           plane % 4 == 0}};
}

template <typename T>
__device__ ImageProduct<T> inputGradientProduct(
    const T* gy, const T* w, const Conv2dSizes& s, int group, const TapSource& taps) {
  const int inputs = s.inChannels / s.groups, outputs = s.outChannels / s.groups;
  const int kernel = s.kernelHeight * s.kernelWidth, plane = s.outHeight * s.outWidth;
  return {w + (long long)group * outputs * inputs * kernel,
          gy + (long long)group * outputs * plane,
          kernel,
          (long long)s.outChannels * plane,
          s.outHeight,
          s.outWidth,
          {inputs, s.n * taps.rows.results * taps.columns.results, group * inputs, taps.rows, taps.columns, s.inChannels,
           s.height, s.width, s.strideHeight * s.strideWidth == 1 && s.height * s.width % 4 == 0}};
}

__device__ inline TapSource outputTaps(const Conv2dSizes& s) {
  return {forwardAxis(s.outHeight, s.kernelHeight, s.strideHeight, s.padHeight, s.dilationHeight),
          forwardAxis(s.outWidth, s.kernelWidth, s.strideWidth, s.padWidth, s.dilationWidth),
          s.inChannels / s.groups,
          s.height * s.width,
          s.width,
          s.kernelHeight * s.kernelWidth,
          s.kernelWidth};
}

// Of the class of pixels whose remainders are the digits of `remainders`.
__device__ inline TapSource inputGradientTaps(const Conv2dSizes& s, int remainders) {
  return {gradientAxis(s.height, s.kernelHeight, s.strideHeight, s.padHeight, s.dilationHeight,
                       remainders / s.strideWidth),
          gradientAxis(s.width, s.kernelWidth, s.strideWidth, s.padWidth, s.dilationWidth, remainders % s.strideWidth),
          s.outChannels / s.groups,
          s.outHeight * s.outWidth,
          s.outWidth,
          s.inChannels / s.groups * s.kernelHeight * s.kernelWidth,
          s.kernelWidth};
}
