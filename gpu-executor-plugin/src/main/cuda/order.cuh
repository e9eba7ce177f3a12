// SPDX-License-Identifier: Apache-2.0
// Which of two numbers is the larger, whatever they are.
#pragma once

template <typename T>
__device__ bool isNaN(T x) {
  return x != x;
}

// NaN counts as the largest, and as the smallest; 0 is larger than -0.
template <typename T>
__device__ T larger(T a, T b) {
  return isNaN(a) || a > b || (a == b && !signbit(a)) ? a : b;
}

template <typename T>
__device__ T smaller(T a, T b) {
  return isNaN(a) || a < b || (a == b && signbit(a)) ? a : b;
}
