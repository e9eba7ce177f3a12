// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.PendingCopy;
import io.sparkgrad.backend.Readback;
import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Values from and to arrays, through page-locked memory.
 *
 * <p>An upload converts in the calling thread, crosses the bus in a stream of its own while kernels
 * compute, and only its last part, from device memory to device memory, takes its turn in the
 * stream of the kernels. So it returns before it is done, and never waits for kernels unless it is
 * several batches ahead of them. A download that is to be there later goes the same way back: the
 * kernels stand still for a copy within the device alone. One that is to be there at once waits for
 * what was launched before it, unless the host wrote those values itself.
 */
final class Transfers {
  /** Of more integers the host keeps no copy. */
  private static final int REMEMBERED = 1 << 16;

  /**
   * The batch that computes, the batch that is copied, and one that is prepared; large ones twice.
   */
  private static final int PIECES = 6;

  /** The gradients of a step, up to 256 MB: they wait here for the network. */
  private static final int PIECES_LATER = 64;

  private final CudaDriver driver;
  private final LaunchQueue queue;
  private final Fills fills;
  private final long copiesUp;
  private final long copiesDown;
  private final Staging up;
  private final Staging down;
  private final Staging later;
  private final AtomicLong bytesToDevice = new AtomicLong();
  private final AtomicLong bytesToHost = new AtomicLong();

  Transfers(CudaDriver driver, LaunchQueue queue, DeviceMemory memory, Fills fills) {
    this.driver = driver;
    this.queue = queue;
    this.fills = fills;
    copiesUp = driver.createStream();
    copiesDown = driver.createStream();
    up = new Staging(driver, memory, PIECES);
    down = new Staging(driver, null, PIECES);
    later = new Staging(driver, memory, PIECES_LATER);
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

  void upload(float[] source, int[] offsets, List<Buffer> targets) {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      CudaBuffer target = CudaBuffer.of(targets.get(i));
      Objects.checkFromIndexSize(offsets[i], target.length(), source.length);
      parts.add(Part.whole(HostValues.of(source, offsets[i]), target, target.overwrite()));
    }
    copyIn(parts);
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
      copyIn(List.of(Part.whole(source, target, target.overwrite())));
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

  private void copyIn(List<Part> parts) {
    try {
      for (List<Part> group : Part.groups(parts, Staging.PIECE)) {
        Staging.Piece piece = up.take();
        try {
          group.forEach(part -> part.write(piece.host()));
          cross(piece, group);
        } finally {
          up.give(piece);
        }
      }
    } finally {
      Reference.reachabilityFence(parts);
    }
  }

  /** The host's part is full; what is left of it goes to its places. */
  private void cross(Staging.Piece piece, List<Part> group) {
    piece.host().flip();
    bytesToDevice.addAndGet(piece.host().remaining());
    driver.copyToDevice(piece.host(), piece.device(), copiesUp);
    driver.record(piece.arrived(), copiesUp);
    synchronized (queue) {
      queue.flush();
      driver.waitFor(piece.arrived(), queue.stream());
      long from = piece.device();
      for (Part part : group) {
        driver.copyOnDevice(from, part.start(), part.bytes(), queue.stream());
        from += part.bytes();
      }
      driver.record(piece.done(), queue.stream());
    }
  }

  private void download(Buffer buffer, HostValues target, int available) {
    CudaBuffer source = CudaBuffer.of(buffer);
    int length = ElementCount.of("download", source.length());
    Objects.checkFromIndexSize(0, length, available);
    long[] known = source.remembered();
    if (known == null) {
      List<Part> all = List.of(Part.whole(target, source, source.address()));
      Part.groups(all, Staging.PIECE).forEach(this::copyOut);
    } else {
      for (int i = 0; i < length; i++) {
        target.set(i, known[i]);
      }
    }
  }

  private void copyOut(List<Part> group) {
    for (Part part : group) {
      Staging.Piece piece = down.take();
      try {
        piece.host().limit(part.bytes());
        begin(part.start(), piece);
        driver.synchronizeEvent(piece.done());
        part.read(piece.host());
      } finally {
        down.give(piece);
        Reference.reachabilityFence(part);
      }
    }
  }

  private void begin(long address, Staging.Piece piece) {
    bytesToHost.addAndGet(piece.host().remaining());
    synchronized (queue) {
      queue.flush();
      driver.copyToHost(address, piece.host(), queue.stream());
      driver.record(piece.done(), queue.stream());
    }
  }

  /** What the host knows is there at once. */
  Readback downloadLater(Buffer buffer) {
    CudaBuffer source = CudaBuffer.of(buffer);
    if (source.remembered() != null) {
      return Readback.of(buffer);
    }
    int length = Math.toIntExact(source.length());
    if (source.dtype() == DType.FLOAT32) {
      float[] values = new float[length];
      return awaiting(downloadLater(source, HostValues.of(values, 0)), Readback.of(values));
    }
    double[] values = new double[length];
    return awaiting(downloadLater(source, HostValues.of(values)), Readback.of(values));
  }

  private PendingCopy downloadLater(CudaBuffer source, HostValues target) {
    PendingCopy copy = copyOutLater(List.of(Part.whole(target, source, source.address())));
    return () -> {
      queue.flush(); // whoever waits wants the device to go on with what was launched since
      copy.await();
    };
  }

  private static Readback awaiting(PendingCopy copy, Readback values) {
    return new Readback() {
      @Override
      public float[] floats() {
        copy.await();
        return values.floats();
      }

      @Override
      public double[] doubles() {
        copy.await();
        return values.doubles();
      }
    };
  }

  PendingCopy downloadLater(List<Buffer> sources, int[] offsets, float[] target) {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      CudaBuffer source = CudaBuffer.of(sources.get(i));
      Objects.checkFromIndexSize(offsets[i], source.length(), target.length);
      parts.add(Part.whole(HostValues.of(target, offsets[i]), source, source.address()));
    }
    return copyOutLater(parts);
  }

  /** What no piece is left for is copied at once. */
  private PendingCopy copyOutLater(List<Part> parts) {
    PendingDownload download = new PendingDownload(p -> driver.synchronizeEvent(p.done()), later);
    try {
      for (List<Part> group : Part.groups(parts, Staging.PIECE)) {
        Staging.Piece piece = later.tryTake();
        if (piece == null) {
          copyOut(group);
        } else {
          download.add(piece, group);
          returnLater(piece, group);
        }
      }
    } finally {
      Reference.reachabilityFence(parts);
    }
    return download;
  }

  /** Gathers a group in device memory, and lets it cross the bus while kernels compute. */
  private void returnLater(Staging.Piece piece, List<Part> group) {
    long to = piece.device();
    synchronized (queue) {
      queue.flush();
      for (Part part : group) {
        driver.copyOnDevice(part.start(), to, part.bytes(), queue.stream());
        to += part.bytes();
      }
      driver.record(piece.arrived(), queue.stream());
    }
    piece.host().limit(Math.toIntExact(to - piece.device()));
    bytesToHost.addAndGet(piece.host().remaining());
    driver.waitFor(piece.arrived(), copiesDown);
    driver.copyToHost(piece.device(), piece.host(), copiesDown);
    driver.record(piece.done(), copiesDown);
  }

  long bytesToDevice() {
    return bytesToDevice.get();
  }

  long bytesToHost() {
    return bytesToHost.get();
  }
}
