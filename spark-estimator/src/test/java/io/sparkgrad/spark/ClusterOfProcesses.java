// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** A session whose executors are real processes. SPARK_HOME is set in the module's pom. */
public final class ClusterOfProcesses {
  private ClusterOfProcesses() {}

  /** One core each; the tests' own class path takes the place of a Spark distribution. */
  public static SparkSession session(int executors) throws IOException {
    ClusterOfThreads.forgetSparksOwnTests();
    // The launcher of an executor wants the folder; what would lie in it is on the class path.
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    return SparkSession.builder()
        .master("local-cluster[%d,1,1024]".formatted(executors))
        .appName("spark-estimator cluster tests")
        .config("spark.ui.enabled", "false")
        .config("spark.executor.extraClassPath", classPath())
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.authenticate", "true")
        .config("spark.authenticate.secret", "a secret of the tests")
        .config("spark.network.crypto.enabled", "true")
        .getOrCreate();
  }

  /** The process of some executor, to be ended as a crash would end it. */
  static ProcessHandle executor(SparkSession spark) {
    long pid =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(List.of(0), 1)
            .map(ignored -> ProcessHandle.current().pid())
            .first();
    return ProcessHandle.of(pid).orElseThrow();
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
