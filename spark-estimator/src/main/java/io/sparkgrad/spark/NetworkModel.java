// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.param.NetworkParams;
import io.sparkgrad.spark.param.ParamText;
import io.sparkgrad.spark.persist.StageFiles;
import io.sparkgrad.spark.persist.StageFiles.Fitted;
import io.sparkgrad.spark.summary.TrainingSummary;
import io.sparkgrad.spark.train.NetworkFactory;
import java.util.List;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.jspecify.annotations.Nullable;

/**
 * What the models have in common: a fitted network. Rows go through it in batches; its weights are
 * broadcast once.
 *
 * @param <M> the model
 */
public abstract sealed class NetworkModel<M extends NetworkModel<M>> extends Model<M>
    implements NetworkParams<M>, MLWritable permits AutogradClassificationModel {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final NetworkParams.Declared networkParams;
  private final Fitted fitted;
  private transient @Nullable Module local;

  NetworkModel(String uid, Fitted fitted) {
    this.uid = uid;
    this.networkParams = new NetworkParams.Declared(this);
    this.fitted = fitted;
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

  Fitted fitted() {
    return fitted;
  }

  /** How training went, epoch by epoch; saved with the model. */
  public TrainingSummary summary() {
    return fitted.summary();
  }

  /** A fresh copy of the network, in eval mode, with what was frozen in training still frozen. */
  public Module module() {
    Module network = NetworkFactory.restored(getNetwork(), fitted.weights());
    network.freeze(List.of(getFrozenLayers()));
    network.eval();
    return network;
  }

  /** The names of the parameters that training left as they were. */
  public List<String> frozenParameters() {
    return local().freeze(List.of(getFrozenLayers()));
  }

  /** For what the driver itself asks of the network; nobody else gets hold of it. */
  final synchronized Module local() {
    Module network = local;
    if (network == null) {
      network = module();
      local = network;
    }
    return network;
  }

  @Override
  public MLWriter write() {
    return StageFiles.modelWriter(this, getNetwork(), fitted);
  }
}
