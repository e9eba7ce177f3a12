// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.spark.summary.EpochSummary;
import io.sparkgrad.spark.train.TrainingException;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Rows that are held back, and what they decide; after the tests of Horovod and XGBoost. */
class ValidationRowsTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = ClusterOfThreads.session();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  @DisplayName("XGBoost test_empty_validation_data: patience without validation rows is an error")
  void noValidationRows() {
    Dataset<Row> data = Toys.triangle(spark, 12, 1).withColumn("held", lit(false));
    AutogradClassifier classifier =
        Toys.classifier().setValidationIndicatorCol("held").setPatience(2);
    var e = assertThrows(IllegalArgumentException.class, () -> classifier.fit(data));
    assertTrue(e.getMessage().contains("validation"), e.getMessage());
  }

  @Test
  @DisplayName("XGBoost test_valid_type: the validation column has to be boolean")
  void validationColumnIsBoolean() {
    Dataset<Row> data = Toys.triangle(spark, 12, 1).withColumn("held", lit(1));
    AutogradClassifier classifier = Toys.classifier().setValidationIndicatorCol("held");
    var e = assertThrows(IllegalArgumentException.class, () -> classifier.fit(data));
    assertTrue(
        e.getMessage().contains("held") && e.getMessage().contains("boolean"), e.getMessage());
  }

  @Test
  @DisplayName("Horovod test_train_val_split: rows of the column are validated on, not trained on")
  void validationColumn() {
    Dataset<Row> data = Toys.triangle(spark, 60, 2).withColumn("held", col("weight").equalTo(1.0));
    List<EpochSummary> epochs =
        Toys.classifier()
            .setValidationIndicatorCol("held")
            .setNumWorkers(2)
            .setMaxIter(2)
            .fit(data)
            .summary()
            .epochs();
    assertEquals(45, epochs.get(1).training().rows());
    assertNotNull(epochs.get(1).validation());
    assertEquals(15, epochs.get(1).validation().rows());
  }

  @Test
  @DisplayName("Horovod test_train_val_split_ratio: the split is by seed and does not change")
  void validationFraction() {
    Dataset<Row> data = Toys.triangle(spark, 400, 3);
    AutogradClassifier classifier =
        Toys.classifier().setValidationFraction(0.25).setMaxIter(1).setBatchSize(64);
    EpochSummary first = classifier.fit(data).summary().last();
    assertNotNull(first.validation());
    long held = first.validation().rows();
    assertTrue(held > 60 && held < 140, "about a quarter of 400 rows, got " + held);
    assertEquals(400, held + first.training().rows());
    EpochSummary again = classifier.fit(data).summary().last();
    assertEquals(first.validation(), again.validation());
  }

  @Test
  @DisplayName("a fit by one worker that is cancelled while it validates ends before the pass does")
  void cancelled() throws Exception {
    Dataset<Row> data = Toys.triangle(spark, 400, 1).withColumn("held", col("weight").gt(1.0));
    AutogradClassifier classifier =
        Toys.classifier()
            .setNetwork(new Sequential(new Linear(2, 3), new SlowEvaluation()))
            .setValidationIndicatorCol("held")
            .setBatchSize(1); // 300 batches to validate on: 15 s
    SlowEvaluation.BATCHES.set(0);
    Thread fit =
        new Thread(() -> assertThrows(TrainingException.class, () -> classifier.fit(data)));
    fit.start();
    while (SlowEvaluation.BATCHES.get() == 0) {
      Thread.onSpinWait();
    }
    spark.sparkContext().cancelAllJobs();
    fit.join();
    int seen;
    do { // the task goes on behind the job until it looks
      seen = SlowEvaluation.BATCHES.get();
      Thread.sleep(10 * SlowEvaluation.MILLIS);
    } while (SlowEvaluation.BATCHES.get() > seen);
    assertTrue(seen < 150, seen + " batches");
  }

  @Test
  @DisplayName("SynapseML and Horovod early stopping: patience ends the fit, the best weights stay")
  void earlyStopping() {
    Dataset<Row> data =
        Toys.plane(spark, 60).withColumn("held", org.apache.spark.sql.functions.rand(1).lt(0.3));
    AutogradRegressor wild =
        Toys.regressor()
            .setValidationIndicatorCol("held")
            .setOptimizer("sgd")
            .setLearningRate(0.9)
            .setMaxIter(50)
            .setPatience(3);
    AutogradRegressionModel model = wild.fit(data);
    assertTrue(model.summary().stoppedEarly());
    int epochs = model.summary().totalIterations();
    assertTrue(epochs < 50, "stopped after " + epochs);
    assertEquals(epochs - 3, model.summary().bestEpoch());
    AutogradRegressionModel best = wild.setMaxIter(epochs - 3).setPatience(0).fit(data);
    assertEquals(Toys.weights(best), Toys.weights(model));
  }
}
