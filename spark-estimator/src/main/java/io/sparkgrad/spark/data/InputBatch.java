// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import io.sparkgrad.autograd.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.spark.ml.linalg.Vector;

/** One input of a batch, filled row by row; may be filled again. */
public final class InputBatch {
  private final InputSpec spec;
  private final int rows;
  private final int length;

  /** Of this and the next, the one that the element does not need is empty. */
  private final float[] floats;

  private final long[] longs;

  /** Room for so many rows. */
  public InputBatch(InputSpec spec, int rows) {
    this.spec = spec;
    this.rows = rows;
    this.length = spec.length();
    boolean indices = spec.element() == Element.INT64;
    this.floats = new float[indices ? 0 : Math.multiplyExact(rows, length)];
    this.longs = new long[indices ? Math.multiplyExact(rows, length) : 0];
  }

  /**
   * A batch of one row, which a Vector gives.
   *
   * @throws InputException if the vector does not have the input's length or is not finite
   */
  public static Tensor ofVector(InputSpec spec, Vector vector) {
    ByteBuffer values = ByteBuffer.allocate(spec.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    InputColumn column = new InputColumn(spec.columns().get(0), spec);
    VectorInput.put(column, vector.toArray(), "the vector", values);
    InputBatch batch = new InputBatch(spec, 1);
    batch.set(0, values.flip());
    return batch.tensor();
  }

  public int rows() {
    return rows;
  }

  /**
   * Takes one row's numbers, as an {@link InputReader} appended them, from a buffer on the heap.
   */
  public void set(int row, ByteBuffer values) {
    int from = row * length;
    switch (spec.element()) {
      case UINT8 -> {
        byte[] bytes = values.array(); // several times as fast as one get after the other
        int start = values.arrayOffset() + values.position();
        for (int i = 0; i < length; i++) {
          floats[from + i] = bytes[start + i] & 0xff;
        }
        values.position(values.position() + length);
      }
      case FLOAT32 -> {
        values.asFloatBuffer().get(floats, from, length);
        values.position(values.position() + spec.bytes());
      }
      case INT64 -> {
        values.asLongBuffer().get(longs, from, length);
        values.position(values.position() + spec.bytes());
      }
    }
  }

  /**
   * All rows as a tensor {@code [rows, shape…]}, float32 or int64, that belongs to the open scope.
   */
  public Tensor tensor() {
    long[] shape = spec.batchShape(rows);
    return spec.element() == Element.INT64 ? Tensor.of(longs, shape) : Tensor.of(floats, shape);
  }
}
