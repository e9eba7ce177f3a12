// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import io.sparkgrad.gpu.ptx.DeviceFault;
import io.sparkgrad.gpu.ptx.DeviceMemory;
import io.sparkgrad.gpu.ptx.PtxModule;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** The modules and functions that an {@link EmulatedCudaDriver} has loaded, and how they run. */
final class EmulatedModules {
  private static final int INVALID_PTX = 218;
  private static final int NOT_FOUND = 500;

  private final Handles<PtxModule> modules = new Handles<>("module", 0x7000_0000L);
  private final Handles<EntryPoint> functions = new Handles<>("function", 0x8000_0000L);
  private final Map<EntryPoint, Long> known = new HashMap<>();

  /** One kernel of a module. */
  record EntryPoint(PtxModule module, String name) {}

  long load(String name, String ptx) {
    try {
      return modules.add(ParsedModules.of(ptx));
    } catch (RuntimeException e) {
      throw Refusals.caused(
          new CudaException(
              "cuModuleLoadData of " + name, INVALID_PTX, "CUDA_ERROR_INVALID_PTX", e.getMessage()),
          e);
    }
  }

  long function(long module, String entry) {
    PtxModule of = Refusals.handle(modules, module);
    if (!of.entries().contains(entry)) {
      throw new CudaException(
          "cuModuleGetFunction of " + entry,
          NOT_FOUND,
          "CUDA_ERROR_NOT_FOUND",
          "the module lacks it");
    }
    return known.computeIfAbsent(new EntryPoint(of, entry), functions::add);
  }

  EntryPoint entryPoint(KernelLaunch launch) {
    return Refusals.handle(functions, launch.function());
  }

  /**
   * Runs a kernel to its end.
   *
   * @throws CudaException for what also stops hardware, with the fault as its cause
   * @throws DeviceFault for what only a checker finds
   */
  static void run(
      EntryPoint entry, KernelLaunch launch, ByteBuffer parameters, DeviceMemory memory) {
    String call = "cuLaunchKernel of " + launch.entry();
    try {
      Refusals.refuse(
          call,
          () ->
              entry.module.launch(
                  entry.name,
                  launch.grid(),
                  launch.block(),
                  launch.sharedBytes(),
                  parameters,
                  memory));
    } catch (DeviceFault fault) {
      throw switch (fault.kind()) {
        case MEMCHECK -> fatal(call, 700, "CUDA_ERROR_ILLEGAL_ADDRESS", fault);
        case TRAP -> fatal(call, 719, "CUDA_ERROR_LAUNCH_FAILED", fault);
        default -> fault;
      };
    }
  }

  private static CudaException fatal(String call, int status, String name, DeviceFault fault) {
    return Refusals.caused(new CudaException(call, status, name, fault.getMessage()), fault);
  }
}
