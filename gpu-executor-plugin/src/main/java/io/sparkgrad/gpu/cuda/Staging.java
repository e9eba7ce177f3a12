// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.CudaException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Page-locked host memory through which transfers go, in pieces that are used in turn. A piece that
 * a copy still reads is passed over as long as there may be more of them; then the oldest is waited
 * for, so that nobody runs ahead of the device without end. Safe for threads.
 */
final class Staging {
  /** Bytes of a piece: copies of this size reach the bandwidth of the bus. */
  static final int PIECE = 4 << 20;

  private final CudaDriver driver;
  private final @Nullable DeviceMemory memory;
  private final Deque<Piece> idle = new ArrayDeque<>();
  private int most;
  private int count;

  /**
   * No memory yet.
   *
   * @param memory for as much device memory beside it; null for none
   * @param most how many pieces there may be
   */
  Staging(CudaDriver driver, @Nullable DeviceMemory memory, int most) {
    this.driver = driver;
    this.memory = memory;
    this.most = most;
  }

  /**
   * One piece.
   *
   * @param device the address of its device memory; 0 without
   * @param done marks the copy that used it last
   */
  record Piece(ByteBuffer host, long device, long arrived, long done) {}

  /**
   * A piece that nothing uses any more; its buffer is empty.
   *
   * @throws OutOfDeviceMemoryException if the device has no memory for a single one
   * @throws BackendException if the host has no memory for a single one that can be page-locked
   */
  Piece take() {
    Piece piece = next();
    if (!driver.isDone(piece.done)) {
      driver.synchronizeEvent(piece.done);
    }
    piece.host.clear();
    return piece;
  }

  /**
   * A piece that nothing uses any more, without waiting for one; null if there is none, and no
   * memory for another. From then on there are no more than there are.
   */
  synchronized @Nullable Piece tryTake() {
    if (hasUnused()) {
      Piece piece = idle.remove();
      piece.host.clear();
      return piece;
    }
    if (count == most) {
      return null;
    }
    try {
      return another();
    } catch (BackendException e) {
      if (!isFull(e)) {
        throw e;
      }
      most = count;
      return null;
    }
  }

  private boolean hasUnused() {
    return !idle.isEmpty() && driver.isDone(idle.element().done());
  }

  private synchronized Piece next() {
    if (!hasUnused() && count < most) {
      try {
        return another();
      } catch (BackendException e) {
        if (!isFull(e)) {
          throw e;
        }
        if (count == 0) {
          throw none(e);
        }
        most = count; // there is no memory for more, so those there are take turns
      }
    }
    boolean interrupted = false;
    while (idle.isEmpty()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return idle.remove();
  }

  /**
   * A new piece.
   *
   * @throws OutOfDeviceMemoryException if the device has no memory for it
   * @throws CudaException out of memory if the host has none that can be page-locked
   */
  private Piece another() {
    Deque<Runnable> undo = new ArrayDeque<>();
    try {
      long device = 0;
      if (memory != null) {
        DeviceMemory lender = memory;
        long address = lender.takeApart(PIECE);
        undo.push(() -> lender.giveApart(address, PIECE));
        device = address;
      }
      long arrived = driver.createEvent();
      undo.push(() -> driver.destroyEvent(arrived));
      long done = driver.createEvent();
      undo.push(() -> driver.destroyEvent(done));
      Piece piece = new Piece(driver.allocatePinned(PIECE), device, arrived, done);
      count++;
      return piece;
    } catch (CudaException e) {
      undo.forEach(Runnable::run);
      throw e;
    }
  }

  /** Why there is not a single piece; a smaller batch would need one just as well. */
  private static BackendException none(BackendException e) {
    return e instanceof OutOfDeviceMemoryException
        ? e
        : new BackendException(
            "cuda: no page-locked host memory for copies to and from the GPU, of which at least %d bytes are needed (%s); leave the executor more memory outside of its heap: a larger spark.executor.memoryOverhead, fewer executors on this host, or a smaller heap."
                .formatted(PIECE, e.getMessage()),
            e);
  }

  private static boolean isFull(BackendException e) {
    return e instanceof OutOfDeviceMemoryException
        || (e instanceof CudaException cuda && cuda.isOutOfMemory());
  }

  /** Gives a piece back, whose event marks the end of its use. */
  synchronized void give(Piece piece) {
    idle.add(piece);
    notifyAll();
  }
}
