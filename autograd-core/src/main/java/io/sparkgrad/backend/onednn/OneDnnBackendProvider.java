// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.BackendProvider;
import io.sparkgrad.backend.DeviceType;
import java.util.Optional;

/** Offers oneDNN where its native library loads. */
public final class OneDnnBackendProvider implements BackendProvider {
  /** Loads the library, on first use. */
  private static final class Library {
    private static final Optional<String> FAILURE = failure(Dnnl::engine);
  }

  /** Why this cannot load the library, in one sentence; empty if it can. */
  static Optional<String> failure(Runnable load) {
    try {
      load.run();
      return Optional.empty();
    } catch (LinkageError | RuntimeException e) {
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      return Optional.of(
          "oneDNN's native library does not load here (%s); %s"
              .formatted(root, NativeDirectory.remedy()));
    }
  }

  @Override
  public String name() {
    return "onednn";
  }

  @Override
  public DeviceType deviceType() {
    return DeviceType.CPU;
  }

  @Override
  public int priority() {
    return 10;
  }

  @Override
  public Optional<String> unavailableReason() {
    return Library.FAILURE;
  }

  @Override
  public Backend open(int ordinal) {
    unavailableReason()
        .ifPresent(
            reason -> {
              throw new BackendException(reason);
            });
    return new OneDnnBackend(OneDnnBackend.Thresholds.DEFAULT);
  }
}
