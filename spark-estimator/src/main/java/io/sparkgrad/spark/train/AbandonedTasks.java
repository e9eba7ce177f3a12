// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.StageInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kills what a failed attempt of a fit's barrier stage leaves running. Where a task finds that the
 * rows that were dealt to it are lost with an executor, Spark deals them again but leaves the other
 * tasks of the attempt alone: they would wait for it at the rendezvous, and hold the slots without
 * which the next attempt cannot start, for ever.
 */
final class AbandonedTasks extends SparkListener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AbandonedTasks.class);
  private static final String PROPERTY = "sparkgrad.fit";

  private final SparkContext context;
  private final String fit;

  /** Of the attempts of barrier stages: the tasks that run. */
  private final Map<StageAttempt, Set<Long>> running = new ConcurrentHashMap<>();

  private record StageAttempt(int stage, int number) {}

  private AbandonedTasks(SparkContext context, UUID fit) {
    this.context = context;
    this.fit = fit.toString();
  }

  /** Watches the jobs that this thread starts until it is closed. */
  static AbandonedTasks watch(SparkContext context, UUID fit) {
    AbandonedTasks watcher = new AbandonedTasks(context, fit);
    context.setLocalProperty(PROPERTY, watcher.fit);
    context.addSparkListener(watcher);
    return watcher;
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
    StageInfo stage = submitted.stageInfo();
    Properties job = submitted.properties(); // Spark has jobs of its own without any
    if (job != null
        && fit.equals(job.getProperty(PROPERTY))
        && stage.rddInfos().exists(rdd -> rdd.isBarrier())) {
      running.put(attempt(stage), ConcurrentHashMap.newKeySet());
    }
  }

  private static StageAttempt attempt(StageInfo stage) {
    return new StageAttempt(stage.stageId(), stage.attemptNumber());
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart start) {
    Set<Long> tasks = running.get(new StageAttempt(start.stageId(), start.stageAttemptId()));
    if (tasks != null) {
      tasks.add(start.taskInfo().taskId());
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    Set<Long> tasks = running.get(new StageAttempt(end.stageId(), end.stageAttemptId()));
    if (tasks != null) {
      tasks.remove(end.taskInfo().taskId());
    }
  }

  @Override
  public void onStageCompleted(SparkListenerStageCompleted completed) {
    StageAttempt attempt = attempt(completed.stageInfo());
    Set<Long> left = running.remove(attempt);
    if (left != null && completed.stageInfo().failureReason().isDefined()) {
      for (long task : left) {
        if (context.killTaskAttempt(task, true, "attempt " + attempt.number + " has failed")) {
          LOG.info("killed task {}, which attempt {} left running", task, attempt.number);
        }
      }
    }
  }

  @Override
  public void close() {
    context.removeSparkListener(this);
    context.setLocalProperty(PROPERTY, null);
  }
}
