// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.SparkConf;

/** The plugin's own settings, each declared once, in Spark's configuration. */
final class GpuSettings {
  private static final String PREFIX = "spark.sparkgrad.gpu.";

  static final Setting<GpuRequirement> REQUIRED =
      new Setting<>(
          PREFIX + "required",
          "auto",
          "whether an executor that cannot use CUDA refuses to start: auto (if Spark assigned it a"
              + " GPU), true (always) or false (never, it computes on the CPU)",
          GpuRequirement::parse);

  private static final List<Setting<?>> ALL = List.of(REQUIRED);

  private GpuSettings() {}

  /**
   * One setting.
   *
   * @param parser throws IllegalArgumentException with "expected X, got Y"
   */
  record Setting<T>(String key, String defaultValue, String doc, Function<String, T> parser) {
    T in(SparkConf conf) {
      try {
        return parser.apply(conf.get(key, defaultValue));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
      }
    }

    @Override
    public String toString() {
      return "%s (default %s): %s".formatted(key, defaultValue, doc);
    }
  }

  /** Keys that look like settings of the plugin and are none. */
  static List<String> unknownKeys(SparkConf conf) {
    return Arrays.stream(conf.getAllWithPrefix(PREFIX))
        .map(entry -> PREFIX + entry._1())
        .filter(key -> ALL.stream().noneMatch(setting -> setting.key().equals(key)))
        .toList();
  }

  /** What there is to set, for messages. */
  static String all() {
    return String.join("; ", ALL.stream().map(Setting::toString).toList());
  }
}
