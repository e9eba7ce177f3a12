// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import org.apache.spark.sql.SparkSession;

/** One local session for the suites of this module; four task slots, no UI. */
public final class ClusterOfThreads {
  private ClusterOfThreads() {}

  public static SparkSession session() {
    forgetSparksOwnTests();
    return SparkSession.builder()
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
