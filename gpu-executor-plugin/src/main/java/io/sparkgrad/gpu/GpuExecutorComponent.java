// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.BackendProvider;
import io.sparkgrad.gpu.cuda.DeviceSettings;
import io.sparkgrad.gpu.cuda.GpuDevice;
import io.sparkgrad.gpu.cuda.driver.CudaException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugin on one executor (in local mode, inside the driver): opens the GPUs that Spark
 * assigned, registers their metrics, tells the driver of them, and says in one line of the log
 * which they are and whether the backend is usable. {@link GpuSettings#REQUIRED} says whether an
 * executor without it refuses to start. On a fatal CUDA error the executor ends, with {@link
 * ExecutorExit#CODE}.
 */
final class GpuExecutorComponent implements ExecutorPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(GpuExecutorComponent.class);

  /** Spark's id of the executor that is the driver. */
  private static final String DRIVER = "driver";

  private final BackendProvider provider;
  private final Consumer<DeviceSettings> settings;
  private final Function<String, Optional<Backend>> devices;
  private final Consumer<Runnable> exit;
  private final List<Backend> open = new ArrayList<>();
  private @Nullable PluginContext context;
  private @Nullable LeakLog leaks;

  /**
   * For one executor.
   *
   * @param settings takes them for the devices that this process opens from then on
   * @param devices opens the device of an address, once; throws BackendException if there is none
   * @param exit ends this process after a last action
   */
  GpuExecutorComponent(
      BackendProvider provider,
      Consumer<DeviceSettings> settings,
      Function<String, Optional<Backend>> devices,
      Consumer<Runnable> exit) {
    this.provider = provider;
    this.settings = settings;
    this.devices = devices;
    this.exit = exit;
  }

  /**
   * Throws rather than exits: Spark passes the message on to the driver's log.
   *
   * @throws IllegalStateException if this executor must have a usable GPU and has not
   */
  @Override
  public void init(PluginContext context, Map<String, String> fromDriver) {
    this.context = context;
    DeviceSettings device = GpuSettings.device(context.conf());
    settings.accept(device);
    leaks = device.debugLeaks() ? new LeakLog(context.executorID()) : null;
    String have =
        "executor %s: Spark assigned %s".formatted(context.executorID(), addresses(context));
    Optional<String> problem = problem(context);
    if (problem.isEmpty()) {
      LOG.info("{}{}, backend {} is usable", have, shared(context), provider.name());
      return;
    }
    String sentence = "%s, backend %s is not usable".formatted(have, provider.name());
    boolean assigned = context.resources().containsKey(GpuAddress.RESOURCE);
    if (GpuSettings.REQUIRED.in(context.conf()).refuses(assigned)) {
      throw new IllegalStateException(
          "%s: %s; set %s=false to compute on the CPU instead"
              .formatted(sentence, problem.get(), GpuSettings.REQUIRED.key()));
    }
    LOG.warn("{}, so it computes on the CPU: {}", sentence, problem.get());
  }

  @Override
  public void onTaskSucceeded() {
    logLeaks();
  }

  private void logLeaks() {
    if (leaks != null) {
      leaks.afterTask().forEach(LOG::warn);
    }
  }

  /** Spark swallows what this throws. */
  @Override
  public void onTaskFailed(TaskFailedReason reason) {
    FatalErrors.behind(reason).or(() -> FatalErrors.of(open)).ifPresent(this::end);
    logLeaks();
  }

  @Override
  public void shutdown() {
    if (leaks != null) {
      leaks.atEnd().forEach(LOG::warn);
    }
  }

  private synchronized void end(CudaException e) {
    PluginContext executor = context;
    if (executor == null || executor.executorID().equals(DRIVER)) {
      LOG.error(
          "the GPU is of no use to this process any more ({}); restart the application",
          e.getMessage());
      return;
    }
    String sentence =
        "executor %s on %s ends with code %d, for Spark to start another: %s"
            .formatted(executor.executorID(), host(executor), ExecutorExit.CODE, e.getMessage());
    LOG.error(sentence);
    exit.accept(() -> tellDriver(executor, sentence));
  }

  /** An executor listens nowhere, and so Spark's own {@code hostname()} throws there. */
  private static String host(PluginContext executor) {
    SparkEnv env = SparkEnv.get();
    return env == null || executor.executorID().equals(DRIVER)
        ? executor.hostname()
        : env.blockManager().blockManagerId().host();
  }

  /** Waits for the answer, or the process might end before the message has left it. */
  private static void tellDriver(PluginContext executor, Serializable message) {
    try {
      executor.ask(message);
    } catch (Exception e) {
      LOG.warn("the driver was not told: {}", message, e);
    }
  }

  /** As Spark wrote them, right or wrong. */
  private static String addresses(PluginContext context) {
    ResourceInformation gpus = context.resources().get(GpuAddress.RESOURCE);
    return gpus == null
        ? "no GPU"
        : "GPU " + List.of(gpus.addresses()).stream().map(a -> "'" + a + "'").toList();
  }

  /** Local mode never assigns any, which does not keep tasks from computing on GPUs. */
  private String shared(PluginContext context) {
    return context.executorID().equals(DRIVER)
        ? ", so tasks share those of the machine (%d)".formatted(provider.deviceCount())
        : "";
  }

  /** Why no tensor can live on this executor's GPUs. */
  private Optional<String> problem(PluginContext context) {
    try {
      List<GpuAddress> addresses = GpuAddress.of(context.resources());
      Optional<String> reason = provider.unavailableReason();
      if (reason.isEmpty()) {
        addresses.forEach(address -> open(address, context));
      }
      return reason;
    } catch (IllegalArgumentException | BackendException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private void open(GpuAddress address, PluginContext context) {
    Optional<Backend> device = devices.apply(address.text());
    if (device.isPresent()) {
      open.add(device.get());
      if (device.get() instanceof GpuDevice gpu) {
        DeviceGauges.register(context.metricRegistry(), address, gpu);
        tellDriver(context, GpuReport.of(context.executorID(), host(context), address, gpu));
        if (leaks != null) {
          leaks.watch(address, gpu);
        }
      }
    }
  }
}
