// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.benchmark;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import java.util.Random;

/** FLOAT32 operands: numbers from -1 to 1, always the same. */
final class RandomBuffer {
  private RandomBuffer() {}

  static Buffer on(Backend backend, long length) {
    Random random = new Random(length);
    float[] values = new float[Math.toIntExact(length)];
    for (int i = 0; i < values.length; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    Buffer buffer = backend.allocate(DType.FLOAT32, length);
    backend.upload(values, buffer);
    return buffer;
  }
}
