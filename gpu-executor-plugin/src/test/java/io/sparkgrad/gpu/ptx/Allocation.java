// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A piece of device memory. Once freed its size stays, to name it in errors; its bytes go. */
final class Allocation {
  /** Holds no address at all. */
  static final Allocation NONE = new Allocation(0, 0, false);

  final long base;
  final int size;
  byte[] bytes;

  /** Which bytes were written; absent unless reads of unwritten memory are to be refused. */
  boolean @Nullable [] written;

  private boolean freed;

  Allocation(long base, int size, boolean initcheck) {
    this.base = base;
    this.size = size;
    bytes = new byte[size];
    // Floats that nobody wrote are NaN.
    Arrays.fill(bytes, (byte) 0xff);
    written = initcheck ? new boolean[size] : null;
  }

  void free() {
    freed = true;
    bytes = new byte[0];
    written = null;
  }

  boolean freed() {
    return freed;
  }

  void markWritten(int at, int width) {
    if (written != null) {
      Arrays.fill(written, at, at + width, true);
    }
  }

  boolean isWritten(int at, int width) {
    if (written != null) {
      for (int i = at; i < at + width; i++) {
        if (!written[i]) {
          return false;
        }
      }
    }
    return true;
  }
}
