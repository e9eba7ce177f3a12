// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * One row as it travels between executors: its place, what it is for, then the record that {@link
 * RowSpec} describes.
 *
 * <p>A row that cannot be used travels as well, as the sentence that says why: an exception in the
 * task that found it would be tried again, with all that leads up to it, and end in a stack trace.
 */
final class EncodedRow {
  /** What a row is for. */
  enum Kind {
    TRAINING('t'),
    VALIDATION('v'),
    /** For nothing; a sentence in UTF-8 instead of a record. */
    REJECTED('r');

    private final byte code;

    Kind(char code) {
      this.code = (byte) code;
    }

    private static Kind of(byte code) {
      return code == TRAINING.code ? TRAINING : code == VALIDATION.code ? VALIDATION : REJECTED;
    }
  }

  private static final int KIND = Long.BYTES;
  private static final int RECORD = KIND + 1;

  private final ByteBuffer buffer;

  private EncodedRow(byte[] bytes) {
    buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A row of zeros. */
  static EncodedRow allocate(long place, Kind kind, int recordBytes) {
    EncodedRow row = new EncodedRow(new byte[Math.addExact(RECORD, recordBytes)]);
    row.buffer.putLong(0, place).put(KIND, kind.code);
    return row;
  }

  /** What is wrong with a row, in its place. */
  static EncodedRow rejected(long place, String sentence) {
    byte[] text = sentence.getBytes(StandardCharsets.UTF_8);
    EncodedRow row = allocate(place, Kind.REJECTED, text.length);
    row.record().put(text);
    return row;
  }

  /** The row of which these are the {@link #bytes}. */
  static EncodedRow of(byte[] bytes) {
    return new EncodedRow(bytes);
  }

  byte[] bytes() {
    return buffer.array();
  }

  /** The row's {@link RowPlace#key}. */
  long place() {
    return buffer.getLong(0);
  }

  Kind kind() {
    return Kind.of(buffer.get(KIND));
  }

  /** The record, in little-endian order. */
  ByteBuffer record() {
    return buffer.position(RECORD);
  }

  /** Of kind and record, not of the place. */
  long checksum() {
    CRC32C crc = new CRC32C();
    crc.update(bytes(), KIND, bytes().length - KIND);
    return crc.getValue();
  }

  /** Why the row cannot be used. */
  String sentence() {
    return new String(bytes(), RECORD, bytes().length - RECORD, StandardCharsets.UTF_8);
  }
}
