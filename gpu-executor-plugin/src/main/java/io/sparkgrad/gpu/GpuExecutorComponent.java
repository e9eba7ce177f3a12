// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import io.sparkgrad.backend.BackendProvider;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.resource.ResourceInformation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugin on one executor (in local mode, inside the driver): says in one line of the log which
 * GPUs Spark assigned and whether the GPU backend is usable. {@link GpuSettings#REQUIRED} says
 * whether an executor without it refuses to start.
 */
final class GpuExecutorComponent implements ExecutorPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(GpuExecutorComponent.class);

  private final BackendProvider provider;

  GpuExecutorComponent(BackendProvider provider) {
    this.provider = provider;
  }

  /**
   * Throws rather than exits: Spark passes the message on to the driver's log.
   *
   * @throws IllegalStateException if this executor must have a usable GPU and has not
   */
  @Override
  public void init(PluginContext context, Map<String, String> fromDriver) {
    String have =
        "executor %s: Spark assigned %s".formatted(context.executorID(), addresses(context));
    Optional<String> problem = problem(context);
    if (problem.isEmpty()) {
      LOG.info("{}, backend {} is usable", have, provider.name());
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

  /** As Spark wrote them, right or wrong. */
  private static String addresses(PluginContext context) {
    ResourceInformation gpus = context.resources().get(GpuAddress.RESOURCE);
    return gpus == null
        ? "no GPU"
        : "GPU " + List.of(gpus.addresses()).stream().map(a -> "'" + a + "'").toList();
  }

  /** Why no tensor can live on this executor's GPUs. */
  private Optional<String> problem(PluginContext context) {
    try {
      GpuAddress.of(context.resources());
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    return provider.unavailableReason();
  }
}
