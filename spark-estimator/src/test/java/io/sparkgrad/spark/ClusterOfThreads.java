// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** One local session for the suites of this module; four task slots, no UI. */
public final class ClusterOfThreads {
  private ClusterOfThreads() {}

  public static SparkSession session() {
    return session(Map.of());
  }

  /**
   * The same with more settings.
   *
   * @param settings of Spark
   */
  public static SparkSession session(Map<String, String> settings) {
    forgetSparksOwnTests();
    SparkSession.Builder builder = SparkSession.builder();
    settings.forEach(builder::config);
    return builder
        .master("local[4]")
        .appName("spark-estimator tests")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.authenticate", "true")
        .config("spark.authenticate.secret", "a secret of the tests")
        .getOrCreate();
  }

  /**
   * Spark's own suites, which run in this JVM too, leave word that Spark is being tested; it would
   * look for its sources then, and treat some settings otherwise than for users.
   */
  static void forgetSparksOwnTests() {
    System.clearProperty("spark.testing");
  }
}
