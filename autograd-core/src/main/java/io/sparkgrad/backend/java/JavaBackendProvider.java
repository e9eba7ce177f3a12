// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendProvider;
import io.sparkgrad.backend.DeviceType;
import java.util.Optional;

/** Offers the reference backend, which is always usable. */
public final class JavaBackendProvider implements BackendProvider {
  @Override
  public String name() {
    return "java";
  }

  @Override
  public DeviceType deviceType() {
    return DeviceType.CPU;
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Optional<String> unavailableReason() {
    return Optional.empty();
  }

  @Override
  public Backend open(int ordinal) {
    return new JavaBackend();
  }
}
