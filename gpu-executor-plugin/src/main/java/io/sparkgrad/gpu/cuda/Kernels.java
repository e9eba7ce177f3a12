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
  private final long stream;
  private final ConcurrentHashMap<String, Long> modules = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Long> functions = new ConcurrentHashMap<>();

  Kernels(CudaDriver driver, long stream) {
    this.driver = driver;
    this.stream = stream;
  }

  CudaDriver driver() {
    return driver;
  }

  long stream() {
    return stream;
  }

  /** One-dimensional, with a thread for each of {@code threads}, at least one block. */
  void launch(String file, String entry, long threads, Arguments arguments) {
    long blocks = Math.max(1, (threads + BLOCK - 1) / BLOCK);
    launch(file, entry, Dim3.of(Math.toIntExact(blocks)), Dim3.of(BLOCK), 0, arguments);
  }

  /**
   * @param file without the folder and the ending: {@code elementwise.sm75}
   * @param entry the kernel's name
   */
  void launch(
      String file, String entry, Dim3 grid, Dim3 block, int sharedBytes, Arguments arguments) {
    driver.launch(
        new KernelLaunch(function(file, entry), entry, grid, block, sharedBytes, arguments),
        stream);
  }

  private long function(String file, String entry) {
    return functions.computeIfAbsent(
        entry, name -> driver.function(modules.computeIfAbsent(file, this::load), name));
  }

  private long load(String file) {
    String resource = "kernels/" + file + ".ptx";
    try (InputStream in = Kernels.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("missing in the jar: " + resource);
      }
      return driver.loadModule(file, new String(in.readAllBytes(), StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }
}
