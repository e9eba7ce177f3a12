// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDeviceGetUuid;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuInit;

import java.nio.charset.StandardCharsets;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUuuid;
import org.jspecify.annotations.Nullable;

/**
 * A device's own context, which libraries on the CUDA runtime such as cuBLAS share. It has to be
 * current in each thread that calls the driver.
 */
final class PrimaryContext {
  /** Nobody else of this process may set another, or has to set it back. */
  private static final ThreadLocal<@Nullable PrimaryContext> CURRENT = new ThreadLocal<>();

  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();
  private final DeviceProperties properties;

  /**
   * Retains it.
   *
   * @param ordinal as CUDA counts
   */
  PrimaryContext(int ordinal) {
    CudaStatus.check(cuInit(0), "cuInit");
    CudaStatus.check(cuDeviceGet(device, ordinal), "cuDeviceGet of device " + ordinal);
    CudaStatus.check(
        cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain of device " + ordinal);
    properties =
        new DeviceProperties(
            name(),
            10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
            attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
            attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
            uuid(),
            driverVersion());
  }

  DeviceProperties properties() {
    return properties;
  }

  /** Makes it current in the calling thread. */
  void enter() {
    if (CURRENT.get() != this) {
      CudaStatus.check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
      CURRENT.set(this);
    }
  }

  void release() {
    CURRENT.remove();
    CudaStatus.check(cuDevicePrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease");
  }

  private int attribute(int which) {
    int[] value = {0};
    CudaStatus.check(cuDeviceGetAttribute(value, which, device), "cuDeviceGetAttribute");
    return value[0];
  }

  private String uuid() {
    CUuuid uuid = new CUuuid();
    CudaStatus.check(cuDeviceGetUuid(uuid, device), "cuDeviceGetUuid");
    return DeviceProperties.uuid(uuid.bytes);
  }

  private static int driverVersion() {
    int[] version = {0};
    CudaStatus.check(cuDriverGetVersion(version), "cuDriverGetVersion");
    return version[0];
  }

  private String name() {
    byte[] name = new byte[256];
    CudaStatus.check(cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
    int end = 0;
    while (name[end] != 0) {
      end++;
    }
    return new String(name, 0, end, StandardCharsets.UTF_8);
  }
}
