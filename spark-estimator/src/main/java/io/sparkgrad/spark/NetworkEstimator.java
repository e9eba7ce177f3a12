// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.data.ClassificationRows;
import io.sparkgrad.spark.data.FeatureReader;
import io.sparkgrad.spark.data.InputColumns;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.param.InitialWeightsParams;
import io.sparkgrad.spark.param.NetworkParams;
import io.sparkgrad.spark.param.OptimizerParams;
import io.sparkgrad.spark.param.ParamText;
import io.sparkgrad.spark.param.ScheduleParams;
import io.sparkgrad.spark.param.TrainingParams;
import io.sparkgrad.spark.param.ValidationParams;
import io.sparkgrad.spark.persist.StageFiles;
import io.sparkgrad.spark.summary.TrainingSummary;
import io.sparkgrad.spark.train.BarrierTrainer;
import io.sparkgrad.spark.train.InitialWeights;
import io.sparkgrad.spark.train.NetworkFactory;
import io.sparkgrad.spark.train.Objective;
import io.sparkgrad.spark.train.TrainingPlan;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the estimators have in common: they train a network with synchronous gradient averaging over
 * {@code numWorkers} tasks that run at once. The gradient of each step is the weighted mean over
 * the rows of all workers. {@code frozenLayers} names what stays as it is.
 *
 * @param <E> the estimator
 * @param <M> its model
 */
