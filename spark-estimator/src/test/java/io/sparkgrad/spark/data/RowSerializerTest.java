// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.apache.spark.serializer.SerializationStream;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

class RowSerializerTest {
  private static final ClassTag<Object> ANY = ClassTag$.MODULE$.Object();

  private final SerializerInstance serializer = new RowSerializer().newInstance();

  private byte[] written(byte[]... rows) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SerializationStream stream = serializer.serializeStream(out);
    for (byte[] row : rows) {
      stream.writeKey(1, ANY);
      stream.writeValue(row, ANY);
    }
    stream.flush();
    stream.close();
    return out.toByteArray();
  }

  private Iterator<Tuple2<Object, Object>> read(byte[] bytes) {
    return serializer.deserializeStream(new ByteArrayInputStream(bytes)).asKeyValueIterator();
  }

  @Test
  @DisplayName("rows of any length come back in order")
  void rowsComeBack() {
    byte[][] rows = {new byte[0], {1}, new byte[70_000]};
    Arrays.fill(rows[2], (byte) -1);
    Iterator<Tuple2<Object, Object>> it = read(written(rows));
    for (byte[] row : rows) {
      assertArrayEquals(row, (byte[]) it.next()._2());
    }
    assertFalse(it.hasNext());
    assertFalse(read(written()).hasNext());
  }

  @Test
  @DisplayName("what is cut off is an error and not the end")
  void truncated() {
    byte[] bytes = written(new byte[100], new byte[100]);
    for (int length : new int[] {50, 106, 150}) {
      assertThrows(
          UncheckedIOException.class, () -> read(Arrays.copyOf(bytes, length)).foreach(row -> row));
    }
    assertEquals(208, bytes.length);
  }
}
