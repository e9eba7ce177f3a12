// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.Readback;
import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Values from and to arrays, through page-locked memory.
 *
 * <p>An upload converts in the calling thread, crosses the bus in a stream of its own while kernels
 * compute, and only its last part, from device memory to device memory, takes its turn in the
 * stream of the kernels. So it returns before it is done, and never waits for kernels unless it is
 * several batches ahead of them. A download waits for what was launched before it, unless the host
 * wrote those values itself.
 */
final class Transfers {
  /** Of more integers the host keeps no copy. */
  private static final int REMEMBERED = 1 << 16;

  private final CudaDriver driver;
  private final LaunchQueue queue;
  private final Fills fills;
  private final long copies;
  private final Staging up;
  private final Staging down;
  private final Staging later;
  private final AtomicLong bytesToDevice = new AtomicLong();
  private final AtomicLong bytesToHost = new AtomicLong();

  Transfers(CudaDriver driver, LaunchQueue queue, DeviceMemory memory, Fills fills) {
    this.driver = driver;
    this.queue = queue;
    this.fills = fills;
    copies = driver.createStream();
    up = new Staging(driver, memory);
    down = new Staging(driver, null);
    later = new Staging(driver, null);
  }

  void upload(double[] source, Buffer target) {
    upload(HostValues.of(source), source.length, target);
  }

  void upload(float[] source, int offset, Buffer target) {
    int length = ElementCount.of("upload", target.length());
    Objects.checkFromIndexSize(offset, length, source.length);
    upload(HostValues.of(source, offset), length, target);
  }

  void upload(long[] source, Buffer target) {
    upload(HostValues.of(source), source.length, target);
  }

  void download(Buffer source, double[] target) {
    download(source, HostValues.of(target), target.length);
  }

  void download(Buffer source, float[] target, int offset) {
    int length = ElementCount.of("download", source.length());
    Objects.checkFromIndexSize(offset, length, target.length);
    download(source, HostValues.of(target, offset), length);
  }

  void download(Buffer source, long[] target) {
    download(source, HostValues.of(target), target.length);
  }

  private void upload(HostValues source, int available, Buffer buffer) {
    CudaBuffer target = CudaBuffer.of(buffer);
    int length = ElementCount.of("upload", target.length());
    Objects.checkFromIndexSize(0, length, available);
    if (length == 1) {
      fills.fill(target, source); // an argument of a kernel instead of a copy
    } else {
      copyIn(source, length, target);
    }
    remember(source, length, target);
  }

  private static void remember(HostValues source, int length, CudaBuffer target) {
    if (target.dtype() == DType.INT64 && length <= REMEMBERED) {
      long[] values = new long[length];
      Arrays.setAll(values, source::integer);
      target.remember(values);
    }
  }

  void fill(Buffer buffer, double value) {
    CudaBuffer target = CudaBuffer.of(buffer);
    HostValues values = HostValues.of(new double[] {value});
    fills.fill(target, values);
    if (target.length() == 1) {
      remember(values, 1, target);
    }
  }

  private void copyIn(HostValues source, int length, CudaBuffer target) {
    int size = target.dtype().bytes();
    int most = Staging.PIECE / size;
    try {
      long address = target.overwrite();
      for (int from = 0; from < length; from += most) {
        int count = Math.min(most, length - from);
        Staging.Piece piece = up.take();
        try {
          source.write(from, count, target.dtype(), piece.host());
          cross(piece, address + (long) from * size);
        } finally {
          up.give(piece);
        }
      }
    } finally {
      Reference.reachabilityFence(target);
    }
    bytesToDevice.addAndGet(target.bytes());
  }

  /** The host's part is full; what is left of it goes to its place. */
  private void cross(Staging.Piece piece, long address) {
    piece.host().flip();
    int bytes = piece.host().remaining();
    driver.copyToDevice(piece.host(), piece.device(), copies);
    driver.record(piece.arrived(), copies);
    synchronized (queue) {
      queue.flush();
      driver.waitFor(piece.arrived(), queue.stream());
      driver.copyOnDevice(piece.device(), address, bytes, queue.stream());
      driver.record(piece.done(), queue.stream());
    }
  }

  private void download(Buffer buffer, HostValues target, int available) {
    CudaBuffer source = CudaBuffer.of(buffer);
    int length = ElementCount.of("download", source.length());
    Objects.checkFromIndexSize(0, length, available);
    long[] known = source.remembered();
    if (known == null) {
      copyOut(source, length, target);
    } else {
      for (int i = 0; i < length; i++) {
        target.set(i, known[i]);
      }
    }
  }

  private void copyOut(CudaBuffer source, int length, HostValues target) {
    int size = source.dtype().bytes();
    int most = Staging.PIECE / size;
    try {
      long address = source.address();
      for (int from = 0; from < length; from += most) {
        int count = Math.min(most, length - from);
        Staging.Piece piece = down.take();
        try {
          piece.host().limit(count * size);
          begin(address + (long) from * size, piece);
          driver.synchronizeEvent(piece.done());
          target.read(from, count, source.dtype(), piece.host());
        } finally {
          down.give(piece);
        }
      }
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /** Where it is too long for a piece, or all pieces are out, it is a download at once. */
  Readback downloadLater(Buffer buffer) {
    CudaBuffer source = CudaBuffer.of(buffer);
    Staging.Piece piece =
        source.bytes() <= Staging.PIECE && source.remembered() == null ? later.tryTake() : null;
    if (piece == null) {
      return Readback.of(buffer);
    }
    try {
      piece.host().limit(Math.toIntExact(source.bytes()));
      begin(source.address(), piece);
    } finally {
      Reference.reachabilityFence(source);
    }
    return new PendingReadback(this::await, later, piece, source.dtype());
  }

  /** Whoever waits wants the device to go on with what was launched since. */
  private void await(Staging.Piece piece) {
    queue.flush();
    driver.synchronizeEvent(piece.done());
  }

  private void begin(long address, Staging.Piece piece) {
    synchronized (queue) {
      queue.flush();
      driver.copyToHost(address, piece.host(), queue.stream());
      driver.record(piece.done(), queue.stream());
    }
    bytesToHost.addAndGet(piece.host().remaining());
  }

  long bytesToDevice() {
    return bytesToDevice.get();
  }

  long bytesToHost() {
    return bytesToHost.get();
  }
}
