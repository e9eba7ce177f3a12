// SPDX-License-Identifier: Apache-2.0
// Fused multiply-adds for tiles of few rows: every warp has the whole tile, eight by eight sums for each thread, and its own
// eighth of the k of a step, so that four runs read serve 64 multiply-adds. What the warps have is added, in their order,
// when it is laid down.
#pragma once
#include "tiles.cuh"

template <class Tile>
struct Slices {
  using T = typename Tile::T;
  static constexpr int WARPS = THREADS / 32, ROWS = Tile::M / 4, COLUMNS = Tile::N / 8;
  T sums[ROWS][COLUMNS] = {};

  static __device__ int warp() { return threadIdx.x / 32; }
  static __device__ int y() { return threadIdx.x % 32 / 8; }
  static __device__ int x() { return threadIdx.x % 8; }

  __device__ void multiply(const T* a, const T* b) {
#pragma unroll 1  // more at once would spill
    for (int k = warp(); k < Tile::WORDS; k += WARPS) {
      Run<T, 4> rows[ROWS / 4], columns[COLUMNS / 4];
#pragma unroll
      for (int i = 0; i < ROWS / 4; i++)
        rows[i] = *reinterpret_cast<const Run<T, 4>*>(a + slot<Tile::M>(k, i * 16 + y() * 4));
#pragma unroll
      for (int j = 0; j < COLUMNS / 4; j++)
        columns[j] = *reinterpret_cast<const Run<T, 4>*>(b + slot<Tile::N>(k, j * 32 + x() * 4));
#pragma unroll
      for (int i = 0; i < ROWS; i++)
#pragma unroll
        for (int j = 0; j < COLUMNS; j++) sums[i][j] += rows[i / 4].v[i % 4] * columns[j / 4].v[j % 4];
    }
  }

  // All rows of the tile at once, as they are.
  static constexpr int LAID = Tile::M;

  static __device__ int rowOf(int, int i) { return i; }

  __device__ void lay(int, T* shared) const {
    auto* runs = reinterpret_cast<Run<T, 4>*>(shared);
    for (int i = threadIdx.x; i < Tile::M * (Tile::N + 4) / 4; i += THREADS) runs[i] = {};
#pragma unroll 1
    for (int w = 0; w < WARPS; w++) {
      __syncthreads();
      if (w != warp()) continue;
#pragma unroll
      for (int i = 0; i < ROWS; i++) {
#pragma unroll
        for (int j = 0; j < COLUMNS / 4; j++) {
          auto& run = runs[(i / 4 * 16 + y() * 4 + i % 4) * (Tile::N / 4 + 1) + j * 8 + x()];
#pragma unroll
          for (int e = 0; e < 4; e++) run.v[e] += sums[i][j * 4 + e];
        }
        __syncwarp();  // or all rows would be read before the first is written, and spill
      }
    }
  }
};
