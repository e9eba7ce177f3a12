// SPDX-License-Identifier: Apache-2.0
#pragma once

// i / d for 0 <= i < n and 0 < d <= n: divisions of 64 bits take several times as long as those of 32, which nearly always do.
__device__ inline long long quotient(long long i, long long d, long long n) {
  return n >> 32 ? i / d : (long long)((unsigned)i / (unsigned)d);
}
