// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.spark.allreduce.DivertedRendezvous;
import io.sparkgrad.spark.allreduce.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A network between two executors, in processes of their own, that does not do its duty. */
@Tag("cluster")
class ClusterProxyTest {
  /** In one direction: more than connecting takes, less than the fit sends. */
  private static final int BYTES = 10_007;

  private static SparkSession spark;
  private static DivertedRendezvous rendezvous;
  private static Dataset<Row> data;
  private static Map<String, String> undisturbed;

  private final List<TcpProxy> proxies = new CopyOnWriteArrayList<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final SparkListener listener =
      new SparkListener() {
        @Override
        public void onTaskEnd(SparkListenerTaskEnd end) {
          if (end.reason() instanceof ExceptionFailure failure) {
            failures.add(failure.description());
          }
        }
      };

  @BeforeAll
  static void start() throws Exception {
    spark = ClusterOfProcesses.session(2);
    rendezvous = DivertedRendezvous.install(spark.sparkContext());
    data = Toys.triangle(spark, 101, 1);
    undisturbed = Toys.weights(classifier().fit(data));
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @AfterEach
  void closeProxies() throws IOException {
    rendezvous.divert(address -> address);
    spark.sparkContext().removeSparkListener(listener);
    for (TcpProxy proxy : proxies) {
      proxy.close();
    }
  }

  private static AutogradClassifier classifier() {
    return Toys.classifier()
        .setNumWorkers(2)
        .setBatchSize(8)
        .setMaxIter(8)
        .setCommunicationTimeout(30);
  }

  /** Fits, with a fault in the first attempt. */
  private Map<String, String> fitWith(TcpProxy.Fault fault, AutogradClassifier classifier) {
    rendezvous.divert(
        address -> {
          if (!proxies.isEmpty()) {
            return address; // the retry has a network that works
          }
          int colon = address.lastIndexOf(':');
          try {
            TcpProxy proxy =
                new TcpProxy(Integer.parseInt(address.substring(colon + 1)), fault, BYTES);
            proxies.add(proxy);
            return address.substring(0, colon + 1) + proxy.port();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    spark.sparkContext().addSparkListener(listener);
    Map<String, String> weights = Toys.weights(classifier.fit(data));
    assertTrue(proxies.get(0).recorded().length > BYTES, "the proxy was not used");
    return weights;
  }

  @ParameterizedTest
  @CsvSource({
    "CUT, 30, closed the connection",
    "LOSS, 5, sent what is no frame|nothing came for 5.0 s",
    "SILENCE, 5, nothing came for 5.0 s .communicationTimeout"
  })
  @DisplayName(
      "a connection that is cut, loses bytes or is silent fails the attempt, and costs no bit")
  void fails(TcpProxy.Fault fault, int timeout, String cause) {
    assertEquals(undisturbed, fitWith(fault, classifier().setCommunicationTimeout(timeout)));
    assertTrue(!failures.isEmpty(), "the attempt did not fail");
    String first = failures.get(0);
    assertTrue(
        first.matches(
            "rank (\\d) \\(host \\S+, partition \\1, attempt 0\\) failed in step \\d of epoch \\d:"
                + " rank \\1 (waits for|sends to) rank \\d \\(\\S+:\\d+\\) in attempt 0: .*"),
        first);
    assertTrue(
        failures.stream().anyMatch(Pattern.compile(cause).asPredicate()), failures::toString);
  }

  @Test
  @DisplayName("a connection that is slow, but not as slow as the deadline, costs time only")
  void slow() {
    assertEquals(undisturbed, fitWith(TcpProxy.Fault.DELAY, classifier()));
    assertEquals(List.of(), failures);
  }
}
