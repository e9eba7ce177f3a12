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
 * application ends with a sentence instead of waiting for ever.
 */
final class GpuDriverComponent implements DriverPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(GpuDriverComponent.class);

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
    return Map.of();
  }

  /** An executor says why it ends. */
  @Override
  public Object receive(Object message) {
    LOG.error("{}", message);
    return "";
  }
}