public abstract sealed class NetworkEstimator<
        E extends NetworkEstimator<E, M>, M extends NetworkModel<M>>
    extends Estimator<M>
    implements TrainingParams<E>,
        InitialWeightsParams<E>,
        OptimizerParams<E>,
        ScheduleParams<E>,
        ValidationParams<E>,
        MLWritable
    permits AutogradClassifier {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(NetworkEstimator.class);

  private final String uid;
  private final NetworkParams.Declared networkParams;
  private final TrainingParams.Declared trainingParams;
  private final InitialWeightsParams.Declared initialWeightsParams;
  private final OptimizerParams.Declared optimizerParams;
  private final ScheduleParams.Declared scheduleParams;
  private final ValidationParams.Declared validationParams;

  /**
   * Declares the common Params.
   *
   * @param losses that the estimator takes, the default first
   */
  NetworkEstimator(String uid, List<String> losses) {
    this.uid = uid;
    this.networkParams = new NetworkParams.Declared(this);
    this.trainingParams = new TrainingParams.Declared(this, losses);
    this.initialWeightsParams = new InitialWeightsParams.Declared(this);
    this.optimizerParams = new OptimizerParams.Declared(this);
    this.scheduleParams = new ScheduleParams.Declared(this);
    this.validationParams = new ValidationParams.Declared(this);
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public NetworkParams.Declared networkParams() {
    return networkParams;
  }

  @Override
  public TrainingParams.Declared trainingParams() {
    return trainingParams;
  }

  @Override
  public InitialWeightsParams.Declared initialWeightsParams() {
    return initialWeightsParams;
  }

  @Override
  public OptimizerParams.Declared optimizerParams() {
    return optimizerParams;
  }

  @Override
  public ScheduleParams.Declared scheduleParams() {
    return scheduleParams;
  }

  @Override
  public ValidationParams.Declared validationParams() {
    return validationParams;
  }

  @Override
  public String explainParam(Param<?> param) {
    return ParamText.explain(this, param);
  }

  /**
   * Starts from the weights of a fitted model, so that a fit with fewer {@code frozenLayers} goes
   * on where that of the model ended. Takes its architecture and shape too, unless they are set
   * here already.
   */
  public E setInitialModel(NetworkModel<?> model) {
    set(initialModel(), model.fitted().weights());
    if (!isSet(network())) {
      setNetwork(model.getNetwork());
    }
    if (!isSet(inputShape()) && !isSet(inputShapes())) {
      if (model.isSet(model.inputShapes())) {
        setInputShapes(model.getInputShapes());
      } else {
        setInputShape(model.getInputShape());
      }
    }
    return self();
  }

  /**
   * Trains and returns the model.
   *
   * @throws InputException if the columns, the rows or the settings do not fit; the message is one
   *     sentence
   * @throws io.sparkgrad.spark.train.TrainingException if training itself fails
   */
  @Override
  public M fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    SparkSession spark = dataset.sparkSession();
    Module network = startingNetwork(spark);
    List<String> frozen = NetworkFactory.freeze(network, List.of(getFrozenLayers()));
    List<Long> shape = rowShape(dataset);
    int outputs = NetworkFactory.outputs(network, shape);
    TrainingPlan plan = Plans.of(this, shape, objective(dataset.schema()));
    LOG.info("{}: {}", uid, NetworkFactory.describe(network, frozen));
    JavaRDD<byte[]> rows =
        ClassificationRows.deal(
            InputColumns.select(dataset, getFeaturesCol(), getLabelCol(), weightColumn()),
            new FeatureReader(getFeaturesCol(), plan.network().rowLength()),
            getLabelCol(),
            weightColumn(),
            outputs,
            getNumWorkers());
    byte[] weights = BarrierTrainer.train(spark, this, plan, network, rows);
    TrainingSummary summary =
        BarrierTrainer.summary(weights).withSettings(ParamText.settings(this));
    M model = model(new StageFiles.Fitted(weights, summary));
    copyValues(model, ParamMap.empty());
    model.set(model.inputShape(), shape.stream().mapToInt(Math::toIntExact).toArray());
    return model.setParent(this);
  }

  /** What the loss is, for labels of the type that the schema gives. */
  abstract Objective objective(StructType schema);

  /** A model with this uid. */
  abstract M model(StageFiles.Fitted fitted);

  /** The network with the weights that training starts from. */
  private Module startingNetwork(SparkSession spark) {
    if (!isDefined(network())) {
      throw new InputException("network: not set; give setNetwork an architecture or a Module.");
    }
    Module network = NetworkFactory.initialised(getNetwork(), getSeed());
    if (isDefined(initialWeights())) {
      initialWeights(getInitialWeights())
          .loadInto(network, StageFiles.weights(spark, getInitialWeights()));
    } else if (isDefined(initialModel())) {
      initialWeights("the initial model").loadInto(network, getInitialModel());
    }
    return network;
  }

  private InitialWeights initialWeights(String source) {
    return new InitialWeights(
        source,
        List.of(getInitialWeightsMapping()),
        List.of(getInitialWeightsIgnore()),
        getInitialWeightsStrict());
  }

  final String weightColumn() {
    return isDefined(weightCol()) ? getWeightCol() : "";
  }

  /** The inputShape, or a vector as long as the first row's features. */
  private List<Long> rowShape(Dataset<?> dataset) {
    if (isDefined(inputShape())) {
      return Arrays.stream(getInputShape()).mapToObj(Long::valueOf).toList();
    }
    return List.of(InputColumns.featureLength(dataset, getFeaturesCol()));
  }

  /** Two Params of which one at most may be set. */
  private void checkExclusive(Param<?> one, Param<?> other) {
    if (isSet(one) && isSet(other)) {
      throw new InputException(
          "%s and %s are both set; clear one of them.".formatted(one.name(), other.name()));
    }
  }

  /** Checks what the schema and the Params alone can tell. */
  final void checkColumns(StructType schema) {
    checkExclusive(featuresCol(), featuresCols());
    checkExclusive(inputShape(), inputShapes());
    checkExclusive(initialWeights(), initialModel());
    checkExclusive(validationIndicatorCol(), validationFraction());
    InputColumns.checkFeatures(schema, getFeaturesCol());
    if (!weightColumn().isEmpty()) {
      InputColumns.checkNumeric(schema, "weightCol", weightColumn());
    }
  }

  @Override
  public MLWriter write() {
    return StageFiles.estimatorWriter(this);
  }
}
