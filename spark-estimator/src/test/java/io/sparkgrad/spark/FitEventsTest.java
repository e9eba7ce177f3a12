// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.progress.EpochCompleted;
import io.sparkgrad.spark.progress.FitEnded;
import io.sparkgrad.spark.progress.FitStarted;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.ReplayListenerBus;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events of fits, as a user's listener gets them and as the event log keeps them. */
class FitEventsTest {
  private static final class Recorder extends SparkListener {
    final List<SparkListenerEvent> events = new CopyOnWriteArrayList<>();

    @Override
    public void onOtherEvent(SparkListenerEvent event) {
      if (event.getClass().getName().startsWith("io.sparkgrad.")) {
        events.add(event);
      }
    }
  }

  @Test
  void listenersAndTheEventLogGetTheEventsOfAFit(@TempDir Path log) throws Exception {
    Recorder listener = new Recorder();
    AutogradClassifier classifier = Toys.classifier().setMaxIter(3).setNumWorkers(2);
    AutogradClassificationModel model;
    SparkContext context;
    try (SparkSession spark = session(log)) {
      context = spark.sparkContext();
      context.addSparkListener(listener);
      model = classifier.fit(Toys.triangle(spark, 30, 1));
      assertThrows(
          InputException.class,
          () -> classifier.fit(Toys.triangle(spark, 3, 1).withColumn("label", functions.lit(7))));
    }
    List<SparkListenerEvent> events = listener.events; // all are there once the context has stopped
    FitStarted started = (FitStarted) events.get(0);
    assertEquals("AutogradClassifier", started.stage());
    assertEquals(classifier.uid(), started.uid());
    assertEquals(2, started.workers());
    assertEquals(3, started.epochs());
    assertEquals(
        model.summary().epochs(),
        events.subList(1, 4).stream().map(e -> ((EpochCompleted) e).summary()).toList());
    assertEquals("adam", model.summary().fit().settings().get("optimizer"));
    FitEnded ended = (FitEnded) events.get(4);
    assertEquals(
        new FitEnded(started.fit(), started.stage(), started.uid(), null, ended.time()), ended);
    FitEnded failed = (FitEnded) events.get(6);
    assertEquals(
        "Labels MUST be in [0, 3), but column label holds 7.0 in row 0 of partition 0.",
        failed.failure());
    assertEquals(7, events.size());
    assertEquals(events, replayed(log.resolve(context.applicationId())));
  }

  private static SparkSession session(Path log) {
    return SparkSession.builder()
        .master("local[2]")
        .appName("spark-estimator event log tests")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.eventLog.enabled", "true")
        .config("spark.eventLog.dir", log.toUri().toString())
        .config("spark.eventLog.rolling.enabled", "false")
        .config("spark.eventLog.compress", "false")
        .getOrCreate();
  }

  /** As the history server reads it. */
  private static List<SparkListenerEvent> replayed(Path log) throws Exception {
    Recorder listener = new Recorder();
    ReplayListenerBus bus = new ReplayListenerBus();
    bus.addListener(listener);
    try (InputStream in = Files.newInputStream(log)) {
      bus.replay(in, log.toString(), false, ReplayListenerBus.SELECT_ALL_FILTER());
    }
    return listener.events;
  }
}
