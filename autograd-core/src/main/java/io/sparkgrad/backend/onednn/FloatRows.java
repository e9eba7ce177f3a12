// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import java.util.Arrays;

/**
 * A row-major matrix in native memory, for what is done to it in Java: block by block, in arrays
 * that stay in the first-level cache.
 *
 * @param address of its first number
 */
record FloatRows(long address, long rows, long columns) {
  private static final int BLOCK = 2048;
  private static final ThreadLocal<float[][]> BLOCKS =
      ThreadLocal.withInitial(() -> new float[2][BLOCK]);

  private long at(long row, long column) {
    return address + 4 * (row * columns + column);
  }

  float get(long row, long column) {
    float[] one = BLOCKS.get()[0];
    RawMemory.read(at(row, column), one, 0, 1);
    return one[0];
  }

  void read(long row, float[] values) {
    RawMemory.read(at(row, 0), values, 0, (int) columns);
  }

  void write(float[] values, long row) {
    RawMemory.write(values, 0, at(row, 0), (int) columns);
  }

  /** Whether no number is NaN or infinite. */
  boolean areFinite() {
    float[] block = BLOCKS.get()[0];
    float[] zeros = BLOCKS.get()[1];
    Arrays.fill(zeros, 0);
    for (long done = 0; done < rows * columns; done += BLOCK) {
      int n = (int) Math.min(BLOCK, rows * columns - done);
      RawMemory.read(at(0, done), block, 0, n);
      for (int i = 0; i < n; i++) {
        zeros[i] += 0 * block[i];
      }
    }
    float sum = 0;
    for (float zero : zeros) {
      sum += zero;
    }
    return sum == 0;
  }

  /** The first of equals; NaN counts as the largest. */
  long indexOfMax(long row) {
    float[] block = BLOCKS.get()[0];
    float max = Float.NEGATIVE_INFINITY;
    long index = 0;
    for (long done = 0; done < columns; done += BLOCK) {
      int n = (int) Math.min(BLOCK, columns - done);
      RawMemory.read(at(row, done), block, 0, n);
      for (int i = 0; i < n; i++) {
        if (!(block[i] <= max)) {
          if (Float.isNaN(block[i])) {
            return done + i;
          }
          max = block[i];
          index = done + i;
        }
      }
    }
    return index;
  }

  void fill(long row, float value) {
    float[] block = BLOCKS.get()[0];
    Arrays.fill(block, value);
    for (long done = 0; done < columns; done += BLOCK) {
      RawMemory.write(block, 0, at(row, done), (int) Math.min(BLOCK, columns - done));
    }
  }

  /** {@code target = x − first − second}, rounded in this order. */
  void subtract(long row, float first, float second, FloatRows target) {
    float[] block = BLOCKS.get()[0];
    for (long done = 0; done < columns; done += BLOCK) {
      int n = (int) Math.min(BLOCK, columns - done);
      RawMemory.read(at(row, done), block, 0, n);
      for (int i = 0; i < n; i++) {
        block[i] = block[i] - first - second;
      }
      RawMemory.write(block, 0, target.at(row, done), n);
    }
  }
}
