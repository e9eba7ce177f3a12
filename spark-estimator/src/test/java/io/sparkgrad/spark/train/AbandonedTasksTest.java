// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.spark.ClusterOfThreads;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.shuffle.MetadataFetchFailedException;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import scala.Function1;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

class AbandonedTasksTest {
  /** Every slot there is: what an attempt leaves running keeps the next one from starting. */
  private static final int WORKERS = 4;

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = ClusterOfThreads.session();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Waits for the others; in the first attempt, worker 1 finds its rows lost instead. */
  private static final class Rendezvous
      implements Function1<scala.collection.Iterator<Integer>, scala.collection.Iterator<Integer>>,
          java.io.Serializable {
    private static final long serialVersionUID = 1L;
    private final int shuffle;

    Rendezvous(int shuffle) {
      this.shuffle = shuffle;
    }

    @Override
    public scala.collection.Iterator<Integer> apply(scala.collection.Iterator<Integer> rows) {
      BarrierTaskContext context = BarrierTaskContext.get();
      if (context.stageAttemptNumber() == 0 && context.partitionId() == 1) {
        // Spark goes by the exception's having been made in this task, not by its being thrown.
        throw new IllegalStateException(
            new MetadataFetchFailedException(shuffle, 1, "lost with its executor"));
      }
      context.barrier();
      Iterator<Integer> one = List.of(context.stageAttemptNumber()).iterator();
      return CollectionConverters.asScala(one);
    }
  }

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  @DisplayName("a worker that finds its rows lost does not leave the others waiting for ever")
  void fetchFailure() {
    ClassTag<Integer> numbers = ClassTag$.MODULE$.apply(Integer.class);
    JavaRDD<Integer> dealt =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(IntStream.range(0, 8).boxed().toList(), 2)
            .mapToPair(i -> new scala.Tuple2<>(i, i))
            .partitionBy(new org.apache.spark.HashPartitioner(WORKERS))
            .map(scala.Tuple2::_2);
    var pairs = dealt.rdd().dependencies().apply(0).rdd();
    int shuffle = ((ShuffleDependency<?, ?, ?>) pairs.dependencies().apply(0)).shuffleId();
    JavaRDD<Integer> met =
        new JavaRDD<>(
            dealt.rdd().barrier().mapPartitions(new Rendezvous(shuffle), false, numbers), numbers);
    try (AbandonedTasks ignored = AbandonedTasks.watch(spark.sparkContext(), UUID.randomUUID())) {
      assertEquals(List.of(1, 1, 1, 1), met.repartition(1).collect());
    }
  }
}
