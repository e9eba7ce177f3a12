// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.gpu.cuda.driver.DeviceProperties;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jcuda.runtime.JCuda;
import jcuda.runtime.cudaDeviceProp;
import jcuda.runtime.cudaError;

/**
 * The calls of the CUDA runtime. JCuda carries a static copy of it, so these answer without an
 * NVIDIA driver too. The first call links the native library and throws {@link LinkageError} where
 * that fails: call through {@link CudaProbe}.
 */
final class CudaRuntime {
  private CudaRuntime() {}

  /**
   * What the runtime says of this machine; creates no CUDA context.
   *
   * @param failedCall the call that failed and its status, empty if all went well
   * @param driverVersion the CUDA version of the driver as 1000·major + 10·minor, 0 if there is
   *     none
   */
  record Answer(int status, String failedCall, int driverVersion, List<Device> devices) {}

  /**
   * One GPU.
   *
   * @param computeCapability 10·major + minor: 75 for 7.5
   * @param uuid as {@link DeviceProperties#uuid(byte[])} writes it
   * @param pciBusId as nvidia-smi writes it, but for the function: {@code 00000000:3b:00}; their
   *     order is that in which nvidia-smi counts
   */
  record Device(String name, int computeCapability, String uuid, String pciBusId) {}

  static Answer ask() {
    int[] version = new int[1];
    int[] count = new int[1];
    int status = JCuda.cudaDriverGetVersion(version);
    if (status != cudaError.cudaSuccess) {
      return failure(status, "cudaDriverGetVersion", 0);
    }
    status = JCuda.cudaGetDeviceCount(count);
    if (status != cudaError.cudaSuccess) {
      return failure(status, "cudaGetDeviceCount", version[0]);
    }
    List<Device> devices = new ArrayList<>();
    for (int i = 0; i < count[0]; i++) {
      var properties = new cudaDeviceProp();
      status = JCuda.cudaGetDeviceProperties(properties, i);
      if (status != cudaError.cudaSuccess) {
        return failure(status, "cudaGetDeviceProperties of device " + i, version[0]);
      }
      devices.add(
          new Device(
              name(properties),
              10 * properties.major + properties.minor,
              DeviceProperties.uuid(properties.uuid.bytes),
              "%08x:%02x:%02x"
                  .formatted(properties.pciDomainID, properties.pciBusID, properties.pciDeviceID)));
    }
    return new Answer(cudaError.cudaSuccess, "", version[0], List.copyOf(devices));
  }

  private static Answer failure(int status, String call, int driverVersion) {
    String failedCall = "%s: %s (%d)".formatted(call, cudaError.stringFor(status), status);
    return new Answer(status, failedCall, driverVersion, List.of());
  }

  /** JCuda's own {@code getName()} keeps letters and digits alone. */
  private static String name(cudaDeviceProp properties) {
    int end = 0;
    while (end < properties.name.length && properties.name[end] != 0) {
      end++;
    }
    return new String(properties.name, 0, end, StandardCharsets.UTF_8);
  }
}
