// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.internal.config.package$;
import scala.Option;

/** Ranks that are threads of one process and talk over the network. */
final class LinkedRanks {
  static final String HOST = InetAddress.getLoopbackAddress().getHostAddress();
  static final String APPLICATION = "app-1";
  static final UUID FIT = new UUID(4, 2);

  /** Ends a test that would fail, and no rank that is well. */
  static final Duration DEADLINE = Duration.ofSeconds(60);

  private LinkedRanks() {}

  static SparkConf authenticated(String secret) {
    return new SparkConf(false)
        .set("spark.authenticate", "true")
        .set("spark.authenticate.secret", secret);
  }

  static SparkTransport.Site site(SparkConf conf) {
    // Sessions of other suites leave a secret with the user of this process, which Spark would take
    // before the one of the configuration.
    SecurityManager security =
        new SecurityManager(conf, Option.empty(), package$.MODULE$.AUTH_SECRET_FILE()) {
          @Override
          public String getSecretKey(String appId) {
            return conf.get("spark.authenticate.secret", null);
          }
        };
    return new SparkTransport.Site(conf, security, APPLICATION, HOST, HOST);
  }

  static Greeting greeting(int rank, int worldSize) {
    return new Greeting(APPLICATION, FIT, 3, rank, worldSize);
  }

  static SparkLink link(SparkConf conf, int rank, int worldSize, Duration deadline) {
    return new SparkLink(site(conf), greeting(rank, worldSize), deadline);
  }

  static SparkConf[] all(int worldSize, SparkConf conf) {
    SparkConf[] confs = new SparkConf[worldSize];
    java.util.Arrays.fill(confs, conf);
    return confs;
  }

  /** What a rank came to: a result or a failure. */
  record Outcome<T>(T result, Exception failure) {
    String message() {
      return failure == null ? "" : String.valueOf(failure.getMessage());
    }
  }

  /**
   * Connects the ranks and lets each do its work.
   *
   * @param addresses what the ranks are told of each other, from where they are
   */
  static <T> List<Outcome<T>> run(
      SparkConf[] confs,
      Duration deadline,
      UnaryOperator<List<String>> addresses,
      LinksInMemory.Rank<T> work)
      throws Exception {
    List<SparkLink> links = new ArrayList<>();
    for (int rank = 0; rank < confs.length; rank++) {
      links.add(link(confs[rank], rank, confs.length, deadline));
    }
    List<String> told = addresses.apply(links.stream().map(SparkLink::address).toList());
    ExecutorService threads = Executors.newFixedThreadPool(confs.length);
    try {
      List<Future<Outcome<T>>> futures = new ArrayList<>();
      for (SparkLink link : links) {
        futures.add(threads.submit(() -> outcome(link, told, work)));
      }
      List<Outcome<T>> outcomes = new ArrayList<>();
      for (Future<Outcome<T>> future : futures) {
        outcomes.add(future.get());
      }
      return outcomes;
    } finally {
      threads.shutdownNow();
    }
  }

  private static <T> Outcome<T> outcome(
      SparkLink link, List<String> addresses, LinksInMemory.Rank<T> work) {
    try (Communicator communicator = new RingCommunicator(link)) {
      link.connect(addresses);
      return new Outcome<>(work.run(communicator), null);
    } catch (Exception e) {
      return new Outcome<>(null, e);
    }
  }

  static <T> List<Outcome<T>> run(int worldSize, SparkConf conf, LinksInMemory.Rank<T> work)
      throws Exception {
    return run(all(worldSize, conf), DEADLINE, a -> a, work);
  }
}
