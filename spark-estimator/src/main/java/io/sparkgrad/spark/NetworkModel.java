// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.data.InputColumns;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.device.DeviceSettings;
import io.sparkgrad.spark.inference.NetworkBroadcast;
import io.sparkgrad.spark.inference.Outputs;
import io.sparkgrad.spark.inference.PredictionPlan;
import io.sparkgrad.spark.inference.Predictions;
import io.sparkgrad.spark.inference.SharedNetwork;
import io.sparkgrad.spark.param.NetworkParams;
import io.sparkgrad.spark.param.ParamText;
import io.sparkgrad.spark.persist.StageFiles;
import io.sparkgrad.spark.persist.StageFiles.Fitted;
import io.sparkgrad.spark.summary.TrainingSummary;
import io.sparkgrad.spark.train.NetworkFactory;
import io.sparkgrad.spark.train.NetworkProbe;
import java.util.List;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What the models have in common: a fitted network. Rows go through it in batches; its weights are
 * broadcast once, and each executor has one copy of it.
 *
 * @param <M> the model
 */
public abstract sealed class NetworkModel<M extends NetworkModel<M>> extends Model<M>
    implements NetworkParams<M>, MLWritable
    permits AutogradClassificationModel, AutogradModel, AutogradRegressionModel {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final NetworkParams.Declared networkParams;
  private final Fitted fitted;
  private final NetworkBroadcast shared;
  private transient @Nullable Probed probed;

  NetworkModel(String uid, Fitted fitted) {
    this(
        uid,
        fitted,
        new NetworkBroadcast(new SharedNetwork(fitted.architecture(), fitted.weights())));
  }

  /** A copy; it shares the network, also where that is broadcast already. */
  NetworkModel(NetworkModel<M> source) {
    this(source.uid, source.fitted, source.shared);
  }

  private NetworkModel(String uid, Fitted fitted, NetworkBroadcast shared) {
    this.uid = uid;
    this.networkParams = new NetworkParams.Declared(this);
    this.fitted = fitted;
    this.shared = shared;
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
  public String explainParam(Param<?> param) {
    return ParamText.explain(this, param);
  }

  final Fitted fitted() {
    return fitted;
  }

  /** How training went, epoch by epoch; saved with the model. */
  public TrainingSummary summary() {
    return fitted.summary();
  }

  /** A fresh copy of the network, in eval mode, with what was frozen in training still frozen. */
  public Module module() {
    Module network = NetworkFactory.restored(fitted.architecture(), fitted.weights());
    network.freeze(List.of(getFrozenLayers()));
    network.eval();
    return network;
  }

  /** The names of the parameters that training left as they were. */
  public List<String> frozenParameters() {
    return module().freeze(List.of(getFrozenLayers()));
  }

  /** How many numbers a row's features are, of all inputs together. */
  public int numFeatures() {
    return Math.toIntExact(
        Inputs.shapes(this).stream()
            .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
            .sum());
  }

  /** What the network takes from these columns, and what it puts out. */
  final NetworkProbe probe(StructType schema) {
    return NetworkProbe.of(
        shared.network().module(), schema, Inputs.columns(this), Inputs.shapes(this));
  }

  /**
   * As {@link #probe(StructType)} for numbers, which may be tokens. Kept, as long as the Params
   * stay: each single prediction asks for it.
   */
  final synchronized NetworkProbe probe() {
    List<List<String>> columns = Inputs.columns(this);
    List<List<Long>> shapes = Inputs.shapes(this);
    Probed p = probed;
    if (p == null || !p.columns.equals(columns) || !p.shapes.equals(shapes)) {
      p = new Probed(columns, shapes, probe(numbers(columns)));
      probed = p;
    }
    return p.probe;
  }

  private record Probed(List<List<String>> columns, List<List<Long>> shapes, NetworkProbe probe) {}

  private static StructType numbers(List<List<String>> inputs) {
    StructType schema = new StructType();
    for (List<String> columns : inputs) {
      DataType type =
          columns.size() > 1
              ? DataTypes.IntegerType
              : DataTypes.createArrayType(DataTypes.IntegerType, false);
      for (String column : columns) {
        schema = schema.add(column, type);
      }
    }
    return schema;
  }

  /** The columns that the model appends. */
  abstract Outputs outputs(NetworkProbe probe);

  private PredictionPlan plan(NetworkProbe probe) {
    return new PredictionPlan(
        shared,
        probe.inputs(),
        getInferenceBatchSize(),
        outputs(probe),
        DeviceSettings.of(getDevice(), getOnOutOfMemory(), getPrecision()));
  }

  @Override
  public final Dataset<Row> transform(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    return Predictions.append(dataset, plan(probe(dataset.schema())));
  }

  @Override
  public final StructType transformSchema(StructType schema) {
    return InputColumns.append(schema, outputs(probe(schema)).fields());
  }

  /**
   * What the network puts out for one row.
   *
   * @throws InputException if the network has several inputs
   */
  final float[] output(Vector features) {
    if (isDefined(inputShapes())) {
      throw new InputException(
          "predict: the network has %d inputs, one vector was given; use transform."
              .formatted(getInputShapes().length));
    }
    return Predictions.single(plan(probe()), features);
  }

  @Override
  public final MLWriter write() {
    return StageFiles.modelWriter(this, fitted);
  }
}
