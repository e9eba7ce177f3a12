// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.spark.ClusterOfThreads;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import scala.Function1;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** Ranks that come late. */
class BarrierRendezvousTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = ClusterOfThreads.session(Map.of("spark.barrier.sync.timeout", "10s"));
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Rank 1 takes its time over its rows; the ranks' own deadline is two seconds. */
  private record LateRank(UUID fit, long millis)
      implements Function1<Iterator<Integer>, Iterator<Integer>>, Serializable {
    @Override
    public Iterator<Integer> apply(Iterator<Integer> rows) {
      BarrierTaskContext context = BarrierTaskContext.get();
      if (context.partitionId() == 1) {
        pause(millis);
      }
      try (Communicator c = BarrierRendezvous.join(context, fit, Duration.ofSeconds(2))) {
        double[] ranks = {1};
        c.allReduceSum(ranks);
        return CollectionConverters.asScala(List.of((int) ranks[0]).iterator());
      }
    }

    private static void pause(long millis) {
      try {
        Thread.sleep(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static List<Integer> join(long millis) {
    ClassTag<Integer> numbers = ClassTag$.MODULE$.apply(Integer.class);
    JavaRDD<Integer> rows =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(List.of(1, 2), 2);
    return new JavaRDD<>(
            rows.rdd()
                .barrier()
                .mapPartitions(new LateRank(UUID.randomUUID(), millis), false, numbers),
            numbers)
        .collect();
  }

  @Test
  @DisplayName("a rank may load its rows for longer than ranks wait for each other")
  void late() {
    assertEquals(List.of(2, 2), join(3_500));
  }

  @Test
  @DisplayName("a rank that never comes is waited for as long as Spark waits at a barrier")
  void never() throws Exception {
    Exception e = assertThrows(Exception.class, () -> join(16_000));
    assertTrue(
        e.getMessage()
            .contains(
                "in attempt 0 for the other ranks to load their rows and come to the rendezvous;"
                    + " raise spark.barrier.sync.timeout if they need longer: "),
        e.getMessage());
    assertTrue(
        e.getMessage().contains("CommunicationException: rank 0 (127.0.0.1:"), e.getMessage());
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("sparkgrad")) {
        thread.join(60_000);
        assertTrue(!thread.isAlive(), () -> thread.getName() + " goes on");
      }
    }
  }
}
