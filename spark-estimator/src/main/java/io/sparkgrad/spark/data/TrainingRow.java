// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One row as training moves it between executors: weight and label as float64, then the features as
 * float32, big-endian. A byte array and not an object, so that any serializer of Spark carries it.
 *
 * <p>A row that cannot be used travels as well, as the sentence that says why: an exception in the
 * task that found it would be tried again, with all that leads up to it, and end in a stack trace.
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

  /** What is wrong with a row, in its place; its weight is NaN, which no row has. */
  static byte[] rejected(InputException reason) {
    byte[] sentence = String.valueOf(reason.getMessage()).getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Double.BYTES + sentence.length)
        .putDouble(Double.NaN)
        .put(sentence)
        .array();
  }

  /** Why the row cannot be used; empty if it can. */
  static Optional<String> rejection(byte[] row) {
    return Double.isNaN(weight(row))
        ? Optional.of(
            new String(row, Double.BYTES, row.length - Double.BYTES, StandardCharsets.UTF_8))
        : Optional.empty();
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
