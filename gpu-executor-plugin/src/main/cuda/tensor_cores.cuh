// SPDX-License-Identifier: Apache-2.0
// The arithmetic of tensor cores (sm_80 and later): products of TF32 or bf16, sums in FP32. A word of shared memory is one
// TF32, or two neighbours along k as bf16: the fragments of m16n8k8 and m16n8k16 then hold the same words, and lie so that
// the 32 lanes read 32 banks; ldmatrix, which wants rows along k, would need another layout for every operand that lies the
// other way round.
#pragma once
#include "tiles.cuh"

struct Tf32 {
  using T = float;
  using Word = unsigned;
  static constexpr int PER_WORD = 1;

  static __device__ Word word(const float (&x)[1]) {
    unsigned word;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(word) : "f"(x[0]));
    return word;
  }

  static __device__ void multiply(float (&c)[4], const Word (&a)[4], const Word (&b)[2]) {
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }
};

struct Bf16 {
  using T = float;
  using Word = unsigned;
  static constexpr int PER_WORD = 2;

  static __device__ Word word(const float (&x)[2]) {
    unsigned word;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(x[1]), "f"(x[0]));
    return word;
  }

  static __device__ void multiply(float (&c)[4], const Word (&a)[4], const Word (&b)[2]) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }
};

// Eight warps, two by four, have a part of the tile each, in fragments of 16x8.
template <class Tile>
struct Warps {
  using T = typename Tile::T;
  using Word = typename Tile::Word;
  static constexpr int ROWS = Tile::M / 2 / 16, COLUMNS = Tile::N / 4 / 8;
  T sums[ROWS][COLUMNS][4] = {};

  static __device__ int group() { return threadIdx.x % 32 / 4; }
  static __device__ int top() { return threadIdx.x / 128 * (Tile::M / 2); }
  static __device__ int left() { return threadIdx.x / 32 % 4 * (Tile::N / 4); }

  __device__ void multiply(const Word* a, const Word* b) {
    const int lane = threadIdx.x % 4;
#pragma unroll
    for (int k = 0; k < Tile::WORDS; k += 8) {
      Word rows[ROWS][4], columns[COLUMNS][2];
#pragma unroll
      for (int i = 0; i < ROWS; i++)
#pragma unroll
        for (int e = 0; e < 4; e++)
          rows[i][e] = a[slot<Tile::M>(k + e / 2 * 4 + lane, top() + i * 16 + e % 2 * 8 + group())];
#pragma unroll
      for (int j = 0; j < COLUMNS; j++)
#pragma unroll
        for (int e = 0; e < 2; e++) columns[j][e] = b[slot<Tile::N>(k + e * 4 + lane, left() + j * 8 + group())];
#pragma unroll
      for (int i = 0; i < ROWS; i++)
#pragma unroll
        for (int j = 0; j < COLUMNS; j++) Tile::Math::multiply(sums[i][j], rows[i], columns[j]);
    }
  }

  // As of Threads: a fragment's rows of both halves of the tile at a time.
  static constexpr int LAID = 32;

  static __device__ int rowOf(int part, int i) { return i / 16 * (Tile::M / 2) + part * 16 + i % 16; }

  __device__ void lay(int part, T* shared) const {
#pragma unroll
    for (int j = 0; j < COLUMNS; j++)
#pragma unroll
      for (int e = 0; e < 4; e += 2) {
        const int row = threadIdx.x / 128 * 16 + e / 2 * 8 + group();
        const Run<T, 2> run = {sums[part][j][e], sums[part][j][e + 1]};
        *reinterpret_cast<Run<T, 2>*>(shared + row * (Tile::N + 4) + left() + j * 8 + threadIdx.x % 4 * 2) = run;
      }
  }
};
