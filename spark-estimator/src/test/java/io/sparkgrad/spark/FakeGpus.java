// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendProvider;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.DeviceType;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * GPUs that are none: devices of their own, which take nothing from the CPU and compute as it does.
 * There are as many as a test says, and none for all other tests.
 */
public final class FakeGpus implements BackendProvider {
  private static final List<LateGpu> DEVICES = new CopyOnWriteArrayList<>();
  private static volatile int count;

  /** Plugs GPUs into this process until it is closed. */
  public static AutoCloseable plugIn(int number) {
    count = number;
    return () -> count = 0;
  }

  /** How often a kernel ran on a device. */
  static int calls(int ordinal, String kernel) {
    return device(ordinal).calls(kernel);
  }

  private static synchronized LateGpu device(int ordinal) {
    while (DEVICES.size() <= ordinal) {
      DEVICES.add(new LateGpu(Backends.cpu().backend(), DeviceType.GPU, method -> {}));
    }
    return DEVICES.get(ordinal);
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public DeviceType deviceType() {
    return DeviceType.GPU;
  }

  @Override
  public int priority() {
    return 1;
  }

  @Override
  public Optional<String> unavailableReason() {
    return count > 0 ? Optional.empty() : Optional.of("none is plugged in");
  }

  @Override
  public int deviceCount() {
    return count;
  }

  @Override
  public Backend open(int ordinal) {
    return device(ordinal).backend();
  }
}
