// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.sql.SparkSession;

/**
 * A master and workers of Spark's standalone mode, each in a process of its own, from the tests'
 * class path. All of them end with this, and their executors with them.
 */
final class StandaloneCluster implements AutoCloseable {
  private static final String SECRET = "a secret of the tests";
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

  private final Path folder;
  private final Path logging;
  private final Path gpus;
  private final List<Process> processes = new ArrayList<>();
  private String url = "";

  private StandaloneCluster(Path folder) throws IOException {
    this.folder = folder;
    // The master says at this level which port it got.
    this.logging =
        Files.writeString(
            folder.resolve("log4j2.properties"),
            """
            rootLogger.level = info
            rootLogger.appenderRef.console.ref = console
            appender.console.type = Console
            appender.console.name = console
            appender.console.layout.type = PatternLayout
            appender.console.layout.pattern = %p %c{1}: %m%n
            """);
    this.gpus =
        Files.writeString(
            folder.resolve("gpus.sh"),
            """
            #!/bin/sh
            n=0
            while ! mkdir "%s/gpu-$n" 2>/dev/null; do n=$((n+1)); done
            echo "{\\"name\\": \\"gpu\\", \\"addresses\\": [\\"$n\\"]}"
            """
                .formatted(folder));
    Files.setPosixFilePermissions(gpus, PosixFilePermissions.fromString("rwx------"));
  }

  /**
   * Starts it; returns when all workers are registered.
   *
   * @param workers with a core each, and a GPU that there is not, with numbers from 0
   * @param folder for logs and the work of executors
   */
  static StandaloneCluster start(int workers, Path folder) throws IOException {
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    StandaloneCluster cluster = new StandaloneCluster(folder);
    try {
      cluster.start(workers);
      return cluster;
    } catch (IOException | RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  private void start(int workers) throws IOException {
    Path log = launch("master", "org.apache.spark.deploy.master.Master", "--port", "0");
    url = await(log, "Starting Spark master at (spark://\\S+)", 1);
    for (int i = 0; i < workers; i++) {
      String work = folder.resolve("work-" + i).toString();
      launch(
          "worker-" + i,
          "org.apache.spark.deploy.worker.Worker",
          "--cores",
          "1",
          "--memory",
          "1g",
          "--work-dir",
          work,
          url);
    }
    await(log, "Registering worker (\\S+)", workers);
  }

  private Path launch(String name, String main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(
        List.of(
            "-Xmx256m",
            "-Dlog4j2.configurationFile=" + logging.toUri(),
            "-Dspark.master.rest.enabled=false", // knows no secret
            "-Dspark.authenticate=true",
            "-Dspark.worker.resource.gpu.amount=1",
            "-Dspark.worker.resource.gpu.discoveryScript=" + gpus,
            "-Dspark.authenticate.secret=" + SECRET,
            "-cp",
            ClusterOfProcesses.classPath(),
            main,
            "--host",
            "127.0.0.1",
            "--webui-port",
            "0"));
    command.addAll(Arrays.asList(arguments));
    Path log = folder.resolve(name + ".log");
    processes.add(
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start());
    return log;
  }

  /** What the log says at the n-th place that matches. */
  private static String await(Path log, String pattern, int n) throws IOException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (System.nanoTime() < deadline) {
      Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(log));
      String found = "";
      int count = 0;
      while (count < n && matcher.find()) {
        found = matcher.group(1);
        count++;
      }
      if (count == n) {
        return found;
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    throw new IOException("not in the log: " + pattern + "\n" + Files.readString(log));
  }

  /** A session on all workers. */
  SparkSession session() {
    ClusterOfThreads.forgetSparksOwnTests();
    // Where a local session of this JVM made a secret, the user holds it, and Spark asks there
    // first.
    UserGroupInformation.reset();
    return SparkSession.builder()
        .master(url)
        .appName("spark-estimator standalone tests")
        .config("spark.ui.enabled", "false")
        .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s")
        .config("spark.executor.extraClassPath", ClusterOfProcesses.classPath())
        .config("spark.executor.memory", "768m")
        .config("spark.executor.resource.gpu.amount", "1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.authenticate", "true")
        .config("spark.authenticate.secret", SECRET)
        .config("spark.network.crypto.enabled", "true")
        .getOrCreate();
  }

  /** All processes there are now: master, workers and executors. */
  List<ProcessHandle> processes() {
    List<ProcessHandle> all = new ArrayList<>();
    for (Process process : processes) {
      all.add(process.toHandle());
      process.descendants().forEach(all::add);
    }
    return all;
  }

  @Override
  public void close() {
    List<ProcessHandle> all = processes();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(process -> process.onExit().orTimeout(60, TimeUnit.SECONDS).join());
  }
}
