// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A module of PTX. All its entry points are decoded at once, so that what the emulator lacks shows
 * when it is parsed. Any number of threads may share one.
 */
public final class PtxModule {
  /** Threads of a block, and shared memory of a block in bytes, that no device goes beyond. */
  private static final int MAX_THREADS = 1024;

  private static final int MAX_SHARED = 227 * 1024;

  private final Map<String, Kernel> kernels = new LinkedHashMap<>();
  private final Map<String, Variable> variables;

  private PtxModule(String text) {
    PtxParser parser = new PtxParser(text);
    variables = parser.variables();
    List<String> source = text.lines().toList();
    for (Function function : parser.functions().values()) {
      if (function.entry()) {
        kernels.put(
            function.name(),
            KernelCompiler.compile(function, parser.functions(), variables, source));
      }
    }
  }

  /**
   * Reads a module.
   *
   * @throws PtxSyntaxException naming the line of what cannot be read
   */
  public static PtxModule parse(String text) {
    return new PtxModule(text);
  }

  /** The names of the entry points, in the order of the text. */
  public Set<String> entries() {
    return Set.copyOf(kernels.keySet());
  }

  /** The size of an entry point's packed parameters in bytes. */
  public int parameterBytes(String entry) {
    return kernel(entry).parameterBytes();
  }

  /** Where a variable of the module lies in {@code memory}. */
  public long address(String variable, DeviceMemory memory) {
    Long address = addresses(memory).get(variable);
    if (address == null) {
      throw new IllegalArgumentException("the module has no variable " + variable);
    }
    return address;
  }

  /**
   * Runs a kernel to its end.
   *
   * @param sharedBytes dynamic shared memory
   * @param parameters what is left of it are the parameters, each at its natural alignment
   * @throws DeviceFault if the kernel does what it may not
   */
  public void launch(
      String entry,
      Dim3 grid,
      Dim3 block,
      int sharedBytes,
      ByteBuffer parameters,
      DeviceMemory memory) {
    Kernel kernel = kernel(entry);
    check(kernel, grid, block, sharedBytes, parameters.remaining());
    byte[] packed = new byte[parameters.remaining()];
    parameters.duplicate().get(packed);
    Map<String, Long> addresses = addresses(memory);
    Launch launch =
        new Launch(
            grid,
            block,
            sharedBytes,
            packed,
            memory,
            variable -> addresses.get(variable.name()),
            kernel.staticSharedBytes());
    Block runner = new Block(kernel, launch);
    for (long i = 0; i < Grid.count(grid); i++) {
      runner.run(Grid.place(grid, i));
    }
  }

  private Kernel kernel(String entry) {
    Kernel kernel = kernels.get(entry);
    if (kernel == null) {
      throw new IllegalArgumentException(
          "the module has no entry point " + entry + ", but " + kernels.keySet());
    }
    return kernel;
  }

  private static void check(Kernel kernel, Dim3 grid, Dim3 block, int sharedBytes, int bytes) {
    int maxThreads = kernel.maxThreads() > 0 ? kernel.maxThreads() : MAX_THREADS;
    boolean gridFits =
        fits(grid.x(), Integer.MAX_VALUE) && fits(grid.y(), 65535) && fits(grid.z(), 65535);
    boolean blockFits = fits(block.x(), 1024) && fits(block.y(), 1024) && fits(block.z(), 64);
    require(kernel, gridFits, "a grid of up to 2^31 - 1, 65535, 65535 blocks", grid);
    require(
        kernel,
        blockFits && Grid.count(block) <= maxThreads,
        "a block of up to " + maxThreads + " threads",
        block);
    int shared = kernel.staticSharedBytes() + sharedBytes;
    require(
        kernel,
        sharedBytes >= 0 && shared <= MAX_SHARED,
        "up to " + MAX_SHARED + " bytes of shared memory",
        shared);
    require(
        kernel,
        bytes == kernel.parameterBytes(),
        kernel.parameterBytes() + " bytes of parameters",
        bytes);
  }

  private static boolean fits(int extent, int max) {
    return extent >= 1 && extent <= max;
  }

  private static void require(Kernel kernel, boolean holds, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException(
          "%s: expected %s, got %s".formatted(kernel.name(), expected, got));
    }
  }

  /** The addresses of the module's variables, which a memory gets with the first launch in it. */
  private Map<String, Long> addresses(DeviceMemory memory) {
    return memory.addresses(this, this::load);
  }

  private Map<String, Long> load(DeviceMemory memory) {
    Map<String, Long> addresses = new HashMap<>();
    variables.forEach(
        (name, variable) -> {
          boolean placed =
              variable.space() == Variable.Space.GLOBAL || variable.space() == Variable.Space.CONST;
          if (placed) {
            addresses.put(name, memory.allocateForModule(Math.max(1, variable.bytes())));
          }
        });
    addresses.forEach((name, address) -> memory.write(address, initial(name, addresses)));
    return addresses;
  }

  private ByteBuffer initial(String name, Map<String, Long> addresses) {
    Variable variable = variables.get(name);
    byte[] bytes = new byte[variable.bytes()];
    System.arraycopy(variable.initial(), 0, bytes, 0, variable.initial().length);
    variable.references().forEach((at, other) -> Bytes.put(bytes, at, (long) addresses.get(other)));
    return ByteBuffer.wrap(bytes);
  }
}
