// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.io.Safetensors;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.allreduce.ProgressServer;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.RowSpec;
import io.sparkgrad.spark.progress.FitProgress;
import io.sparkgrad.spark.summary.TrainingSummary;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.sql.SparkSession;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** The driver's side of training: one barrier stage, whose tasks all run at once. */
public final class BarrierTrainer {
  private BarrierTrainer() {}

  /**
   * What a fit comes to.
   *
   * @param weights of the whole network as a safetensors file
   */
  public record Result(byte[] weights, TrainingSummary summary) {}

  /**
   * Trains.
   *
   * @param stage whose fit it is, for those who are told
   * @param network with the weights to start from
   * @param rows what lies in a row
   * @param dealt the rows, one partition per worker
   * @throws InputException if there are no rows, or one cannot be used
   * @throws TrainingException if training fails
   */
  public static Result train(
      SparkSession spark,
      Identifiable stage,
      TrainingPlan plan,
      Module network,
      RowSpec rows,
      JavaRDD<byte[]> dealt) {
    UUID fit = UUID.randomUUID();
    FitProgress progress =
        FitProgress.started(
            spark.sparkContext(), fit, stage, dealt.getNumPartitions(), plan.passes().epochs());
    try {
      byte[] weights = train(spark.sparkContext(), fit, plan, network, rows, dealt, progress);
      Result result = new Result(weights, summary(weights));
      progress.succeeded(result.summary());
      return result;
    } catch (RuntimeException | Error e) {
      progress.failed(e);
      if (e.getCause() instanceof InterruptedException) {
        Thread.currentThread().interrupt(); // not before: cleaning up waits for Spark
      }
      throw e;
    }
  }

  private static byte[] train(
      SparkContext context,
      UUID fit,
      TrainingPlan plan,
      Module network,
      RowSpec rows,
      JavaRDD<byte[]> dealt,
      FitProgress progress) {
    Broadcast<byte[]> weights =
        JavaSparkContext.fromSparkContext(context)
            .broadcast(NetworkFactory.weights(network, Map.of()));
    try (ProgressServer server = ProgressServer.open(fit, progress::update);
        AbandonedTasks watcher = AbandonedTasks.watch(context, fit)) {
      return successful(
          run(context, fit, dealt, new TrainingTask(plan, rows, weights, fit, server.endpoint())));
    } finally {
      weights.destroy();
    }
  }

  private static List<byte[]> run(
      SparkContext context, UUID fit, JavaRDD<byte[]> rows, TrainingTask task) {
    ClassTag<byte[]> bytes = ClassTag$.MODULE$.apply(byte[].class);
    String tag = "sparkgrad-" + fit;
    context.addJobTag(tag);
    JavaRDD<byte[]> results =
        new JavaRDD<>(rows.rdd().barrier().mapPartitions(task, false, bytes), bytes);
    try {
      // The shuffle behind the barrier stage is what lets Spark run that stage again when an
      // executor is lost: a barrier stage that ends a job is aborted instead.
      return results.repartition(1).collect();
    } catch (Exception e) {
      if (e instanceof InterruptedException) { // of this thread; Spark's job would go on
        context.cancelJobsWithTag(tag, "the thread that called fit was interrupted");
      }
      throw FitFailure.of(e);
    } finally {
      context.removeJobTag(tag);
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

  private static TrainingSummary summary(byte[] weights) {
    return TrainingSummary.fromJson(metadata(weights).getOrDefault(TrainingTask.SUMMARY, ""));
  }

  private static Map<String, String> metadata(byte[] file) {
    return Safetensors.readMetadata(file, "the result of training");
  }
}
