// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.data.DealtRows;
import io.sparkgrad.spark.data.InputColumns;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.InputShapes;
import io.sparkgrad.spark.data.LabelSpec;
import io.sparkgrad.spark.data.RowSpec;
import io.sparkgrad.spark.data.ValidationSplit;
import io.sparkgrad.spark.param.FaultParams;
import io.sparkgrad.spark.param.InitialWeightsParams;
import io.sparkgrad.spark.param.NetworkParams;
import io.sparkgrad.spark.param.OptimizerParams;
import io.sparkgrad.spark.param.ParamText;
import io.sparkgrad.spark.param.ScheduleParams;
import io.sparkgrad.spark.param.TrainingParams;
import io.sparkgrad.spark.param.ValidationParams;
import io.sparkgrad.spark.param.WorkerParams;
import io.sparkgrad.spark.persist.StageFiles;
import io.sparkgrad.spark.summary.TrainingSummary;
import io.sparkgrad.spark.train.BarrierTrainer;
import io.sparkgrad.spark.train.InitialWeights;
import io.sparkgrad.spark.train.NetworkFactory;
import io.sparkgrad.spark.train.NetworkProbe;
import io.sparkgrad.spark.train.Objective;
import io.sparkgrad.spark.train.TrainingPlan;
import io.sparkgrad.spark.train.WorkerStage;
import java.util.List;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
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
        FaultParams<E>,
        WorkerParams<E>,
        MLWritable
    permits AutogradClassifier, AutogradEstimator, AutogradRegressor {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(NetworkEstimator.class);

  private final String uid;
  private final NetworkParams.Declared networkParams;
  private final TrainingParams.Declared trainingParams;
  private final InitialWeightsParams.Declared initialWeightsParams;
  private final OptimizerParams.Declared optimizerParams;
  private final ScheduleParams.Declared scheduleParams;
  private final ValidationParams.Declared validationParams;
  private final FaultParams.Declared faultParams;
  private final WorkerParams.Declared workerParams;

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
    this.faultParams = new FaultParams.Declared(this);
    this.workerParams = new WorkerParams.Declared(this);
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
  public FaultParams.Declared faultParams() {
    return faultParams;
  }

  @Override
  public WorkerParams.Declared workerParams() {
    return workerParams;
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
    WorkerStage workers =
        WorkerStage.plan(spark.sparkContext(), Plans.workers(this), getNumWorkers());
    Module network = startingNetwork(spark);
    List<String> frozen = NetworkFactory.freeze(network, List.of(getFrozenLayers()));
    NetworkProbe probe = probe(network, dataset);
    TrainingPlan plan = Plans.of(this, objective(), CheckpointRecords.of(this, spark, network));
    LOG.info("{}: {}", uid, NetworkFactory.describe(network, frozen));
    RowSpec rows =
        new RowSpec(
            probe.inputs(), labels(dataset.schema(), probe), weightColumn(), validationSplit());
    BarrierTrainer.Result result =
        BarrierTrainer.train(
            spark,
            this,
            plan,
            network,
            rows,
            workers.of(DealtRows.of(dataset, rows, getNumWorkers())));
    TrainingSummary summary = result.summary().withSettings(ParamText.settings(this));
    M model = model(new StageFiles.Fitted(getNetwork(), result.weights(), summary));
    copyValues(model, ParamMap.empty());
    if (!isDefined(inputShapes())) {
      model.set(model.inputShape(), Inputs.sizes(probe.inputs().get(0).shape()));
    }
    return model.setParent(this);
  }

  /** What the network takes from the columns, in the set shapes or in those of the first row. */
  private NetworkProbe probe(Module network, Dataset<?> dataset) {
    List<List<String>> columns = Inputs.columns(this);
    List<List<Long>> shapes = Inputs.shapes(this);
    if (shapes.isEmpty()) {
      shapes = List.of(InputShapes.ofFirstRow(dataset, columns.get(0)));
    }
    return NetworkProbe.of(network, dataset.schema(), columns, shapes);
  }

  private ValidationSplit validationSplit() {
    if (isDefined(validationIndicatorCol()) && !getValidationIndicatorCol().isEmpty()) {
      return ValidationSplit.byColumn(getValidationIndicatorCol());
    }
    return ValidationSplit.byFraction(getValidationFraction(), getSeed());
  }

  /** What the loss is. */
  abstract Objective objective();

  /** Throws unless the label column is there and of a type that can be learned. */
  abstract void checkLabel(StructType schema);

  /** What the label column holds, for a network that puts this out. */
  abstract LabelSpec labels(StructType schema, NetworkProbe probe);

  /** The columns that the model will append; one whose name is empty is left out. */
  abstract List<StructField> outputFields(StructType schema);

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

  private String weightColumn() {
    return isDefined(weightCol()) ? getWeightCol() : "";
  }

  /** Two Params of which one at most may be set. */
  private void checkExclusive(Param<?> one, Param<?> other) {
    if (isSet(one) && isSet(other)) {
      throw new InputException(
          "%s and %s are both set; clear one of them.".formatted(one.name(), other.name()));
    }
  }

  @Override
  public final StructType transformSchema(StructType schema) {
    checkExclusive(featuresCol(), featuresCols());
    checkExclusive(inputShape(), inputShapes());
    checkExclusive(initialWeights(), initialModel());
    checkExclusive(validationIndicatorCol(), validationFraction());
    for (List<String> columns : Inputs.columns(this)) {
      columns.forEach(column -> InputColumns.checkFeatures(schema, column));
    }
    checkLabel(schema);
    RowSpec.check(schema, weightColumn(), validationSplit());
    return InputColumns.append(schema, outputFields(schema));
  }

  @Override
  public MLWriter write() {
    return StageFiles.estimatorWriter(this);
  }
}
