// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

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
  record Answer(int status, String failedCall, int driverVersion, List<String> deviceNames) {}

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
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count[0]; i++) {
      var properties = new cudaDeviceProp();
      status = JCuda.cudaGetDeviceProperties(properties, i);
      if (status != cudaError.cudaSuccess) {
        return failure(status, "cudaGetDeviceProperties of device " + i, version[0]);
      }
      names.add(name(properties));
    }
    return new Answer(cudaError.cudaSuccess, "", version[0], List.copyOf(names));
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
