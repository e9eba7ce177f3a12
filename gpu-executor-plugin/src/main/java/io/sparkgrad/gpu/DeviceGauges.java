// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.sparkgrad.gpu.cuda.GpuDevice;
import io.sparkgrad.gpu.cuda.GpuDevice.Snapshot;
import java.util.function.ToLongFunction;

/** The counters of a device as metrics of Spark, named {@code gpu.ADDRESS.NAME}. */
final class DeviceGauges {
  private DeviceGauges() {}

  static void register(MetricRegistry registry, GpuAddress address, GpuDevice device) {
    gauge(registry, address, "memoryHeldBytes", device, Snapshot::heldBytes);
    gauge(registry, address, "memoryUsedBytes", device, Snapshot::usedBytes);
    gauge(registry, address, "memoryPeakBytes", device, Snapshot::peakBytes);
    gauge(registry, address, "poolHits", device, Snapshot::poolHits);
    gauge(registry, address, "poolMisses", device, Snapshot::poolMisses);
    gauge(registry, address, "kernelLaunches", device, Snapshot::launches);
    gauge(registry, address, "graphLaunches", device, Snapshot::graphLaunches);
    gauge(registry, address, "hostToDeviceBytes", device, Snapshot::bytesToDevice);
    gauge(registry, address, "deviceToHostBytes", device, Snapshot::bytesToHost);
  }

  private static void gauge(
      MetricRegistry registry,
      GpuAddress address,
      String name,
      GpuDevice device,
      ToLongFunction<Snapshot> value) {
    Gauge<Long> gauge = () -> value.applyAsLong(device.metrics());
    registry.register("gpu.%s.%s".formatted(address, name), gauge);
  }
}
