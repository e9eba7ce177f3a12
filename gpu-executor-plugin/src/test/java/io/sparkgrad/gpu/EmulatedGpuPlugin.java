// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendProvider;
import io.sparkgrad.backend.DeviceType;
import io.sparkgrad.gpu.cuda.EmulatedGpu;
import java.util.Optional;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;

/** The plugin with an emulated GPU in each process, whatever its address there. */
public final class EmulatedGpuPlugin implements SparkPlugin {
  /** Made when the plugin, or a task, first asks for it. */
  static final class Device {
    static final Backend OF_THIS_PROCESS = EmulatedGpu.open();

    private Device() {}
  }

  @Override
  public DriverPlugin driverPlugin() {
    return new GpuDriverComponent();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new GpuExecutorComponent(
        new FixedProvider(Optional.empty()),
        settings -> {},
        address -> Optional.of(Device.OF_THIS_PROCESS),
        ExecutorExit::after);
  }

  /** A provider of CUDA that opens nothing. */
  record FixedProvider(Optional<String> unavailableReason) implements BackendProvider {
    @Override
    public String name() {
      return "cuda";
    }

    @Override
    public DeviceType deviceType() {
      return DeviceType.GPU;
    }

    @Override
    public int priority() {
      return 0;
    }

    @Override
    public Backend open(int ordinal) {
      throw new UnsupportedOperationException();
    }
  }
}
