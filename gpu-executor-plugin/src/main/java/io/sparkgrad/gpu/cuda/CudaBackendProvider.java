// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.BackendProvider;
import io.sparkgrad.backend.DeviceType;
import java.util.Optional;

/**
 * Offers {@code cuda}. This version finds GPUs and says so, but has no kernels for them: the
 * backend is never available.
 */
public final class CudaBackendProvider implements BackendProvider {
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
    return 10;
  }

  @Override
  public Optional<String> unavailableReason() {
    return Optional.of(reason(CudaProbe.thisMachine()));
  }

  @Override
  public Backend open(int ordinal) {
    throw new BackendException(reason(CudaProbe.thisMachine()));
  }

  static String reason(CudaProbe probe) {
    return probe
        .unavailableReason()
        .orElse(probe + ": found, but this version of Sparkgrad has no CUDA kernels yet");
  }
}
