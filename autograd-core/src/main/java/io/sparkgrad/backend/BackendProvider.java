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

  /** How many devices there are, 0 if the backend cannot be used. Never throws. */
  default int deviceCount() {
    return unavailableReason().isEmpty() ? 1 : 0;
  }

  /**
   * The device that a scheduler calls by this name: its number here, or whatever else the backend
   * knows it by.
   *
   * @throws BackendException if there is none
   */
  default int ordinal(String address) {
    if (address.matches("[0-9]{1,9}") && Integer.parseInt(address) < deviceCount()) {
      return Integer.parseInt(address);
    }
    throw new BackendException(
        "%s: expected the address of one of %d devices, counted from 0, got '%s'; correct what the scheduler finds on this machine (its discovery script or plugin)"
            .formatted(name(), deviceCount(), address));
  }

  /**
   * Opens the backend on one device.
   *
   * @param ordinal which device of this kind, from 0
   * @throws BackendException if it is not usable here; the message is {@link #unavailableReason()}
   */
  Backend open(int ordinal);
}
