// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.data.ClassificationRows;
import io.sparkgrad.spark.data.FeatureReader;
import io.sparkgrad.spark.data.InputColumns;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.param.ParamText;
import io.sparkgrad.spark.param.TrainingParamSet;
import io.sparkgrad.spark.param.TrainingParams;
import io.sparkgrad.spark.persist.BinaryFiles;
import io.sparkgrad.spark.persist.StageFiles;
import io.sparkgrad.spark.train.BarrierTrainer;
import io.sparkgrad.spark.train.NetworkFactory;
import io.sparkgrad.spark.train.NetworkSettings;
import io.sparkgrad.spark.train.Objective;
import io.sparkgrad.spark.train.OptimizerSettings;
import io.sparkgrad.spark.train.OptimizerSettings.Averages;
import io.sparkgrad.spark.train.ScheduleSettings;
import io.sparkgrad.spark.train.TrainingPlan;
import io.sparkgrad.spark.train.ValidationSettings;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a network to tell classes apart, by cross-entropy, with synchronous gradient averaging
 * over {@code numWorkers} tasks that run at once. The gradient of each step is the weighted mean
 * over the rows of all workers. {@code frozenLayers} names what stays as it is.
 *
 * <pre>{@code
 * AutogradClassificationModel model =
 *     new AutogradClassifier()
 *         .setNetwork(MobileNetV4.convSmall050(10))
 *         .setInputShape(1, 112, 112)
 *         .setInitialWeights("detypify_mnv4_backbone336.safetensors")
 *         .setFrozenLayers("conv_stem", "blocks")
 *         .setNumWorkers(2)
 *         .fit(images);
 * }</pre>
 */
public final class AutogradClassifier extends Estimator<AutogradClassificationModel>
    implements TrainingParams<AutogradClassifier>, DefaultParamsWritable {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(AutogradClassifier.class);

  private final String uid;
  private final TrainingParamSet params;

  public AutogradClassifier() {
    this(Identifiable$.MODULE$.randomUID("autogradClassifier"));
  }

  public AutogradClassifier(String uid) {
    this.uid = uid;
    this.params = new TrainingParamSet(this);
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public TrainingParamSet declared() {
    return params;
  }

  @Override
  public String explainParam(Param<?> param) {
    return ParamText.explain(this, param);
  }

  /**
   * Trains and returns the model.
   *
   * @throws InputException if the columns, the rows or the settings do not fit; the message is one
   *     sentence
   * @throws io.sparkgrad.spark.train.TrainingException if training itself fails
   */
  @Override
  public AutogradClassificationModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    SparkSession spark = dataset.sparkSession();
    String architecture = requiredNetwork();
    Module network = NetworkFactory.initialised(architecture, getSeed());
    if (isDefined(initialWeights())) {
      String path = getInitialWeights();
      NetworkFactory.loadPretrained(network, BinaryFiles.read(spark, path, "initialWeights"), path);
    }
    List<String> frozen = NetworkFactory.freeze(network, List.of(getFrozenLayers()));
    List<Long> shape = rowShape(dataset);
    int classes = NetworkFactory.outputs(network, shape);
    TrainingPlan plan = plan(architecture, shape);
    LOG.info("{}: {}", uid, NetworkFactory.describe(network, frozen));

    JavaRDD<byte[]> rows =
        ClassificationRows.deal(
            InputColumns.select(dataset, getFeaturesCol(), getLabelCol(), weightColumn()),
            new FeatureReader(getFeaturesCol(), plan.network().rowLength()),
            getLabelCol(),
            weightColumn(),
            classes,
            getNumWorkers());
    byte[] weights = BarrierTrainer.train(spark, plan, network, rows);

    AutogradClassificationModel model = new AutogradClassificationModel(uid, weights);
    copyValues(model, ParamMap.empty());
    model.set(model.inputShape(), shape.stream().mapToInt(Math::toIntExact).toArray());
    return model.setParent(this);
  }

  private TrainingPlan plan(String architecture, List<Long> shape) {
    return new TrainingPlan(
        new NetworkSettings(architecture, shape).withFrozenLayers(List.of(getFrozenLayers())),
        Objective.of("crossEntropy"),
        OptimizerSettings.of(getOptimizer(), getLearningRate())
            .withWeightDecay(getWeightDecay())
            .withAverages(Averages.DEFAULT.withMomentum(getMomentum())),
        ScheduleSettings.NONE,
        ValidationSettings.NONE,
        new TrainingPlan.Passes(getBatchSize(), getMaxIter(), getShuffle(), getSeed()),
        getCommunicationTimeout() * 1000L);
  }

  private String requiredNetwork() {
    if (!isDefined(network())) {
      throw new InputException("network: not set; give setNetwork an architecture or a Module.");
    }
    return getNetwork();
  }

  private String weightColumn() {
    return isDefined(weightCol()) ? getWeightCol() : "";
  }

  /** The inputShape, or a vector as long as the first row's features. */
  private List<Long> rowShape(Dataset<?> dataset) {
    if (isDefined(inputShape())) {
      return Arrays.stream(getInputShape()).mapToObj(Long::valueOf).toList();
    }
    return List.of(InputColumns.featureLength(dataset, getFeaturesCol()));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    InputColumns.checkFeatures(schema, getFeaturesCol());
    InputColumns.checkNumeric(schema, "labelCol", getLabelCol());
    if (!weightColumn().isEmpty()) {
      InputColumns.checkNumeric(schema, "weightCol", weightColumn());
    }
    return InputColumns.append(schema, AutogradClassificationModel.outputs(this));
  }

  @Override
  public AutogradClassifier copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  public static MLReader<AutogradClassifier> read() {
    return StageFiles.paramsReader();
  }

  public static AutogradClassifier load(String path) {
    return read().load(path);
  }
}
