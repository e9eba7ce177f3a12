// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.mllib;

import io.sparkgrad.examples.Version;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How long does it take to reach the accuracy that Spark's own perceptron reaches? Both fit the
 * same cached rows on the same cores, each once before anything is timed. The perceptron's target
 * is the best of some numbers of iterations; ours are then given more and more epochs, each a fit
 * of its own, until one reaches it. These two fits are what is compared, and what is repeated, in
 * turn, in further rounds.
 */
@Command(
    name = "bench-mllib",
    description =
        "Measures the time to an accuracy on Fashion-MNIST against Spark's MultilayerPerceptronClassifier.",
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class BenchMllib implements Callable<Integer> {
  private static final String WORKLOAD = "fashion-mnist-mlp";
  private static final double BAR = 5;
  private static final int CLASSES = 10;
  private static final int HIDDEN = 128;
  private static final int WARM_UP_ROWS = 2_000;
  private static final int WARM_UP_PASSES = 3;

  @Option(
      names = "--data",
      description = "folder of Fashion-MNIST's four files",
      defaultValue = "/usr/share/datasets/fashion-mnist")
  private Path data = Path.of("");

  @Option(
      names = "--cores",
      description = "threads of Spark, and workers of ours",
      defaultValue = "2")
  private int cores;

  @Option(
      names = "--iterations",
      description = "that the perceptron is given; its best accuracy is the target",
      split = ",",
      defaultValue = "20,50,100")
  private List<Integer> iterations = List.of();

  @Option(
      names = "--epochs",
      description = "that ours is given in turn until it reaches the target",
      split = ",",
      defaultValue = "1,2,3,4,5,7,10,15,20,30")
  private List<Integer> epochs = List.of();

  @Option(names = "--batch-size", description = "of ours, per worker", defaultValue = "128")
  private int batchSize;

  @Option(
      names = "--learning-rate",
      description = "of ours, the highest in its cycle",
      defaultValue = "0.01")
  private double learningRate;

  @Option(names = "--seed", description = "of both", defaultValue = "1")
  private long seed;

  @Option(names = "--rounds", description = "turns of the two that count", defaultValue = "1")
  private int rounds;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    FashionMnist images = new FashionMnist(data);
    if (rounds < 1 || cores < 1) {
      throw new IllegalArgumentException(
          "bench-mllib: expected --rounds and --cores of at least 1, got %d and %d"
              .formatted(rounds, cores));
    }
    try (SparkSession spark = session()) {
      Dataset<Row> training = images.training(spark, cores).cache();
      Dataset<Row> test = images.test(spark, cores).cache();
      print("%d training and %d test images, %d cores", training.count(), test.count(), cores);
      return compare(training, test) ? 0 : 1;
    }
  }

  private SparkSession session() {
    return SparkSession.builder()
        .master("local[" + cores + "]")
        .appName("sparkgrad bench-mllib")
        .config("spark.ui.enabled", "false")
        .getOrCreate();
  }

  /** Whether ours reaches the target. */
  private boolean compare(Dataset<Row> training, Dataset<Row> test) {
    int inputs = training.first().<Vector>getAs("features").size();
    Learner peer = new Learner.Mllib(inputs, HIDDEN, CLASSES, seed);
    Learner own =
        new Learner.Sparkgrad(inputs, HIDDEN, CLASSES, seed, cores, batchSize, learningRate);
    Dataset<Row> few = training.limit(WARM_UP_ROWS).repartition(cores).cache();
    List.of(peer, own).forEach(learner -> fit(learner, WARM_UP_PASSES, few, test));
    few.unpersist();

    List<Trial> peers = new ArrayList<>();
    iterations.forEach(n -> peers.add(timed(peer, n, training, test)));
    Trial target = peers.stream().max(Comparator.comparing(Trial::accuracy)).orElseThrow();
    Trial reached = null;
    for (int i = 0; i < epochs.size() && reached == null; i++) {
      Trial trial = timed(own, epochs.get(i), training, test);
      reached = trial.accuracy() >= target.accuracy() ? trial : null;
    }
    if (reached == null) {
      print("miss workload=%s accuracy=%.4f: not reached", WORKLOAD, target.accuracy());
      return false;
    }
    report(target, reached, training, test);
    return true;
  }

  private void report(Trial target, Trial reached, Dataset<Row> training, Dataset<Row> test) {
    List<Trial> theirs = new ArrayList<>(List.of(target));
    List<Trial> ours = new ArrayList<>(List.of(reached));
    for (int round = 1; round < rounds; round++) {
      theirs.add(timed(target.learner(), target.passes(), training, test));
      ours.add(timed(reached.learner(), reached.passes(), training, test));
    }
    for (List<Trial> trials : List.of(theirs, ours)) {
      Trial first = trials.get(0);
      print(
          "time learner=%s %s=%d accuracy=%.4f median=%.2f best=%.2f",
          first.learner().name(),
          first.learner().passes(),
          first.passes(),
          Trial.median(trials, Trial::accuracy),
          Trial.median(trials, Trial::seconds),
          best(trials));
    }
    double value = Trial.median(theirs, Trial::seconds) / Trial.median(ours, Trial::seconds);
    print(
        "ratio workload=%s threads=%d value=%.2f best=%.2f",
        WORKLOAD, cores, value, best(theirs) / best(ours));
    if (value < BAR) {
      print("miss workload=%s threads=%d bar=%.2f value=%.2f", WORKLOAD, cores, BAR, value);
    }
  }

  private static double best(List<Trial> trials) {
    return trials.stream().mapToDouble(Trial::seconds).min().orElseThrow();
  }

  private Trial timed(Learner learner, int passes, Dataset<Row> training, Dataset<Row> test) {
    Trial trial = fit(learner, passes, training, test);
    print("%s", trial);
    return trial;
  }

  private static Trial fit(Learner learner, int passes, Dataset<Row> training, Dataset<Row> test) {
    Estimator<?> estimator = learner.estimator(passes);
    long start = System.nanoTime();
    Transformer model = estimator.fit(training);
    double seconds = (System.nanoTime() - start) * 1e-9;
    double accuracy =
        new MulticlassClassificationEvaluator()
            .setMetricName("accuracy")
            .evaluate(model.transform(test));
    return new Trial(learner, passes, seconds, accuracy);
  }

  private void print(String format, Object... arguments) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, format + "%n", arguments);
    out.flush();
  }
}
