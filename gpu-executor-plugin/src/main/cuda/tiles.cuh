// SPDX-License-Identifier: Apache-2.0
// Products C = A·B of tiles: a block of 256 threads owns a tile of C and walks along k. While it multiplies what is in one
// half of the shared memory, its loads for the next step are under way to registers; they then go to the other half, so
// that there is one barrier per step. What a word of shared memory holds is the arithmetic's affair: a number, a number
// rounded to TF32, or two neighbours along k as bf16. Numbers are thus rounded once, on their way in, and not once per
// warp that reads them; cp.async, which cannot convert, would leave that to the inner loop.
#pragma once

constexpr int THREADS = 256;

template <typename T, int N>
struct alignas(N * sizeof(T) < 16 ? N * sizeof(T) : 16) Run {
  T v[N];
};

// Where word `k` of row (or column) `m` stands. Rows are 8 words longer than needed, so that the four k of a fragment of
// the tensor cores lie 8 banks apart; the exclusive or lets threads that write four k each, side by side, hit different
// banks too. It keeps runs of 8 together.
template <int ROWS>
__device__ int slot(int k, int m) {
  return k * (ROWS + 8) + (m ^ ((k >> 2 & 3) << 3));
}

// The arithmetic of numbers of one type without rounding.
template <typename In>
struct Exact {
  using T = In;
  using Word = In;
  static constexpr int PER_WORD = 1;

  static __device__ Word word(const T (&x)[1]) { return x[0]; }
};

template <class Math_, int M_, int N_, int WORDS_>
struct Tile {
  using Math = Math_;
  using T = typename Math::T;
  using Word = typename Math::Word;
  static constexpr int M = M_, N = N_, WORDS = WORDS_, K = WORDS * Math::PER_WORD;
};

// Four neighbours along k of one row of the tile.
template <class Tile, int ROWS>
__device__ void storeAlongK(typename Tile::Word* shared, const Run<typename Tile::T, 4>& run, int row) {
  constexpr int PER_WORD = Tile::Math::PER_WORD;
  const int first = threadIdx.x % (Tile::K / 4) * (4 / PER_WORD);
#pragma unroll
  for (int w = 0; w < 4 / PER_WORD; w++) {
    typename Tile::T of[PER_WORD];
#pragma unroll
    for (int e = 0; e < PER_WORD; e++) of[e] = run.v[w * PER_WORD + e];
    shared[slot<ROWS>(first + w, row)] = Tile::Math::word(of);
  }
}

// ROWS x K of an operand whose neighbours in memory are neighbours along k: each thread takes runs of four.
template <class Tile, int ROWS>
struct AlongK {
  using T = typename Tile::T;
  using Math = typename Tile::Math;
  static constexpr int LANES = Tile::K / 4, STEP = THREADS / LANES, PIECES = ROWS / STEP;

  const T* from;      // this thread's first
  int rows, end;      // behind which there is nothing, from there
  int stride;
  Run<T, 4> piece[PIECES];

  // Of a matrix [rows, stride], from row `first` on, up to column `end`.
  __device__ AlongK(const T* matrix, int first, int rows, int stride, int end)
      : from(matrix + (long long)(first + threadIdx.x / LANES) * stride + threadIdx.x % LANES * 4),
        rows(rows - first - int(threadIdx.x / LANES)), end(end - int(threadIdx.x % LANES * 4)), stride(stride) {}

  __device__ void fetch(int k) {
#pragma unroll
    for (int p = 0; p < PIECES; p++) {
      const T* at = from + k + (long long)(p * STEP) * stride;
      const bool inside = p * STEP < rows;
      if (stride % 4 == 0) {
        piece[p] = inside && k < end ? *reinterpret_cast<const Run<T, 4>*>(at) : Run<T, 4>{};
      } else {
#pragma unroll
        for (int e = 0; e < 4; e++) piece[p].v[e] = inside && k + e < end ? at[e] : T(0);
      }
    }
  }

  __device__ void store(typename Tile::Word* shared) const {
#pragma unroll
    for (int p = 0; p < PIECES; p++) storeAlongK<Tile, ROWS>(shared, piece[p], threadIdx.x / LANES + p * STEP);
  }
};

