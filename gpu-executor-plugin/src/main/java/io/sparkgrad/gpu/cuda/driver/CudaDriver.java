// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The calls of the CUDA driver on one device, as the backend uses them. Device addresses and the
 * handles of streams, events, modules, functions and graphs are numbers that this driver gave out;
 * work is done in the order of its stream, and a call that enqueues work returns before it is done.
 * May be called from any thread. A call that fails throws {@link CudaException}.
 */
public interface CudaDriver extends AutoCloseable {
  DeviceProperties device();

  // Memory

  /** Device memory, aligned to 256 bytes, with undefined contents. */
  long allocate(long bytes);

  /** Waits for the device where the driver does. */
  void free(long address);

  /** Free and total device memory in bytes. */
  MemoryInfo memory();

  /** Page-locked host memory in native byte order, from and to which copies do not wait. */
  ByteBuffer allocatePinned(long bytes);

  void freePinned(ByteBuffer memory);

  /** What {@link #memory} says, in bytes. */
  record MemoryInfo(long free, long total) {}

  // Streams and events

  long createStream();

  void destroyStream(long stream);

  /** Waits until all work of the stream is done. */
  void synchronize(long stream);

  long createEvent();

  void destroyEvent(long event);

  /** Marks what is in the stream so far. */
  void record(long event, long stream);

  /** Lets later work of the stream wait for what the event marks. */
  void waitFor(long event, long stream);

  /** Lets the calling thread wait for what the event marks. */
  void synchronizeEvent(long event);

  boolean isDone(long event);

  // Work

  /**
   * Copies all remaining bytes of a direct buffer, whose position stays; it is read later if it is
   * pinned.
   */
  void copyToDevice(ByteBuffer source, long target, long stream);

  /**
   * Fills all remaining bytes of a direct buffer, whose position stays; it is written later if it
   * is pinned.
   */
  void copyToHost(long source, ByteBuffer target, long stream);

  /** Copies between disjoint regions of the device. */
  void copyOnDevice(long source, long target, long bytes, long stream);

  /** Writes a byte again and again. */
  void fill(long target, byte value, long bytes, long stream);

  /**
   * Loads a module of kernels.
   *
   * @param name for messages
   * @param ptx the text of the module
   */
  long loadModule(String name, String ptx);

  /** The kernel of this name. */
  long function(long module, String entry);

  void launch(KernelLaunch launch, long stream);

  // Graphs

  /** Makes launches one unit that can be repeated; each waits for the one before. */
  long createGraph(List<KernelLaunch> launches);

  /** Gives one launch of a graph other arguments or another grid; the function stays. */
  void updateGraph(long graph, int index, KernelLaunch launch);

  void launchGraph(long graph, long stream);

  void destroyGraph(long graph);

  // Libraries

  /**
   * cuBLAS for the work of one stream, until this driver is closed; empty, with the reason in the
   * log, where it cannot be used.
   */
  default Optional<Cublas> openCublas(long stream) {
    return Optional.empty();
  }

  /** Gives up everything; whatever was allocated is gone. */
  @Override
  void close();
}
