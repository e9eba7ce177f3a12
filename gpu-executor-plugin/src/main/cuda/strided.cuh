// SPDX-License-Identifier: Apache-2.0
// A region whose elements stand in two buffers, each with strides of its own. Fewer than 2^31 elements, so that dividing
// by a size is a multiplication and a shift: indices of 64 bits would cost several times as much.
#pragma once

struct Strided {
  static constexpr int RANK = 8;

  // Numbers n < 2^31 have n / size = (n + the upper half of n·multiplier) >> shift (Granlund & Montgomery 1994, §4).
  struct Axis {
    int size;
    unsigned multiplier;
    int shift, first, second;
  };

  struct Place {
    int first, second;
  };

  int rank, count;  // at least one axis
  Axis axes[RANK];  // from the outermost on

  // Where element `i` in row-major order stands in both buffers.
  __device__ Place place(unsigned i) const {
    Place at = {0, 0};
#pragma unroll 1
    for (int axis = rank - 1; axis > 0; axis--) {
      const Axis& of = axes[axis];
      const unsigned quotient = (__umulhi(i, of.multiplier) + i) >> of.shift;
      const int digit = (int)(i - quotient * of.size);
      at.first += digit * of.first;
      at.second += digit * of.second;
      i = quotient;
    }
    return {at.first + (int)i * axes[0].first, at.second + (int)i * axes[0].second};
  }
};
