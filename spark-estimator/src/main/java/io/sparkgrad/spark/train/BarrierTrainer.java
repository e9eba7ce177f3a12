// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.io.Safetensors;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.allreduce.ProgressServer;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.summary.TrainingSummary;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** The driver's side of training: one barrier stage, whose tasks all run at once. */
public final class BarrierTrainer {
  /** One line per epoch goes to this logger at INFO. */
  private static final Logger PROGRESS = LoggerFactory.getLogger("io.sparkgrad.spark.Progress");

  private BarrierTrainer() {}

  /**
   * Trains.
   *
   * @param network with the weights to start from
   * @param rows one partition per worker
   * @return the trained weights of the whole network as a safetensors file, whose metadata hold the
   *     history
   * @throws InputException if there are no rows, or one cannot be used
   * @throws TrainingException if training fails
   */
  public static byte[] train(
      SparkSession spark, TrainingPlan plan, Module network, JavaRDD<byte[]> rows) {
    JavaSparkContext sc = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Cluster.requireSlots(sc.sc(), rows.getNumPartitions());
    Broadcast<byte[]> weights = sc.broadcast(NetworkFactory.weights(network, Map.of()));
    UUID fit = UUID.randomUUID();
    try (ProgressServer server =
        ProgressServer.open(fit, json -> PROGRESS.info("{}", EpochMetrics.fromJson(json)))) {
      TrainingTask task = new TrainingTask(plan, weights, fit, server.endpoint());
      return successful(run(rows.rdd(), task));
    } finally {
      weights.destroy();
    }
  }

  private static List<byte[]> run(RDD<byte[]> rows, TrainingTask task) {
    ClassTag<byte[]> bytes = ClassTag$.MODULE$.apply(byte[].class);
    JavaRDD<byte[]> results =
        new JavaRDD<>(rows.barrier().mapPartitions(task, false, bytes), bytes);
    try {
      // The shuffle behind the barrier stage is what lets Spark run that stage again when an
      // executor is lost: a barrier stage that ends a job is aborted instead.
      return results.repartition(1).collect();
    } catch (Exception e) {
      throw FitFailure.of(e);
    }
  }

  private static byte[] successful(List<byte[]> results) {
    List<Map<String, String>> metadata = results.stream().map(BarrierTrainer::metadata).toList();
    for (Map<String, String> m : metadata) {
      if (m.containsKey(TrainingTask.BAD_INPUT)) {
        throw new InputException(m.get(TrainingTask.BAD_INPUT));
      }
    }
    for (Map<String, String> m : metadata) {
      if (m.containsKey(TrainingTask.FAILURE)) {
        throw new TrainingException(m.get(TrainingTask.FAILURE));
      }
    }
    return results.get(0);
  }

  /** The summary in the metadata of what {@link #train} returned. */
  public static TrainingSummary summary(byte[] weights) {
    return TrainingSummary.fromJson(metadata(weights).getOrDefault(TrainingTask.HISTORY, ""));
  }

  private static Map<String, String> metadata(byte[] file) {
    return Safetensors.readMetadata(file, "the result of training");
  }
}