// ROWS x K of an operand whose neighbours in memory are neighbours along the rows: runs of four of those.
template <class Tile, int ROWS>
struct AlongRows {
  using T = typename Tile::T;
  using Word = typename Tile::Word;
  static constexpr int PER_WORD = Tile::Math::PER_WORD;
  static constexpr int LANES = ROWS / 4, STEP = THREADS / LANES, PIECES = Tile::WORDS / STEP;

  const T* from;
  int row, rows, stride, end;
  Run<T, 4> piece[PIECES][PER_WORD];

  // Of a matrix [end, stride], from column `first` on, which has `rows` of them.
  __device__ AlongRows(const T* from, int first, int rows, int stride, int end)
      : from(from), row(first + threadIdx.x % LANES * 4), rows(rows), stride(stride), end(end) {}

  __device__ void fetch(int start) {
#pragma unroll
    for (int p = 0; p < PIECES; p++)
#pragma unroll
      for (int e = 0; e < PER_WORD; e++) {
        const int k = start + (threadIdx.x / LANES + p * STEP) * PER_WORD + e;
        const T* at = from + (long long)k * stride + row;
        if (stride % 4 == 0) {
          piece[p][e] = k < end && row < rows ? *reinterpret_cast<const Run<T, 4>*>(at) : Run<T, 4>{};
        } else {
#pragma unroll
          for (int i = 0; i < 4; i++) piece[p][e].v[i] = k < end && row + i < rows ? at[i] : T(0);
        }
      }
  }

  __device__ void store(Word* shared) const {
#pragma unroll
    for (int p = 0; p < PIECES; p++) {
      Run<Word, 4> words;
#pragma unroll
      for (int i = 0; i < 4; i++) {
        T of[PER_WORD];
#pragma unroll
        for (int e = 0; e < PER_WORD; e++) of[e] = piece[p][e].v[i];
        words.v[i] = Tile::Math::word(of);
      }
      const int at = slot<ROWS>(threadIdx.x / LANES + p * STEP, threadIdx.x % LANES * 4);
      *reinterpret_cast<Run<Word, 4>*>(shared + at) = words;
    }
  }
};

// Fused multiply-adds: each thread has a part of every quarter or half of the tile, four by four elements at a time, so
// that what a warp reads for one k is 128 bytes of B, and of A what it reads in broadcasts.
template <class Tile>
struct Threads {
  using T = typename Tile::T;
  static constexpr int ROWS = Tile::M / 16, COLUMNS = Tile::N / 16;
  T sums[ROWS][COLUMNS] = {};

  static __device__ int y() { return threadIdx.x / 64 * 4 + threadIdx.x % 32 / 8; }
  static __device__ int x() { return threadIdx.x / 32 % 2 * 8 + threadIdx.x % 8; }

  __device__ void multiply(const T* a, const T* b) {
#pragma unroll
    for (int k = 0; k < Tile::WORDS; k++) {
      Run<T, 4> rows[ROWS / 4], columns[COLUMNS / 4];
#pragma unroll
      for (int i = 0; i < ROWS / 4; i++)
        rows[i] = *reinterpret_cast<const Run<T, 4>*>(a + slot<Tile::M>(k, i * 64 + y() * 4));
#pragma unroll
      for (int j = 0; j < COLUMNS / 4; j++)
        columns[j] = *reinterpret_cast<const Run<T, 4>*>(b + slot<Tile::N>(k, j * 64 + x() * 4));
#pragma unroll
      for (int i = 0; i < ROWS; i++)
#pragma unroll
        for (int j = 0; j < COLUMNS; j++) sums[i][j] += rows[i / 4].v[i % 4] * columns[j / 4].v[j % 4];
    }
  }

  // How many rows of the tile `lay` lays down at once, and which row of the tile lies in row `i` of those.
  static constexpr int LAID = Tile::N == 64 ? 64 : 32;

  static __device__ int rowOf(int part, int i) {
    return LAID == 64 ? i : part / 2 * 64 + i / 2 * 4 + part % 2 * 2 + i % 2;
  }

  // Lays a part of the tile into shared memory, in rows of N + 4.
  __device__ void lay(int part, T* shared) const {
    constexpr int EACH = LAID / 16;
#pragma unroll
    for (int i = 0; i < EACH; i++)
#pragma unroll
      for (int j = 0; j < COLUMNS / 4; j++) {
        Run<T, 4> run;
#pragma unroll
        for (int e = 0; e < 4; e++) run.v[e] = sums[part * EACH + i][j * 4 + e];
        *reinterpret_cast<Run<T, 4>*>(shared + (y() * EACH + i) * (Tile::N + 4) + j * 64 + x() * 4) = run;
      }
  }
};

