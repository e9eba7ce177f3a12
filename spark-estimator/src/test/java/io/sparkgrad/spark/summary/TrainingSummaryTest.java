// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TrainingSummaryTest {
  @Test
  void jsonRoundTrip() {
    TrainingSummary summary = Summaries.training(3, 10);
    String json = summary.toJson();
    assertEquals(1, json.lines().count());
    TrainingSummary read = TrainingSummary.fromJson(json);
    assertEquals(summary, read);
    assertEquals(json, read.toJson());
    assertEquals(
        new ArrayList<>(summary.fit().settings().keySet()),
        new ArrayList<>(read.fit().settings().keySet()));
  }

  @Test
  void jsonRoundTripOfWhatIsMissingOrNotFinite() {
    EpochSummary epoch =
        new EpochSummary(
            1,
            1,
            new Evaluation(5, Double.POSITIVE_INFINITY, Map.of()),
            null,
            Double.NaN,
            new EpochSummary.Time(0, 0, 0, 0),
            0);
    TrainingSummary summary =
        new TrainingSummary(
            List.of(epoch),
            1,
            "no \"luck\"\n",
            null,
            new TrainingSummary.Fit(1, 1, 0, 0, Map.of()));
    assertEquals(summary, TrainingSummary.fromJson(summary.toJson()));
    assertEquals(epoch, EpochSummary.fromJson(epoch.toJson()));
    assertFalse(epoch.toJson().contains("validation"), epoch.toJson());
  }

  @Test
  @DisplayName("the JSON's version and names are a format that later versions go on reading")
  void format() {
    TrainingSummary read =
        TrainingSummary.fromJson(
            """
            {"version":2,"epochs":[{"epoch":1,"epochs":5,\
            "training":{"rows":10,"loss":0.5,"metrics":{"accuracy":0.25}},\
            "validation":{"rows":4,"loss":0.75,"metrics":{"accuracy":0.5}},"learningRate":0.01,\
            "time":{"total":4.0,"computing":2.0,"waiting":1.0,"communicating":0.5},"bytesSent":7}],\
            "bestEpoch":1,"earlyStop":"because","confusion":\
            {"classes":2,"actual":[0,1],"predicted":[0,0],"weights":[1.0,3.0]},\
            "fit":{"workers":2,"trainedParameters":3,"frozenParameters":4,"seconds":5.0,\
            "settings":{"seed":"7"}}}""");
    EpochSummary epoch =
        new EpochSummary(
            1,
            5,
            new Evaluation(10, 0.5, Map.of("accuracy", 0.25)),
            new Evaluation(4, 0.75, Map.of("accuracy", 0.5)),
            0.01,
            new EpochSummary.Time(4, 2, 1, 0.5),
            7);
    TrainingSummary expected =
        new TrainingSummary(
            List.of(epoch),
            1,
            "because",
            new ConfusionMatrix(2, new double[] {1, 0, 3, 0}),
            new TrainingSummary.Fit(2, 3, 4, 5, Map.of("seed", "7")));
    assertEquals(expected, read);
  }

  @Test
  void unknownFieldsArePassedOver() {
    String json = Summaries.training(1, 2).toJson();
    String later =
        json.replaceFirst("\\{", "{\"tomorrow\":{\"a\":[1]},")
            .replace("\"rows\":100", "\"rows\":100,\"tomorrow\":1");
    assertEquals(Summaries.training(1, 2), TrainingSummary.fromJson(later));
  }

  @Test
  @DisplayName("the lines of version 1, one an epoch, are still read")
  void linesOfVersion1() {
    TrainingSummary summary =
        TrainingSummary.fromJson(
            """
            {"epoch":1,"epochs":2,"loss":1.5,"accuracy":0.5,"rows":120,"seconds":0.25}
            {"epoch":2,"epochs":2,"loss":0.5,"accuracy":0.75,"rows":120,"seconds":0.5}
            """);
    assertArrayEquals(new double[] {1.5, 0.5}, summary.objectiveHistory());
    assertEquals(2, summary.totalIterations());
    assertEquals(120, summary.trainingRows());
    assertEquals(0, summary.validationRows());
    assertEquals(0.75, summary.last().training().metrics().get("accuracy"));
    assertEquals(0.75, summary.fit().seconds());
    assertNull(summary.confusion());
  }

  @Test
  void whatIsNoSummaryIsSaidInASentence() {
    assertMessage("training summary: not a JSON object: ''", "");
    assertMessage("training summary: not JSON: {", "{");
    assertMessage(
        "training summary: of version 3, expected at most 2; read it with a later Sparkgrad",
        "{\"version\":3}");
    assertMessage("training summary: expected at least one epoch, got none", noEpochs());
  }

  private static String noEpochs() {
    return "{\"version\":2,\"epochs\":[],\"bestEpoch\":1,\"fit\":{\"settings\":{}}}";
  }

  private static void assertMessage(String expected, String json) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> TrainingSummary.fromJson(json));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  @Test
  void theTableSaysEachEpochAndMarksTheBest() {
    List<String> lines = Summaries.training(3, 2).toString().lines().toList();
    assertEquals(
        "epoch    loss  validation loss  accuracy  validation accuracy  learning rate  rows/s"
            + "  seconds  computing  waiting  communicating  sent MB",
        lines.get(0));
    assertEquals(
        "   2*  0.5000           0.5500    0.7500               0.7000        0.00667     200"
            + "     0.50       0.30     0.05           0.15     1.50",
        lines.get(2));
    assertEquals(
        List.of(
            "epochs: 3 of 3",
            "best epoch: 2, validation loss 0.5500  accuracy 0.7000",
            "rows: 100 for training, 20 for validation",
            "parameters: 1,210 trained, 34,000 frozen",
            "time: 1.5 s on 2 workers"),
        lines.subList(4, 9));
  }

  @Test
  void theTableOfManyEpochsLeavesOutTheMiddleButNotTheBest() {
    List<String> epochs =
        Summaries.training(1000, 2).toString().lines().filter(l -> l.contains("0.50 ")).toList();
    assertEquals(10 + 1 + 10, epochs.size());
    assertTrue(epochs.get(10).stripLeading().startsWith("666*"), epochs.get(10));
  }

  @Test
  void whatAnOldSummaryDoesNotKnowHasNoColumn() {
    String table =
        TrainingSummary.fromJson(
                "{\"epoch\":1,\"epochs\":1,\"loss\":1.5,\"accuracy\":0.5,\"rows\":12,\"seconds\":2}")
            .toString();
    assertEquals(
        """
        epoch    loss  accuracy  rows/s  seconds
           1*  1.5000    0.5000       6     2.00
        epochs: 1 of 1
        best epoch: 1, loss 1.5000  accuracy 0.5000
        rows: 12 for training
        time: 2.0 s
        """,
        table);
  }

  @Test
  void anEpochIsOneLine() {
    assertEquals(
        "epoch 2/3  loss 0.5000  accuracy 0.7500  validation loss 0.5500  accuracy 0.7000  200 rows/s",
        Summaries.epoch(2, 3).toString());
  }
}
