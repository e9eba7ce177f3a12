// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.nio.ByteBuffer;

/**
 * One row as training moves it between executors: weight and label as float64, then the features as
 * float32, big-endian. A byte array and not an object, so that any serializer of Spark carries it.
 */
public final class TrainingRow {
  private static final int HEADER = 2 * Double.BYTES;

  private TrainingRow() {}

  public static byte[] encode(double weight, double label, float[] features) {
    ByteBuffer row = ByteBuffer.allocate(HEADER + features.length * Float.BYTES);
    row.putDouble(weight).putDouble(label);
    row.asFloatBuffer().put(features);
    return row.array();
  }

  public static double weight(byte[] row) {
    return ByteBuffer.wrap(row).getDouble();
  }

  public static double label(byte[] row) {
    return ByteBuffer.wrap(row).getDouble(Double.BYTES);
  }

  /** Copies the features into {@code target} from {@code offset} on. */
  public static void features(byte[] row, float[] target, int offset) {
    ByteBuffer.wrap(row, HEADER, row.length - HEADER)
        .asFloatBuffer()
        .get(target, offset, (row.length - HEADER) / Float.BYTES);
  }
}
