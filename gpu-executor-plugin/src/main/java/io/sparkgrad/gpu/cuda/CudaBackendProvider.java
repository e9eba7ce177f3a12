// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.BackendProvider;
import io.sparkgrad.backend.DeviceType;
import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.JCudaDriver;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Offers {@code cuda}: NVIDIA GPUs from Turing on. */
public final class CudaBackendProvider implements BackendProvider {
  private static final long MIB = 1 << 20;

  /** Of the process, since backends are opened wherever a tensor first needs one. */
  private static volatile DeviceSettings settings = DeviceSettings.DEFAULT;

  /** How this process uses the devices that it opens from now on. */
  public static void configure(DeviceSettings settings) {
    CudaBackendProvider.settings = settings;
  }

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
    return CudaProbe.thisMachine().unavailableReason();
  }

  @Override
  public int deviceCount() {
    return CudaProbe.thisMachine().deviceNames().size();
  }

  /**
   * Also takes the UUID of a GPU, or as much of its beginning as no other GPU here has. Numbers
   * count as nvidia-smi does, by PCI bus, where the environment does not say how CUDA is to count.
   */
  @Override
  public int ordinal(String address) {
    if (address.startsWith("GPU-") && unavailableReason().isEmpty()) {
      return ordinal(address, CudaRuntime.ask().devices());
    }
    int number = BackendProvider.super.ordinal(address);
    return deviceCount() == 1
        ? number
        : ordinal(number, CudaRuntime.ask().devices(), System.getenv().keySet());
  }

  /** CUDA itself counts the fastest first, which is another order where the cards differ. */
  static int ordinal(int number, List<CudaRuntime.Device> devices, Set<String> environment) {
    if (environment.contains("CUDA_DEVICE_ORDER") || environment.contains("CUDA_VISIBLE_DEVICES")) {
      return number;
    }
    List<String> places = devices.stream().map(CudaRuntime.Device::pciBusId).toList();
    return places.indexOf(places.stream().sorted().toList().get(number));
  }

  static int ordinal(String uuid, List<CudaRuntime.Device> devices) {
    List<String> uuids = devices.stream().map(CudaRuntime.Device::uuid).toList();
    String wanted = uuid.substring(0, 4) + uuid.substring(4).toLowerCase(Locale.ROOT);
    List<String> matching = uuids.stream().filter(u -> u.startsWith(wanted)).toList();
    if (matching.size() != 1) {
      throw new BackendException(
          "cuda: expected the UUID of one of the GPUs here, %s, got '%s'; correct what the scheduler finds on this machine (its discovery script or plugin)"
              .formatted(uuids, uuid));
    }
    return uuids.indexOf(matching.get(0));
  }

  @Override
  public Backend open(int ordinal) {
    unavailableReason()
        .ifPresent(
            reason -> {
              throw new BackendException(reason);
            });
    if (ordinal < 0 || ordinal >= deviceCount()) {
      throw new BackendException(
          "cuda: expected a device from 0 to %d, got %d".formatted(deviceCount() - 1, ordinal));
    }
    CudaProbe.tooOld(CudaRuntime.ask().devices().get(ordinal))
        .ifPresent(
            reason -> {
              throw new BackendException(reason);
            });
    String name = deviceCount() == 1 ? name() : name() + ":" + ordinal;
    try {
      return open(name, PrivateExtraction.during(() -> JCudaDriver.open(ordinal)), settings);
    } catch (LinkageError e) {
      throw new BackendException("cuda: JCuda does not link to the NVIDIA driver here", e);
    } catch (IOException e) {
      throw new BackendException(
          "cuda: no private directory for JCuda's native library can be made in java.io.tmpdir", e);
    }
  }

  /**
   * Takes over a driver.
   *
   * @throws BackendException if too little of the device's memory is free
   */
  static CudaBackend open(String name, CudaDriver driver, DeviceSettings settings) {
    Optional<String> problem = tooLittle(driver, settings);
    if (problem.isPresent()) {
      driver.close();
      throw new BackendException(problem.get());
    }
    return new CudaBackend(name, driver, settings);
  }

  private static Optional<String> tooLittle(CudaDriver driver, DeviceSettings settings) {
    CudaDriver.MemoryInfo memory = driver.memory();
    String device = driver.device().name();
    if (settings.memoryLimit(memory.total()) <= 0) {
      return Optional.of(
          "cuda: spark.sparkgrad.gpu.memory.reserve is %d MiB, expected less than the %d MiB that %s has"
              .formatted(settings.memoryReserve() / MIB, memory.total() / MIB, device));
    }
    if (memory.free() < settings.memoryMinFree()) {
      return Optional.of(
          "cuda: expected at least %d MiB of free memory on %s, got %d of %d MiB; see who holds the others with nvidia-smi, or lower spark.sparkgrad.gpu.memory.minFree"
              .formatted(
                  settings.memoryMinFree() / MIB,
                  device,
                  memory.free() / MIB,
                  memory.total() / MIB));
    }
    return Optional.empty();
  }
}
