// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.allreduce.LinksInMemory;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.summary.ConfusionMatrix;
import io.sparkgrad.spark.summary.EpochSummary;
import io.sparkgrad.spark.summary.Evaluation;
import io.sparkgrad.spark.summary.TrainingSummary;
import io.sparkgrad.spark.train.Workers.Trained;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What rows that are not trained on decide, over ranks that are threads. */
class ValidationTest {
  /** At this rate the loss on labels that nothing tells of soon rises. */
  private static TrainingPlan plan(ValidationSettings validation, int epochs, int batchSize) {
    TrainingPlan plan = Workers.with(Workers.plan(batchSize), OptimizerSettings.of("adam", 0.05));
    return Workers.with(plan, validation, epochs);
  }

  private static Trained train(TrainingPlan plan, Communicator c) {
    return Workers.train(plan, c, Workers.share(c, 0, 23), Workers.share(c, 23, 40));
  }

  private static List<Trained> train(TrainingPlan plan, int worldSize) throws Exception {
    return LinksInMemory.run(worldSize, c -> train(plan, c)).results();
  }

  private static Evaluation validation(EpochSummary epoch) {
    Evaluation validation = epoch.validation();
    assertNotNull(validation);
    return validation;
  }

  @Test
  @DisplayName("validation loss and metrics are those of all workers' rows")
  void overAllWorkers() throws Exception {
    TrainingSummary one = train(plan(ValidationSettings.NONE, 4, 12), 1).get(0).summary();
    TrainingSummary two = train(plan(ValidationSettings.NONE, 4, 6), 2).get(1).summary();
    for (int i = 0; i < 4; i++) {
      Evaluation expected = validation(one.epochs().get(i));
      Evaluation actual = validation(two.epochs().get(i));
      assertEquals(17, actual.rows());
      assertEquals(expected.loss(), actual.loss(), 1e-5);
      assertEquals(expected.metrics().get("accuracy"), actual.metrics().get("accuracy"), 1e-9);
      assertEquals(
          one.epochs().get(i).training().loss(), two.epochs().get(i).training().loss(), 1e-5);
    }
    assertEquals(4, two.totalIterations());
    assertNull(two.earlyStop());
  }

  @Test
  @DisplayName("all ranks stop together when the validation loss has not become lower")
  void stops() throws Exception {
    TrainingPlan plan = plan(new ValidationSettings(3, 0, false), 200, 6);
    List<Trained> ranks = train(plan, 2);
    TrainingSummary summary = ranks.get(0).summary();
    int best = summary.bestEpoch();
    assertEquals(best + 3, summary.totalIterations());
    assertTrue(summary.stoppedEarly());
    assertEquals(best, ranks.get(1).summary().bestEpoch());
    assertEquals(summary.totalIterations(), ranks.get(1).summary().totalIterations());
  }

  @Test
  @DisplayName("restoreBest gives the weights and the confusion matrix of the best epoch")
  void restores() throws Exception {
    Trained restored = train(plan(new ValidationSettings(3, 0, true), 200, 12), 1).get(0);
    int best = restored.summary().bestEpoch();
    Trained stopped = train(plan(ValidationSettings.NONE, best, 12), 1).get(0);
    for (int i = 0; i < stopped.parameters().size(); i++) {
      assertArrayEquals(stopped.parameters().get(i), restored.parameters().get(i));
    }
    assertEquals(stopped.summary().confusion(), restored.summary().confusion());
  }

  @Test
  @DisplayName("without validation rows there is nothing to stop by, and that is said")
  void noValidationRows() {
    InputException patience =
        assertThrows(
            InputException.class,
            () ->
                LinksInMemory.run(
                    2, c -> Workers.train(plan(new ValidationSettings(3, 0, false), 9, 6), c)));
    assertEquals(
        "patience: there are no validation rows to decide by; set validationFraction or validationIndicatorCol, or patience=0.",
        patience.getMessage());
  }

  @Test
  @DisplayName("an epoch's summary says rows, metrics, rate, times and bytes")
  void summary() throws Exception {
    TrainingSummary summary = train(plan(ValidationSettings.NONE, 2, 6), 2).get(0).summary();
    EpochSummary epoch = summary.epochs().get(1);
    assertEquals(2, epoch.epoch());
    assertEquals(23, epoch.training().rows());
    assertEquals(0.05, epoch.learningRate());
    assertTrue(epoch.bytesSent() > 0);
    EpochSummary.Time time = epoch.time();
    assertEquals(time.total(), time.computing() + time.waiting() + time.communicating(), 1e-9);
    assertTrue(time.communicating() > 0 && time.computing() > 0 && time.waiting() > 0);
    ConfusionMatrix confusion = summary.confusion();
    assertNotNull(confusion);
    assertEquals(validation(epoch).metrics().get("accuracy"), confusion.accuracy(), 1e-12);
    assertEquals(51, summary.fit().trainedParameters());
    assertEquals(2, summary.fit().workers());
  }
}
