// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import io.sparkgrad.gpu.cuda.DeviceSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.apache.spark.SparkConf;
import org.apache.spark.network.util.JavaUtils;

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

  static final Setting<Boolean> GRAPHS =
      new Setting<>(
          PREFIX + "graphs",
          String.valueOf(DeviceSettings.DEFAULT.graphs()),
          "whether kernels that come again in the same order start together, as CUDA graphs: true"
              + " or false",
          GpuSettings::parseBoolean);

  static final Setting<Boolean> CUBLAS =
      new Setting<>(
          PREFIX + "cublas",
          String.valueOf(DeviceSettings.DEFAULT.cublas()),
          "whether cuBLAS makes large matrix products where it is installed: true or false",
          GpuSettings::parseBoolean);

  static final Setting<Double> MEMORY_FRACTION =
      new Setting<>(
          PREFIX + "memory.fraction",
          String.valueOf(DeviceSettings.DEFAULT.memoryFraction()),
          "the share of a GPU's memory, but for the reserve, that an executor may hold for tensors:"
              + " above 0, at most 1; 0.5 for two executors on one GPU",
          GpuSettings::parseFraction);

  static final Setting<Long> MEMORY_RESERVE =
      new Setting<>(
          PREFIX + "memory.reserve",
          size(DeviceSettings.DEFAULT.memoryReserve()),
          "memory of a GPU that is left to the driver, for code, graphs and copies under way: a"
              + " size such as 640m",
          GpuSettings::parseSize);

  static final Setting<Long> MEMORY_MIN_FREE =
      new Setting<>(
          PREFIX + "memory.minFree",
          size(DeviceSettings.DEFAULT.memoryMinFree()),
          "memory of a GPU that must be free when an executor starts, or the GPU is not usable: a"
              + " size such as 4g",
          GpuSettings::parseSize);

  static final Setting<Boolean> DEBUG_LEAKS =
      new Setting<>(
          PREFIX + "debugLeaks",
          String.valueOf(DeviceSettings.DEFAULT.debugLeaks()),
          "whether executors log device memory that nobody gave back, and where it was asked for,"
              + " after each task and when they end, which costs time: true or false",
          GpuSettings::parseBoolean);

  static final List<Setting<?>> ALL =
      List.of(
          REQUIRED, GRAPHS, CUBLAS, MEMORY_FRACTION, MEMORY_RESERVE, MEMORY_MIN_FREE, DEBUG_LEAKS);

  private GpuSettings() {}

  /**
   * One setting.
   *
   * @param parser throws IllegalArgumentException with "expected X, got Y"
   */
  record Setting<T>(String key, String defaultValue, String doc, Function<String, T> parser) {
    /**
     * The value there.
     *
     * @throws IllegalArgumentException if it is none, in one sentence
     */
    T in(SparkConf conf) {
      try {
        return parser.apply(conf.get(key, defaultValue));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
      }
    }
  }

  /**
   * How an executor uses its GPUs.
   *
   * @throws IllegalArgumentException if a value is none, in one sentence
   */
  static DeviceSettings device(SparkConf conf) {
    return new DeviceSettings(
        GRAPHS.in(conf),
        CUBLAS.in(conf),
        MEMORY_FRACTION.in(conf),
        MEMORY_RESERVE.in(conf),
        MEMORY_MIN_FREE.in(conf),
        DEBUG_LEAKS.in(conf));
  }

  /** Keys that look like settings of the plugin and are none. */
  static List<String> unknownKeys(SparkConf conf) {
    return Arrays.stream(conf.getAllWithPrefix(PREFIX))
        .map(entry -> PREFIX + entry._1())
        .filter(key -> ALL.stream().noneMatch(setting -> setting.key().equals(key)))
        .toList();
  }

  private static boolean parseBoolean(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("expected true or false, got '" + text + "'");
    };
  }

  private static double parseFraction(String text) {
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    if (value > 0 && value <= 1) {
      return value;
    }
    throw new IllegalArgumentException("expected above 0 and at most 1, got '" + text + "'");
  }

  private static long parseSize(String text) {
    try {
      long bytes = JavaUtils.byteStringAsBytes(text);
      if (bytes >= 0) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // what it says of the text is not what users of this setting need
    }
    throw new IllegalArgumentException("expected a size such as 512m or 4g, got '" + text + "'");
  }

  private static String size(long bytes) {
    return JavaUtils.byteStringAsMb(bytes + "b") + "m";
  }
}
