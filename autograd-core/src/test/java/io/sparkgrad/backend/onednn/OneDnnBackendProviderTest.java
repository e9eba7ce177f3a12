// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.backend.Backends;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OneDnnBackendProviderTest {
  @Test
  void isTheDefaultWhereItLoads() {
    assertEquals(Optional.empty(), new OneDnnBackendProvider().unavailableReason());
    assertEquals("backend onednn", Backends.cpu().toString());
  }

  @Test
  void oneSentenceSaysWhyItDoesNotLoad() {
    Optional<String> reason =
        OneDnnBackendProvider.failure(
            () -> {
              throw new ExceptionInInitializerError(
                  new UnsatisfiedLinkError("no jnidnnl in java.library.path"));
            });
    assertEquals(
        Optional.of(
            "oneDNN's native library does not load here (java.lang.UnsatisfiedLinkError: no jnidnnl in java.library.path); "
                + NativeDirectory.remedy()),
        reason);
  }
}
