// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Finds backends. Each is opened once per class loader and device, on first use. */
public final class Backends {
  private static final ConcurrentHashMap<String, Backend> OPEN = new ConcurrentHashMap<>();

  private Backends() {}

  /**
   * A chosen backend and why the others of its device type were not.
   *
   * @param skipped one sentence for each provider with a higher priority that could not be used
   */
  public record Selection(Backend backend, List<String> skipped) {
    /** For the log: which backend, and why not the others. */
    @Override
    public String toString() {
      return "backend "
          + backend.name()
          + skipped.stream().map(s -> "; " + s).collect(Collectors.joining());
    }
  }

  /** The usable backend with the highest priority for CPUs: there always is one. */
  public static Selection cpu() {
    return select(DeviceType.CPU, 0)
        .orElseThrow(
            () -> new BackendException("no CPU backend: autograd-core's own provider is missing"));
  }

  /** The usable backend with the highest priority for the GPU of this ordinal, if there is one. */
  public static Optional<Selection> gpu(int ordinal) {
    return select(DeviceType.GPU, ordinal);
  }

  /** Why no GPU backend can be used here, in one sentence. */
  public static String gpuUnavailableReason() {
    List<String> reasons = new ArrayList<>();
    for (BackendProvider p : providers()) {
      if (p.deviceType() == DeviceType.GPU) {
        p.unavailableReason().ifPresent(r -> reasons.add(p.name() + ": " + r));
      }
    }
    return reasons.isEmpty()
        ? "no GPU backend is on the class path (add io.sparkgrad:gpu-executor-plugin)"
        : String.join("; ", reasons);
  }

  /**
   * The backend of this name on device 0.
   *
   * @throws BackendException if there is none or it is not usable here
   */
  public static Backend byName(String name) {
    List<BackendProvider> providers = providers();
    BackendProvider provider =
        providers.stream()
            .filter(p -> p.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new BackendException(
                        "backend: expected one of %s, got '%s'"
                            .formatted(
                                providers.stream().map(BackendProvider::name).toList(), name)));
    return open(provider, 0);
  }

  private static Optional<Selection> select(DeviceType type, int ordinal) {
    List<String> skipped = new ArrayList<>();
    List<BackendProvider> byPriority =
        providers().stream()
            .filter(p -> p.deviceType() == type)
            .sorted(Comparator.comparingInt(BackendProvider::priority).reversed())
            .toList();
    for (BackendProvider provider : byPriority) {
      Optional<String> reason = provider.unavailableReason();
      if (reason.isEmpty()) {
        return Optional.of(new Selection(open(provider, ordinal), List.copyOf(skipped)));
      }
      skipped.add(provider.name() + " not used: " + reason.get());
    }
    return Optional.empty();
  }

  private static Backend open(BackendProvider provider, int ordinal) {
    return OPEN.computeIfAbsent(provider.name() + ":" + ordinal, key -> provider.open(ordinal));
  }

  private static List<BackendProvider> providers() {
    List<BackendProvider> found = new ArrayList<>();
    ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).forEach(found::add);
    return found;
  }
}
