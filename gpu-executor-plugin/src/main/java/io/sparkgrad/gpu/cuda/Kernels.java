// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.gpu.cuda.driver.Arguments;
import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Starts kernels by name. Each family of kernels is a PTX file of its own, which the driver
 * translates when the first of them is needed: {@code kernels/FAMILY.sm75.ptx} for every GPU,
 * {@code kernels/FAMILY.sm80.ptx} for those with tensor cores for TF32 and bf16.
 */
final class Kernels {
  /** Threads of a block where a kernel does not care. */
  static final int BLOCK = 256;

  private final CudaDriver driver;
  private final LaunchQueue queue;
  private final DeviceMemory memory;
  private final ConcurrentHashMap<String, Module> modules = new ConcurrentHashMap<>();

  private record Module(long handle, ConcurrentHashMap<String, Long> functions) {}

  Kernels(CudaDriver driver, LaunchQueue queue, DeviceMemory memory) {
    this.driver = driver;
    this.queue = queue;
    this.memory = memory;
  }

  CudaDriver driver() {
    return driver;
  }

  /**
   * The stream that all kernels are in; call {@link #flush} before putting something else there.
   */
  long stream() {
    return queue.stream();
  }

  /** Puts all kernels that were launched into the stream. */
  void flush() {
    queue.flush();
  }

  /** One-dimensional, with a thread for each of {@code threads}, at least one block. */
  void launch(String file, String entry, long threads, Arguments arguments) {
    long blocks = Math.max(1, (threads + BLOCK - 1) / BLOCK);
    launch(file, entry, Dim3.of(Math.toIntExact(blocks)), Dim3.of(BLOCK), 0, arguments);
  }

  /**
   * Launches a kernel, behind all that were launched before.
   *
   * @param file without the folder and the ending: {@code elementwise.sm75}
   * @param entry the kernel's name
   * @param arguments not changed afterwards
   */
  void launch(
      String file, String entry, Dim3 grid, Dim3 block, int sharedBytes, Arguments arguments) {
    queue.launch(
        new KernelLaunch(function(file, entry), entry, grid, block, sharedBytes, arguments));
  }

  private long function(String file, String entry) {
    Module module = modules.get(file); // without the lock of computeIfAbsent
    if (module == null) {
      module = modules.computeIfAbsent(file, this::load);
    }
    Long function = module.functions.get(entry);
    if (function == null) {
      long handle = module.handle;
      function = // its code goes to the device now, where the driver loads modules lazily
          module.functions.computeIfAbsent(
              entry, name -> memory.makingRoom(() -> driver.function(handle, name)));
    }
    return function;
  }

  private Module load(String file) {
    String resource = "kernels/" + file + ".ptx";
    try (InputStream in = Kernels.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("missing in the jar: " + resource);
      }
      String ptx = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      long handle = memory.makingRoom(() -> driver.loadModule(file, ptx));
      return new Module(handle, new ConcurrentHashMap<>());
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }
}