// The shared memory of a block: two steps of both operands, and later parts of the result.
template <class Tile>
struct Shared {
  alignas(16) typename Tile::Word a[2][Tile::WORDS * (Tile::M + 8)];
  alignas(16) typename Tile::Word b[2][Tile::WORDS * (Tile::N + 8)];
};

// The sums of a tile over [begin, end) of k. A source has `begin(k)`, `fetch(k)`, called for one step after the other with
// a barrier between them, and `store(a, b)`.
template <class Tile, class Sums, class Source>
__device__ void accumulate(Shared<Tile>& shared, Source& source, int begin, int end, Sums& sums) {
  if (begin >= end) return;
  source.begin(begin);
  source.fetch(begin);
  source.store(shared.a[0], shared.b[0]);
  __syncthreads();
  int now = 0;
  for (int k = begin; k < end; k += Tile::K) {
    const bool more = k + Tile::K < end;
    if (more) source.fetch(k + Tile::K);
    sums.multiply(shared.a[now], shared.b[now]);
    now ^= 1;
    if (more) source.store(shared.a[now], shared.b[now]);
    __syncthreads();
  }
}

// What is done to a result: relu((x + bias)·scale + shift + summand), without what is null.
template <typename T>
struct Epilogue {
  const T *bias, *scale, *shift, *summand;
  int relu;

  __device__ T apply(T x, long long index, int channel) const {
    if (bias) x += bias[channel];
    if (scale) x *= scale[channel];
    if (shift) x += shift[channel];
    if (summand) x += summand[index];
    return relu && x <= 0 ? T(0) : x;  // a NaN stays
  }
};

// Writes a tile by way of shared memory, so that a warp writes neighbours whatever the sums' layout is, and so that the
// epilogue is there once and not once per sum. A target has `rows`, `columns`, `packed` (whether four columns from a
// multiple of four on lie side by side, aligned), `place(row, column)` and `channel(row, column)`.
template <class Tile, class Sums, class Target, typename T>
__device__ void write(
    Shared<Tile>& shared, const Sums& sums, const Target& target, int top, int left, T* to, const Epilogue<T>& epilogue) {
  constexpr int RUNS = Tile::N / 4, LINE = Tile::N + 4;
  static_assert(sizeof(shared) >= Sums::LAID * LINE * sizeof(T), "a part of the result fits");
  T* laid = reinterpret_cast<T*>(&shared);
  const int column = left + threadIdx.x % RUNS * 4;
#pragma unroll
  for (int part = 0; part < Tile::M / Sums::LAID; part++) {
    if (part > 0) __syncthreads();
    sums.lay(part, laid);
    __syncthreads();
#pragma unroll 1
    for (int i = threadIdx.x / RUNS; i < Sums::LAID; i += THREADS / RUNS) {
      const int row = top + Sums::rowOf(part, i);
      if (row >= target.rows || column >= target.columns) continue;
      const T* from = laid + i * LINE + threadIdx.x % RUNS * 4;
      if (target.packed) {
        Run<T, 4> run = *reinterpret_cast<const Run<T, 4>*>(from);
        const long long at = target.place(row, column);
#pragma unroll
        for (int e = 0; e < 4; e++) run.v[e] = epilogue.apply(run.v[e], at + e, target.channel(row, column + e));
        *reinterpret_cast<Run<T, 4>*>(to + at) = run;
      } else {
#pragma unroll 1
        for (int e = 0; e < 4 && column + e < target.columns; e++) {
          const long long at = target.place(row, column + e);
          to[at] = epilogue.apply(from[e], at, target.channel(row, column + e));
        }
      }
    }
  }
}

// Blocks side by side in time take tiles of eight rows of tiles, so that what they read together stays in the L2 cache.
struct TilePlace {
  int row, column;

  __device__ TilePlace(int index, int rows, int columns) {
    const int band = index / (8 * columns), inBand = index % (8 * columns);
    const int height = min(rows - band * 8, 8);
    row = band * 8 + inBand % height;
    column = inBand / height;
  }
};
