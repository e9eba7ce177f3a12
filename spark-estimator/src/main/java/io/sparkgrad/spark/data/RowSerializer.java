// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.NoSuchElementException;
import org.apache.spark.serializer.DeserializationStream;
import org.apache.spark.serializer.SerializationStream;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.serializer.SerializerInstance;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;
import scala.collection.AbstractIterator;
import scala.collection.Iterator;
import scala.reflect.ClassTag;

/**
 * What lies in the files of the shuffle: for each row the number of its bytes and these. The key is
 * left out: a worker knows who it is. Rows stand alone, so Spark may sort and join them as bytes.
 */
final class RowSerializer extends Serializer implements Serializable {
  private static final long serialVersionUID = 1L;

  @Override
  public SerializerInstance newInstance() {
    return new Instance();
  }

  @Override
  public boolean supportsRelocationOfSerializedObjects() {
    return true;
  }

  private static final class Instance extends SerializerInstance {
    @Override
    public SerializationStream serializeStream(OutputStream out) {
      return new RowOutput(new DataOutputStream(out));
    }

    @Override
    public DeserializationStream deserializeStream(InputStream in) {
      return new RowInput(new DataInputStream(in));
    }

    @Override
    public <T> ByteBuffer serialize(T value, ClassTag<T> tag) {
      throw new UnsupportedOperationException("rows are written to streams only");
    }

    @Override
    public <T> T deserialize(ByteBuffer bytes, ClassTag<T> tag) {
      throw new UnsupportedOperationException("rows are read from streams only");
    }

    @Override
    public <T> T deserialize(ByteBuffer bytes, ClassLoader loader, ClassTag<T> tag) {
      throw new UnsupportedOperationException("rows are read from streams only");
    }
  }

  private static final class RowOutput extends SerializationStream {
    private final DataOutputStream out;

    RowOutput(DataOutputStream out) {
      this.out = out;
    }

    @Override
    public <T> SerializationStream writeKey(T key, ClassTag<T> tag) {
      return this;
    }

    @Override
    public <T> SerializationStream writeObject(T value, ClassTag<T> tag) {
      byte[] row = (byte[]) value;
      try {
        out.writeInt(row.length);
        out.write(row);
      } catch (IOException e) {
        throw new UncheckedIOException("writing a row to the shuffle", e);
      }
      return this;
    }

    @Override
    public void flush() {
      try {
        out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException("writing rows to the shuffle", e);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw new UncheckedIOException("writing rows to the shuffle", e);
      }
    }
  }

  private static final class RowInput extends DeserializationStream {
    private final DataInputStream in;

    RowInput(DataInputStream in) {
      this.in = in;
    }

    @Override
    public <T> T readObject(ClassTag<T> tag) {
      throw new UnsupportedOperationException("rows are read one after the other");
    }

    @Override
    public Iterator<Tuple2<Object, Object>> asKeyValueIterator() {
      return new RowIterator(this, in);
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw new UncheckedIOException("reading rows from the shuffle", e);
      }
    }
  }

  /** Closes the stream at its end. */
  private static final class RowIterator extends AbstractIterator<Tuple2<Object, Object>> {
    private static final Object NO_KEY = new Object();

    private final RowInput stream;
    private final DataInputStream in;
    private byte @Nullable [] next;

    RowIterator(RowInput stream, DataInputStream in) {
      this.stream = stream;
      this.in = in;
      advance();
    }

    private void advance() {
      try {
        int first = in.read();
        if (first < 0) {
          next = null;
          stream.close();
          return;
        }
        int length = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
        next = in.readNBytes(length);
        if (next.length < length) {
          throw new EOFException(
              "expected a row of %d bytes, got %d".formatted(length, next.length));
        }
      } catch (IOException e) {
        throw new UncheckedIOException("reading rows from the shuffle: " + e.getMessage(), e);
      }
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public Tuple2<Object, Object> next() {
      if (next == null) {
        throw new NoSuchElementException();
      }
      Tuple2<Object, Object> row = new Tuple2<>(NO_KEY, next);
      advance();
      return row;
    }
  }
}
