// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.Readback;
import java.lang.ref.Cleaner;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Values that a copy puts into page-locked memory, which goes back once they were read. */
final class PendingReadback implements Readback {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Consumer<Staging.Piece> wait;
  private final Staging.Piece piece;
  private final DType dtype;
  private final Cleaner.Cleanable release;
  private @Nullable Readback values;

  /**
   * What is on its way.
   *
   * @param wait returns when the copy is done
   * @param piece where it goes, from the position to the limit of the buffer
   */
  PendingReadback(Consumer<Staging.Piece> wait, Staging staging, Staging.Piece piece, DType dtype) {
    this.wait = wait;
    this.piece = piece;
    this.dtype = dtype;
    this.release = CLEANER.register(this, () -> staging.give(piece));
  }

  @Override
  public float[] floats() {
    return values().floats();
  }

  @Override
  public double[] doubles() {
    return values().doubles();
  }

  private Readback values() {
    if (values == null) {
      wait.accept(piece);
      int length = piece.host().remaining() / dtype.bytes();
      if (dtype == DType.FLOAT32) {
        float[] floats = new float[length];
        HostValues.of(floats, 0).read(0, length, dtype, piece.host());
        values = Readback.of(floats);
      } else {
        double[] doubles = new double[length];
        HostValues.of(doubles).read(0, length, dtype, piece.host());
        values = Readback.of(doubles);
      }
      release.clean();
    }
    return values;
  }
}
