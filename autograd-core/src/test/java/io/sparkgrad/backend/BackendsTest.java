// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BackendsTest {
  private static final AtomicInteger OPENED = new AtomicInteger();

  private record Provider(String name, DeviceType deviceType, int priority, String reason)
      implements BackendProvider {
    @Override
    public Optional<String> unavailableReason() {
      return Optional.ofNullable(reason);
    }

    @Override
    public Backend open(int ordinal) {
      if (reason != null) {
        throw new BackendException(reason);
      }
      OPENED.incrementAndGet();
      return new CountingBackend(Backends.byName("java")).backend();
    }
  }

  private static Provider provider(String name, DeviceType type, int priority, String reason) {
    return new Provider("test-" + name, type, priority, reason);
  }

  private static final Provider SLOW = provider("slow", DeviceType.CPU, 0, null);
  private static final Provider FAST = provider("fast", DeviceType.CPU, 10, null);
  private static final Provider BROKEN = provider("broken", DeviceType.CPU, 20, "no library");
  private static final Provider GPU = provider("gpu", DeviceType.GPU, 10, "no driver");

  @Test
  void theHighestUsablePriorityWinsAndTheOthersSayWhyNot() {
    Backends.Selection s = Backends.cpu(List.of(SLOW, BROKEN, GPU, FAST), null);
    assertSame(Backends.byName(List.of(FAST), "test-fast"), s.backend());
    assertEquals(List.of("test-broken not used: no library"), s.skipped());
    assertEquals("backend java; test-broken not used: no library", s.toString());
  }

  @Test
  void aPropertyNamesTheCpuBackend() {
    List<BackendProvider> providers = List.of(SLOW, BROKEN, GPU, FAST);
    Backends.Selection s = Backends.cpu(providers, "test-slow");
    assertSame(Backends.byName(List.of(SLOW), "test-slow"), s.backend());
    assertEquals(
        "backend: expected one of [test-slow, test-broken, test-fast], got 'test-gpu'",
        assertThrows(BackendException.class, () -> Backends.cpu(providers, "test-gpu"))
            .getMessage());
    assertThrows(BackendException.class, () -> Backends.cpu(providers, "test-broken"));
  }

  @Test
  void eachBackendIsOpenedOnce() {
    Provider once = provider("once", DeviceType.CPU, 0, null);
    Backend first = Backends.byName(List.of(once), once.name());
    int opened = OPENED.get();
    assertSame(first, Backends.byName(List.of(once), once.name()));
    assertEquals(opened, OPENED.get());
  }

  @Test
  void withoutAUsableGpu() {
    assertTrue(Backends.select(List.of(SLOW, GPU), DeviceType.GPU, 0).isEmpty());
    assertEquals("test-gpu: no driver", Backends.gpuUnavailableReason(List.of(SLOW, GPU)));
    assertEquals(
        "no GPU backend is on the class path (add io.sparkgrad:gpu-executor-plugin)",
        Backends.gpuUnavailableReason(List.of(SLOW)));
    assertEquals(
        "test-ready: it can be used",
        Backends.gpuUnavailableReason(List.of(provider("ready", DeviceType.GPU, 0, null))));
  }

  @Test
  void gpusByTheSchedulersAddress() {
    List<BackendProvider> providers = List.of(SLOW, provider("one", DeviceType.GPU, 0, null));
    assertSame(
        Backends.select(providers, DeviceType.GPU, 0).orElseThrow().backend(),
        Backends.gpu(providers, "0").orElseThrow().backend());
    assertTrue(Backends.gpu(List.of(SLOW, GPU), "0").isEmpty());
    for (String address : List.of("1", "-1", "GPU-1", "99999999999", "")) {
      assertEquals(
          "test-one: expected the address of one of 1 devices, counted from 0, got '%s'; correct what the scheduler finds on this machine (its discovery script or plugin)"
              .formatted(address),
          assertThrows(BackendException.class, () -> Backends.gpu(providers, address))
              .getMessage());
    }
  }

  @Test
  void namesThatAreUnknownOrUnusable() {
    assertEquals(
        "backend: expected one of [test-slow, test-broken], got 'cuda'",
        assertThrows(BackendException.class, () -> Backends.byName(List.of(SLOW, BROKEN), "cuda"))
            .getMessage());
    assertEquals(
        "no library",
        assertThrows(BackendException.class, () -> Backends.byName(List.of(BROKEN), "test-broken"))
            .getMessage());
    assertEquals(
        "no CPU backend: autograd-core's own provider is missing",
        assertThrows(BackendException.class, () -> Backends.cpu(List.of(BROKEN), null))
            .getMessage());
  }

  @Test
  void aProviderThatCannotBeCreatedIsLeftOut() {
    Iterator<BackendProvider> twoErrors =
        new Iterator<>() {
          private int position;

          @Override
          public boolean hasNext() {
            if (position++ == 0) {
              throw new ServiceConfigurationError("class not found");
            }
            return position < 4;
          }

          @Override
          public BackendProvider next() {
            if (position == 2) {
              throw new ServiceConfigurationError("constructor failed");
            }
            return SLOW;
          }
        };
    assertEquals(List.of(SLOW), Backends.usable(() -> twoErrors));
  }

  @Test
  void theJavaBackendIsAlwaysThere() {
    assertEquals("java", Backends.byName("java").name());
    assertEquals(DeviceType.CPU, Backends.cpu().backend().deviceType());
    assertSame(Backends.cpu(), Backends.cpu());
  }
}
