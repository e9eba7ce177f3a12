// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds backends. The providers are looked up once, the CPU's backend is chosen once, and each
 * backend is opened once per device, on first use; all for the class loader of this class.
 */
public final class Backends {
  /** Names the backend for CPUs, for those who do not want the fastest: {@code java}. */
  public static final String CPU_PROPERTY = "sparkgrad.backend";

  private static final System.Logger LOG = System.getLogger(Backends.class.getName());
  private static final ConcurrentHashMap<String, Backend> OPEN = new ConcurrentHashMap<>();

  /** Tensors ask for it all the time. */
  private static final ConcurrentHashMap<DeviceType, Selection> CHOSEN = new ConcurrentHashMap<>();

  private Backends() {}

  /** Looked up on first use: reading the class path takes milliseconds. */
  private static final class Providers {
    private static final List<BackendProvider> FOUND =
        usable(ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()));
  }

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

  /**
   * The backend for CPUs: the one that the system property {@value #CPU_PROPERTY} names, or else
   * the usable one with the highest priority, which there always is.
   *
   * @throws BackendException if the property names none, or one that is not usable here
   */
  public static Selection cpu() {
    Selection chosen = CHOSEN.get(DeviceType.CPU); // without the lock of computeIfAbsent
    return chosen != null
        ? chosen
        : CHOSEN.computeIfAbsent(
            DeviceType.CPU, type -> cpu(Providers.FOUND, System.getProperty(CPU_PROPERTY)));
  }

  static Selection cpu(List<BackendProvider> providers, @Nullable String name) {
    if (name != null) {
      List<BackendProvider> candidates =
          providers.stream().filter(p -> p.deviceType() == DeviceType.CPU).toList();
      return new Selection(byName(candidates, name), List.of());
    }
    return select(providers, DeviceType.CPU, 0)
        .orElseThrow(
            () -> new BackendException("no CPU backend: autograd-core's own provider is missing"));
  }

  /** The usable backend with the highest priority for the GPU of this ordinal, if there is one. */
  public static Optional<Selection> gpu(int ordinal) {
    return select(Providers.FOUND, DeviceType.GPU, ordinal);
  }

  /**
   * As {@link #gpu(int)}, for the GPU that the scheduler calls by this name.
   *
   * @throws BackendException if there are GPUs, but none of this name
   */
  public static Optional<Selection> gpu(String address) {
    return gpu(Providers.FOUND, address);
  }

  static Optional<Selection> gpu(List<BackendProvider> providers, String address) {
    Optional<BackendProvider> usable = usableGpu(providers);
    return usable.isPresent()
        ? select(providers, DeviceType.GPU, usable.get().ordinal(address))
        : Optional.empty();
  }

  /** How many GPUs the usable backend with the highest priority has. */
  public static int gpuCount() {
    return usableGpu(Providers.FOUND).map(BackendProvider::deviceCount).orElse(0);
  }

  private static Optional<BackendProvider> usableGpu(List<BackendProvider> providers) {
    return providers.stream()
        .filter(p -> p.deviceType() == DeviceType.GPU && p.unavailableReason().isEmpty())
        .max(Comparator.comparingInt(BackendProvider::priority));
  }

  /** Why no GPU backend can be used here, in one sentence. */
  public static String gpuUnavailableReason() {
    return gpuUnavailableReason(Providers.FOUND);
  }

  static String gpuUnavailableReason(List<BackendProvider> providers) {
    List<String> reasons = new ArrayList<>();
    for (BackendProvider p : providers) {
      if (p.deviceType() == DeviceType.GPU) {
        reasons.add(p.name() + ": " + p.unavailableReason().orElse("it can be used"));
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
    return byName(Providers.FOUND, name);
  }

  static Backend byName(List<BackendProvider> providers, String name) {
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

  static Optional<Selection> select(List<BackendProvider> providers, DeviceType type, int ordinal) {
    List<String> skipped = new ArrayList<>();
    List<BackendProvider> byPriority =
        providers.stream()
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

  /** A provider that cannot even be created is left out, with a line in the log. */
  static List<BackendProvider> usable(Iterable<BackendProvider> providers) {
    List<BackendProvider> found = new ArrayList<>();
    Iterator<BackendProvider> all = providers.iterator();
    while (true) {
      try {
        if (!all.hasNext()) {
          return List.copyOf(found);
        }
        found.add(all.next());
      } catch (ServiceConfigurationError e) {
        LOG.log(System.Logger.Level.WARNING, "backend provider not used: " + e.getMessage(), e);
      }
    }
  }
}
