// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import java.util.Optional;

/**
 * Offers one backend; found by {@link java.util.ServiceLoader}. Creating a provider and asking its
 * name must touch no native code.
 */
public interface BackendProvider {
  /** What users write, for example {@code java} or {@code cuda}. */
  String name();

  DeviceType deviceType();

  /** Among usable backends of one device type the highest is the default; {@code java} has 0. */
  int priority();

  /** Why this backend cannot be used here, in one sentence; empty if it can. Never throws. */
  Optional<String> unavailableReason();

  /**
   * Opens the backend on one device.
   *
   * @param ordinal which device of this kind, from 0
   * @throws BackendException if it is not usable here; the message is {@link #unavailableReason()}
   */
  Backend open(int ordinal);
}
