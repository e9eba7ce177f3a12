// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.gpu.cuda.driver.LinkFailure;
import io.sparkgrad.gpu.cuda.driver.Remedies;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import jcuda.runtime.cudaError;
import org.jspecify.annotations.Nullable;

/**
 * What CUDA finds on a machine. {@link #thisMachine()} asks once and keeps the answer, because a
 * JCuda class that failed to link cannot be tried again.
 *
 * @param deviceNames by CUDA ordinal; empty if no GPU can be used
 * @param driverVersion the CUDA version of the driver as 1000·major + 10·minor, 0 if no GPU can be
 *     used
 * @param unavailableReason why no GPU can be used, in one sentence; empty if one can
 */
public record CudaProbe(
    List<String> deviceNames, int driverVersion, Optional<String> unavailableReason) {
  private static final System.Logger LOG = System.getLogger(CudaProbe.class.getName());

  /** Turing: what the kernels are compiled for. */
  private static final int OLDEST_CAPABILITY = 75;

  /** Asks when it is first needed, and once. */
  private static final class Verdict {
    static final CudaProbe OF_THIS_MACHINE = ask();
  }

  public CudaProbe {
    deviceNames = List.copyOf(deviceNames);
    if (deviceNames.isEmpty() != unavailableReason.isPresent()) {
      throw new IllegalArgumentException(
          "CUDA probe: expected either devices or a reason, got %s and %s"
              .formatted(deviceNames, unavailableReason));
    }
  }

  /** Links JCuda's native library at the first call; never throws. */
  public static CudaProbe thisMachine() {
    return Verdict.OF_THIS_MACHINE;
  }

  /** For the log: how many GPUs, which, and the driver's CUDA version. */
  @Override
  public String toString() {
    return unavailableReason.orElseGet(
        () ->
            "%d GPU%s (%s), driver for CUDA %s"
                .formatted(
                    deviceNames.size(),
                    deviceNames.size() == 1 ? "" : "s",
                    String.join(", ", deviceNames),
                    version(driverVersion)));
  }

  private static CudaProbe ask() {
    try {
      CudaRuntime.Answer answer = PrivateExtraction.during(CudaRuntime::ask);
      return of(answer, System.getenv("CUDA_VISIBLE_DEVICES"));
    } catch (LinkageError e) {
      LOG.log(System.Logger.Level.DEBUG, "JCuda did not link", e);
      return unusable(linkReason(e));
    } catch (IOException e) {
      return unusable(
          "no private directory for JCuda's native library can be made in java.io.tmpdir=%s (%s)"
              .formatted(System.getProperty("java.io.tmpdir"), e));
    }
  }

  /**
   * The verdict on what the runtime said.
   *
   * @param visibleDevices the environment variable CUDA_VISIBLE_DEVICES, null if it is not set
   */
  static CudaProbe of(CudaRuntime.Answer answer, @Nullable String visibleDevices) {
    int version = answer.driverVersion();
    if (answer.status() == cudaError.cudaErrorInsufficientDriver && version == 0) {
      return unusable(
          "no NVIDIA driver is installed here (libcuda.so.1 was not found): install 525 or newer");
    }
    if (answer.status() == cudaError.cudaErrorInsufficientDriver) {
      return unusable(
          "the NVIDIA driver is too old: expected one for CUDA 12.0 (525) or newer, got one for"
              + " CUDA "
              + version(version));
    }
    if (!answer.failedCall().isEmpty() && answer.status() != cudaError.cudaErrorNoDevice) {
      return unusable(
          "CUDA failed in "
              + answer.failedCall()
              + ": "
              + Remedies.of(answer.status()).orElse("see what nvidia-smi says"));
    }
    if (answer.devices().isEmpty()) {
      return unusable(
          "the NVIDIA driver finds no GPU here"
              + (visibleDevices == null
                  ? ""
                  : " (CUDA_VISIBLE_DEVICES is '" + visibleDevices + "')"));
    }
    if (answer.devices().stream().allMatch(device -> tooOld(device).isPresent())) {
      return unusable(tooOld(answer.devices().get(0)).orElseThrow());
    }
    return new CudaProbe(
        answer.devices().stream().map(CudaRuntime.Device::name).toList(),
        version,
        Optional.empty());
  }

  /** Why a GPU has no kernels here; empty if it has. */
  static Optional<String> tooOld(CudaRuntime.Device device) {
    int capability = device.computeCapability();
    return capability >= OLDEST_CAPABILITY
        ? Optional.empty()
        : Optional.of(
            "%s has compute capability %d.%d, expected 7.5 (Turing) or newer"
                .formatted(device.name(), capability / 10, capability % 10));
  }

  private static CudaProbe unusable(String reason) {
    return new CudaProbe(List.of(), 0, Optional.of(reason));
  }

  private static String linkReason(LinkageError e) {
    return "JCuda's native library for Linux x86_64 does not load on %s %s (%s)"
        .formatted(
            System.getProperty("os.name"), System.getProperty("os.arch"), LinkFailure.cause(e));
  }

  private static String version(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }
}
