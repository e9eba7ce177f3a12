// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * Copies between arrays and the device. Numbers go through page-locked chunks, two in turn, so that
 * the next is converted while one is on its way; an upload returns when its last chunk is on its
 * way, a download when all has come.
 */
final class Transfers {
  private static final int CHUNK_BYTES = 4 << 20;

  private final CudaDriver driver;
  private final long stream;
  private final Chunk[] chunks = new Chunk[2];
  private int next;

  Transfers(CudaDriver driver, long stream) {
    this.driver = driver;
    this.stream = stream;
  }

  /** Page-locked memory, and the event after which it is free. */
  private record Chunk(ByteBuffer bytes, long free) {}

  /** Puts one number into a chunk, or takes it out. */
  @FunctionalInterface
  private interface Element {
    void move(ByteBuffer bytes, int at, int index);
  }

  void upload(double[] source, Buffer target) {
    switch (target.dtype()) {
      case FLOAT32 -> upload(target, (b, at, i) -> b.putFloat(at, (float) source[i]));
      case FLOAT64 -> upload(target, (b, at, i) -> b.putDouble(at, source[i]));
      case INT64 -> upload(target, (b, at, i) -> b.putLong(at, (long) source[i]));
      case BOOL -> upload(target, (b, at, i) -> b.put(at, flag(source[i] != 0)));
    }
  }

  void upload(float[] source, int offset, Buffer target) {
    switch (target.dtype()) {
      case FLOAT32 -> upload(target, (b, at, i) -> b.putFloat(at, source[offset + i]));
      case FLOAT64 -> upload(target, (b, at, i) -> b.putDouble(at, source[offset + i]));
      case INT64 -> upload(target, (b, at, i) -> b.putLong(at, (long) source[offset + i]));
      case BOOL -> upload(target, (b, at, i) -> b.put(at, flag(source[offset + i] != 0)));
    }
  }

  void upload(long[] source, Buffer target) {
    switch (target.dtype()) {
      case FLOAT32 -> upload(target, (b, at, i) -> b.putFloat(at, (float) source[i]));
      case FLOAT64 -> upload(target, (b, at, i) -> b.putDouble(at, source[i]));
      case INT64 -> upload(target, (b, at, i) -> b.putLong(at, source[i]));
      case BOOL -> upload(target, (b, at, i) -> b.put(at, flag(source[i] != 0)));
    }
  }

  void download(Buffer source, double[] target) {
    switch (source.dtype()) {
      case FLOAT32 -> download(source, (b, at, i) -> target[i] = b.getFloat(at));
      case FLOAT64 -> download(source, (b, at, i) -> target[i] = b.getDouble(at));
      case INT64 -> download(source, (b, at, i) -> target[i] = (double) b.getLong(at));
      case BOOL -> download(source, (b, at, i) -> target[i] = b.get(at));
    }
  }

  void download(Buffer source, float[] target, int offset) {
    switch (source.dtype()) {
      case FLOAT32 -> download(source, (b, at, i) -> target[offset + i] = b.getFloat(at));
      case FLOAT64 -> download(source, (b, at, i) -> target[offset + i] = (float) b.getDouble(at));
      case INT64 -> download(source, (b, at, i) -> target[offset + i] = (float) b.getLong(at));
      case BOOL -> download(source, (b, at, i) -> target[offset + i] = b.get(at));
    }
  }

  void download(Buffer source, long[] target) {
    switch (source.dtype()) {
      case FLOAT32 -> download(source, (b, at, i) -> target[i] = (long) b.getFloat(at));
      case FLOAT64 -> download(source, (b, at, i) -> target[i] = (long) b.getDouble(at));
      case INT64 -> download(source, (b, at, i) -> target[i] = b.getLong(at));
      case BOOL -> download(source, (b, at, i) -> target[i] = b.get(at));
    }
  }

  private static byte flag(boolean value) {
    return (byte) (value ? 1 : 0);
  }

  private synchronized void upload(Buffer target, Element element) {
    long address = CudaBuffer.of(target).overwrite();
    int size = target.dtype().bytes();
    try {
      for (long from = 0; from < target.length(); from += chunkLength(target.dtype())) {
        Chunk chunk = nextFree();
        int count = (int) Math.min(chunkLength(target.dtype()), target.length() - from);
        for (int i = 0; i < count; i++) {
          element.move(chunk.bytes(), i * size, (int) (from + i));
        }
        driver.copyToDevice(
            chunk.bytes().slice(0, count * size).order(chunk.bytes().order()),
            address + from * size,
            stream);
        driver.record(chunk.free(), stream);
      }
    } finally {
      Reference.reachabilityFence(target);
    }
  }

  private synchronized void download(Buffer source, Element element) {
    long address = CudaBuffer.of(source).address();
    int size = source.dtype().bytes();
    try {
      for (long from = 0; from < source.length(); from += chunkLength(source.dtype())) {
        Chunk chunk = nextFree();
        int count = (int) Math.min(chunkLength(source.dtype()), source.length() - from);
        driver.copyToHost(address + from * size, chunk.bytes().slice(0, count * size), stream);
        driver.record(chunk.free(), stream);
        driver.synchronizeEvent(chunk.free());
        for (int i = 0; i < count; i++) {
          element.move(chunk.bytes(), i * size, (int) (from + i));
        }
      }
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  private static int chunkLength(DType dtype) {
    return CHUNK_BYTES / dtype.bytes();
  }

  private Chunk nextFree() {
    next = 1 - next;
    Chunk chunk = chunks[next];
    if (chunk == null) {
      chunk = new Chunk(driver.allocatePinned(CHUNK_BYTES), driver.createEvent());
      chunks[next] = chunk;
    } else {
      driver.synchronizeEvent(chunk.free());
    }
    return chunk;
  }
}
