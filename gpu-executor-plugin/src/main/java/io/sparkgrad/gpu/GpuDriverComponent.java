// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugin on the driver: checks the configuration before Spark starts its scheduler, so that the
 * application ends with a sentence instead of waiting for ever. Logs one line for each GPU that an
 * executor opens, and warns of those that several executors have.
 */
final class GpuDriverComponent implements DriverPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(GpuDriverComponent.class);

  private ExecutorGpus gpus = new ExecutorGpus(1);

  /**
   * Warns in the log.
   *
   * @throws IllegalArgumentException if a setting is wrong or no job could run
   */
  @Override
  public Map<String, String> init(SparkContext sparkContext, PluginContext context) {
    GpuSettings.ALL.forEach(setting -> setting.in(context.conf()));
    var configuration = new GpuConfiguration(context.conf());
    configuration
        .failure()
        .ifPresent(
            sentence -> {
              throw new IllegalArgumentException(sentence);
            });
    configuration.warnings().forEach(LOG::warn);
    gpus = new ExecutorGpus(GpuSettings.MEMORY_FRACTION.in(context.conf()));
    sparkContext.addSparkListener(gpus);
    return Map.of();
  }

  /** An executor tells of a GPU that it has, or says why it ends. */
  @Override
  public Object receive(Object message) {
    if (message instanceof GpuReport gpu) {
      LOG.info("{}", gpu);
      gpus.add(gpu).ifPresent(LOG::warn);
    } else {
      LOG.error("{}", message);
    }
    return "";
  }
}
